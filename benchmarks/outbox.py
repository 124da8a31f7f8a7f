"""Messages handed to a gateway that answers at once: by a Celery worker on PostgreSQL, and on SQLite."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast
from urllib.parse import urlsplit, urlunsplit

from redis import from_url

from .gateway import ask
from .measuring import PYTHON, ROOT, Rows, Sessions, database, load_average, processor, run, service

MESSAGES = 2_000
# What the embedded server's own worker thread runs, in a process of its own to be measured.
ON_SQLITE = "import django; django.setup(); from cms.outbox.relay import run; run(seconds=600)"
WRITE = f"""
import django
django.setup()
from django.utils import timezone
from cms.outbox.effects import NewEffect, enqueue_many
from cms.outbox.tasks import relay
from cms.reports.models import Report
told = list(Report.objects.filter(privacy="normal", sender__phone_verified_at__isnull=False, erased_at=None)
            .exclude(contact_preference="never").order_by("pk"))
now = timezone.now()
enqueue_many([
    NewEffect("sender_sms", {{
        "report": told[n % len(told)].pk, "event": "answer", "template": "answer",
        "entity": told[n % len(told)].entity_id, "at": now.isoformat(), "own_act": True,
    }}, key=f"prove:{{n}}") for n in range({MESSAGES})
], at=now)
# A run of the relay ends after 50 s: as many as a slow machine needs wait for the worker. Not by wake_relay:
# it waits half a second for the broker, a new process on a busy machine needs longer, and this one then ends.
for _ in range(5):
    relay.apply_async()
