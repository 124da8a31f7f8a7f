"""Measures trackReport in turns with the floor, for benchmarks/track.py; prints JSON."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import django

os.environ.setdefault("SAWT_SUBMISSIONS_PER_HOUR", "1000000")
django.setup()

import psycopg  # noqa: E402
from django import db  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.signals import request_finished, request_started  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from cms.reports import secrets  # noqa: E402
from cms.reports.models import Report  # noqa: E402
from cms.wsgi import application  # noqa: E402

from .floor import report_page  # noqa: E402
from .measuring import processor  # noqa: E402

REPORTS, ROUNDS, EACH = 200, 21, 200
# All that the tracking page of an app shows.
QUERY = """query ($reference: String!, $secret: String!) {
  trackReport(reference: $reference, secret: $secret) {
    reference state stateLabel merged submittedAt dueAt trackUrl availableActions
    service { code name } place { code name } entity { code name }
    timeline { at code label state text by entityName }
    conversation { author text } answer { text at entityName }
  }
}"""


def ask(reference: str, secret: str) -> dict[str, Any]:
    variables = {"reference": reference, "secret": secret}
    body = json.dumps({"query": QUERY, "variables": variables}).encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/graphql",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_ACCEPT": "application/json",
        "HTTP_ACCEPT_LANGUAGE": "ar",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": None,
    }
    answer: Any = application(environ, lambda *_: None)
    content = b"".join(answer)
    answer.close()
    found: dict[str, Any] | None = json.loads(content)["data"]["trackReport"]
    if found is None or found["reference"] != reference:
        raise SystemExit(f"{reference} was answered {content[:500]!r}")
    return found


def cost(once: Callable[[int], object], pid: int | None) -> tuple[float, float]:
    """Milliseconds of this process and of its database session for one call."""
    theirs, own = processor(pid) if pid else 0.0, time.process_time()
    for number in range(EACH):
        once(number)
    spent = time.process_time() - own
    return 1000 * spent / EACH, 1000 * ((processor(pid) if pid else 0.0) - theirs) / EACH


def main() -> None:
    # One session for all, so that what it costs is seen at one place; and as many requests as are measured.
    request_started.disconnect(db.close_old_connections)
    request_finished.disconnect(db.close_old_connections)
    settings.SAWT_GRAPHQL = {"requests": 10**9}
    reports = list(Report.objects.filter(parent=None, erased_at=None).order_by("pk")[:REPORTS])
    known = [(one.reference, secrets.secret_for(one.public_id, one.secret_version)) for one in reports]
    steps = [len(ask(*one)["timeline"]) for one in known]
    with CaptureQueriesContext(connection) as captured:
        ask(*known[0])
    # The next request empties the log.
    statements = len(captured)
    pid = connection.connection.info.backend_pid if connection.vendor == "postgresql" else None
    floors: list[tuple[float, float]] = []
    rounds: list[tuple[float, float]] = []
    bare = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) if pid else None
    for _ in range(ROUNDS):
        rounds.append(cost(lambda n: ask(*known[n % len(known)]), pid))
        if bare is not None:
            floors.append(
                cost(lambda n: report_page(bare, reports[n % len(reports)].public_id), bare.info.backend_pid)
            )
    # Ticks of the accounting are 10 ms: of the database only the mean of all rounds is finer.
    database = statistics.mean(session for _, session in rounds)
    floor = (
        statistics.median(own for own, _ in floors) + statistics.mean(s for _, s in floors) if pid else 0.0
    )
    print(  # noqa: T201 (who started it reads it here)
        json.dumps(
            {
                "own": statistics.median(own for own, _ in rounds),
                "least": min(own for own, _ in rounds) + database,
                "database": database,
                "floor": floor,
                "statements": statements,
                "reports": len(known),
                "steps": statistics.mean(steps),
                "rounds": ROUNDS,
            }
        )
    )


if __name__ == "__main__":
    main()
