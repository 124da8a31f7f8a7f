"""A small tenant in a database of its own, for the proofs that send files through the product's own doors."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .measuring import Rows


class _NoMigrations:
    """Tables straight from the models, in a second."""

    def __contains__(self, _app: str) -> bool:
        return True

    def __getitem__(self, _app: str) -> None:
        return None


@contextmanager
def small_tenant(**environment: str) -> Iterator[Any]:
    """(catalogue, people) of the tests' small world, in memory; once in a process.

    `environment` is set before the settings are read.
    """
    with tempfile.TemporaryDirectory(prefix="sawt-prove-") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "cms.settings.test", "SAWT_VAR": folder, **environment}
        for name in ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL"):
            os.environ.pop(name, None)
        import django
        from django.conf import settings

        settings.MIGRATION_MODULES = _NoMigrations()
        # What one machine sends in a proof is no flood.
        settings.SAWT_UPLOADS_PER_HOUR = 10_000
        django.setup()
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        setup_test_environment()
        made = setup_databases(verbosity=0, interactive=False)
        try:
            from tests import factories

            catalogue = factories.small_catalogue()
            yield catalogue, factories.small_staff(catalogue)
        finally:
            teardown_databases(made, verbosity=0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def until(what: Callable[[], bool], purpose: str, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not what():
        if time.monotonic() > ends:
            raise SystemExit(f"script/prove: waited {seconds:.0f} s in vain for {purpose}")
        time.sleep(0.05)


class Table:
    """What was seen beside what must be seen."""

    def __init__(self) -> None:
        self.rows: Rows = []

    def add(self, what: str, seen: str, wanted: str, ok: bool = True) -> None:
        sys.stderr.write(" | ".join([what, seen, wanted, "" if ok else "NO"]) + "\n")
        self.rows.append((what, seen, wanted, ok))

    def same(self, what: str, seen: object, wanted: object) -> None:
        self.add(what, str(seen), str(wanted), seen == wanted)

    def within(self, what: str, seconds: float, most: float) -> None:
        self.add(what, f"{seconds:.2f} s", f"≤ {most:g} s", seconds <= most)


def send(
    client: Any,
    content: bytes,
    name: str,
    *,
    language: str = "en",
    before_last: Callable[[], None] | None = None,
) -> tuple[int, dict[str, Any], str]:
    """A file over the API in parts of 5 MB: (status, the last answer, the upload's address)."""
    header = {"accept-language": language}
    begun = client.post(
        "/api/uploads", {"name": name, "size": len(content)}, content_type="application/json", headers=header
    )
    if begun.status_code != 201:
        return begun.status_code, begun.json(), ""
    there = begun.headers["Location"]
    size = 5 * 1024 * 1024
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    for number, piece in enumerate(pieces, 1):
        if number == len(pieces) and before_last is not None:
            before_last()
        put = client.put(
            f"{there}/parts/{number}", piece, content_type="application/octet-stream", headers=header
        )
        if put.status_code != 200:
            break
    return put.status_code, put.json(), there