"""
OUTCOME = """
import django, json
django.setup()
from django.db.models import Count
from cms.notifications.models import SentMessage
from cms.outbox.models import Effect
mine = Effect.objects.filter(key__startswith="prove:")
print(json.dumps({
    "states": dict(mine.values_list("state").annotate(n=Count("pk"))),
    "error": mine.exclude(last_error="").values_list("last_error", flat=True).first() or "none",
    "done": mine.filter(state="done", attempts=1).count(),
    "sent": SentMessage.objects.filter(effect_key__startswith="prove:", state="sent").count(),
}))
"""


class Stalled(Exception):
    """The worker sends no more; its text says so."""


# After so long without a message, nothing comes any more.
PATIENCE = 60.0


@contextmanager
def gateway() -> Iterator[tuple[int, IO[str]]]:
    """A server of its own process: (port, what it says when it is asked to end)."""
    process = subprocess.Popen(  # noqa: S603 (a command of our own)
        [PYTHON, "-m", "benchmarks.gateway"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    output = cast(IO[str], process.stdout)
    try:
        yield int(output.readline()), output
    finally:
        process.terminate()
        process.wait()


def messages_on(environment: dict[str, str], command: list[str], watch: str) -> dict[str, Any]:
    """Write the effects, let one worker send them, and count: seconds, processor seconds, messages."""
    with gateway() as (port, _):
        address = f"http://127.0.0.1:{port}"
        environment = {
            **environment,
            "SAWT_SMS_URL": f"{address}/send",
            "SAWT_SMS_PRIVATE_NETWORK": "1",
            "SAWT_SMS_PER_NUMBER": "100000",
            "DJANGO_SETTINGS_MODULE": "cms.settings.embedded",
        }
        for arguments in (
            ("manage.py", "migrate", "--verbosity=0"),
            ("manage.py", "load_demo"),
            ("-c", WRITE),
        ):
            spent = run(*arguments, environment=environment)
            if spent.status:
                raise SystemExit(f"script/prove: {arguments[0]} failed:\n{spent.output}")
        with tempfile.TemporaryFile("w+") as said:
            worker = subprocess.Popen(  # noqa: S603 (a command of our own)
                [PYTHON, *command], cwd=ROOT, env={**os.environ, **environment}, stdout=said, stderr=said
            )
            try:
                with Sessions(watch) if watch else _nothing() as sessions:
                    counted = _wait(worker, address)
            except Stalled as stalled:
                said.seek(0)
                raise SystemExit(
                    f"script/prove: {stalled}. Of the effects: {_outcome(environment)}. "
                    f"The worker's last words:\n{said.read()[-2000:]}"
                ) from None
            finally:
                _stop(worker)
        outcome = _outcome(environment)
    theirs = sessions.seconds if watch else 0.0
    return {**counted, **outcome, "own": counted["own"] + theirs, "database": theirs}


@contextmanager
def _nothing() -> Iterator[Any]:
    yield None


def _stop(worker: subprocess.Popen[bytes]) -> None:
    if worker.poll() is None:
        worker.send_signal(signal.SIGTERM)
        try:
            worker.wait(30)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def _outcome(environment: dict[str, str]) -> dict[str, Any]:
    return dict(json.loads(run("-c", OUTCOME, environment=environment).output.splitlines()[-1]))


def _wait(worker: subprocess.Popen[bytes], address: str) -> dict[str, Any]:
    """From the first message that arrives to the last; processor time between the two."""
    began = before = None
    used, arrived, last = 0.0, 0, time.monotonic()
    while time.monotonic() - last < PATIENCE:
        ended = worker.poll()
        counted = ask(address)
        if counted["messages"] > arrived:
            arrived, last = counted["messages"], time.monotonic()
        if worker.poll() is None:
            used = processor(worker.pid)
        if counted["messages"] and began is None:
            began, before = counted["messages"], used
        if counted["messages"] >= MESSAGES:
            return {**counted, "own": used - (before or 0.0), "measured": MESSAGES - (began or 0)}
        if ended is not None:
            raise Stalled(
                f"the worker ended by itself (status {ended}) after {arrived} of {MESSAGES} messages"
            )
        time.sleep(0.05)
    raise Stalled(f"no message came for {PATIENCE:.0f} s, after {arrived} of {MESSAGES}")


def outbox() -> Rows:
    rows: Rows = []
    redis = urlunsplit(urlsplit(service("REDIS_URL"))._replace(path="/9"))
    queue = from_url(redis)
    with tempfile.TemporaryDirectory(prefix="sawt-prove-") as folder, database("outbox") as url:
        celery = ["-m", "celery", "-A", "cms.celery", "worker", "--pool=solo", "--without-mingle"]
        queue.flushdb()
        for name, environment, command, watch in (
            (
                "PostgreSQL, one Celery worker on Redis",
                {"DATABASE_URL": url, "CELERY_BROKER_URL": redis, "SAWT_VAR": f"{folder}/postgresql"},
                celery,
                url,
            ),
            (
                "SQLite, embedded",
                {"DATABASE_URL": f"sqlite:///{folder}/sqlite3", "SAWT_VAR": f"{folder}/sqlite"},
                ["-c", ON_SQLITE],
                "",
            ),
        ):
            rows += _rows(name, messages_on(environment, command, watch))
        queue.flushdb()
    return rows


def _rows(name: str, got: dict[str, Any]) -> Rows:
    rate = got["messages"] / got["seconds"]
    cost = 1000 * got["own"] / got["measured"]
    return [
        (f"{name}: messages a second", f"{rate:.0f} (load {load_average()})", "≥ 200", rate >= 200),
        (
            f"{name}: processor time a message",
            f"{cost:.2f} ms (of it PostgreSQL {1000 * got['database'] / got['measured']:.2f})",
            "≤ 5 ms",
            cost <= 5,
        ),
        (f"{name}: connections to the gateway", str(got["connections"]), "–", True),
        (
            f"{name}: messages, by key; done at the first attempt; recorded as sent",
            f"{got['keys']:,}; {got['done']:,}; {got['sent']:,}",
            f"{MESSAGES:,} each",
            got["keys"] == got["messages"] == got["done"] == got["sent"] == MESSAGES,
        ),
    ]
