"""Measures the desk's pages in turns with the floor, for benchmarks/queue.py; prints JSON."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import django

django.setup()

import psycopg  # noqa: E402
from django import db  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.signals import request_finished, request_started  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from cms.desk.queue import paging  # noqa: E402
from cms.reports.models import Report  # noqa: E402
from cms.wsgi import application  # noqa: E402
from permissions.models import User  # noqa: E402
from permissions.policy import scope_of  # noqa: E402

from .floor import queue_page, report_page  # noqa: E402
from .measuring import processor  # noqa: E402

ROUNDS, EACH = 5, 4
# Who one is, the rights of it and the language: budgets.md counts without them.
OF_SIGN_IN = (
    "django_session",
    "permissions_user",
    "wagtailusers_",
    "auth_",
    "entities_membership",
    "permissions_permission",
    "django_content_type",
    "wagtailcore_",
)
DEEP = 10_000


def signed_in(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def get(path: str, query: str, session: str) -> bytes:
    told: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_COOKIE": f"sessionid={session}",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": None,
    }
    answer: Any = application(environ, lambda status, headers, _=None: told.append(status))
    body = b"".join(answer)
    answer.close()
    if not told[0].startswith("200"):
        raise SystemExit(f"{path}?{query} was answered {told[0]}")
    return body


def statements(page: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        page()
    counted = [row["sql"] for row in captured.captured_queries]
    return sum("reports_" in sql or not any(table in sql for table in OF_SIGN_IN) for sql in counted)


def cost(page: Callable[[], object], pid: int) -> tuple[float, float]:
    """Milliseconds of this process and of its database session for one call."""
    theirs, own = processor(pid), time.process_time()
    for _ in range(EACH):
        page()
    return 1000 * (time.process_time() - own) / EACH, 1000 * (processor(pid) - theirs) / EACH


def in_turns(what: str, page: Callable[[], object], floor: Callable[[Any], object]) -> dict[str, Any]:
    with psycopg.connect(db_url(), autocommit=True) as bare:
        page()
        floor(bare)
        counted = statements(page)
        ours, theirs = int(backend()), bare.info.backend_pid
        rounds = []
        for _ in range(ROUNDS):
            rounds.append((*cost(page, ours), *cost(lambda: floor(bare), theirs)))
    # Ticks of the accounting are 10 ms: of the database only the mean of all rounds is finer.
    return {
        "what": what,
        "own": statistics.median(own for own, *_ in rounds),
        "database": statistics.mean(session for _, session, *_ in rounds),
        "floor": statistics.median(own for *_, own, _ in rounds)
        + statistics.mean(session for *_, session in rounds),
        "statements": counted,
        "reports": Report.objects.count(),
    }


def backend() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def db_url() -> str:
    return os.environ["DATABASE_URL"]


def main() -> None:
    # One session for all, so that what it costs is seen at one place.
    request_started.disconnect(db.close_old_connections)
    request_finished.disconnect(db.close_old_connections)
    measured = []
    for name in ("coordinator", "supervisor"):
        user = User.objects.get(username=name)
        session, scope = signed_in(user), scope_of(user)
        entities = None if scope.everywhere("view_reports") else sorted(scope.at("view_reports"))
        own = Report.objects.filter(privacy="normal")
        own = own if entities is None else own.filter(entity_id__in=entities)
        open_rows = own.filter(state__in=["in_progress", "assigned"]).select_related("service")
        service = open_rows.order_by("next_due_at")[0].service
        narrowed = f"view=all&service={service.code}&state=in_progress&state=assigned&days=365"
        wanted: dict[str, Any] = {
            "entities": entities,
            "service": service.pk,
            "states": ["in_progress", "assigned"],
            "since": timezone.now() - timedelta(days=365),
        }
        deep_rows = own.order_by(*paging.DUE.forwards)
        deep = deep_rows[min(DEEP, max(0, deep_rows.count() - 60))]
        after = paging.written(paging.DUE.key(deep))
        everything: dict[str, Any] = {"entities": entities, "service": None, "states": None, "since": None}

        def ours(path: str, query: str, session: str = session) -> Callable[[], object]:
            return lambda: get(path, query, session)

        def bare(key: tuple[Any, int] | None = None, **filters: Any) -> Callable[[Any], object]:
            return lambda connection: queue_page(connection, after=key, **filters)

        here = bare(key=(deep.next_due_at, deep.pk), **everything)
        for part, path in (("list", reverse("desk:list")), ("page", reverse("desk:queue"))):
            measured += [
                in_turns(f"{part}, {name}: one service, two states", ours(path, narrowed), bare(**wanted)),
                in_turns(f"{part}, {name}: everything", ours(path, "view=all"), bare(**everything)),
                in_turns(
                    f"{part}, {name}: everything, after row {DEEP:,}",
                    ours(path, f"view=all&after={after}"),
                    here,
                ),
            ]
        listed = ",".join(
            f"{row.reference}:{row.revision}" for row in own.order_by(*paging.DUE.forwards)[:50]
        )
        fresh = ours(reverse("desk:fresh"), f"listed={listed}")
        measured.append(in_turns(f"once a minute, {name}: nothing changed", fresh, bare(**everything)))
        frame = ours(reverse("desk:views"), "")
        measured.append(in_turns(f"the frame alone, {name} (no saved views)", frame, bare(**everything)))
        one = open_rows.order_by("next_due_at")[0]
        measured.append(
            in_turns(
                f"report page, {name}",
                lambda session=session, one=one: get(  # type: ignore[misc]
                    reverse("desk:report", args=[one.public_id]), "", session
                ),
                lambda connection, one=one: report_page(connection, one.public_id),  # type: ignore[misc]
            )
        )
    print(json.dumps(measured))  # noqa: T201 (who started it reads it here)


if __name__ == "__main__":
    main()
