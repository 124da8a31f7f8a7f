"""The sweep over a million open reports of which a hundredth have come to a step, on PostgreSQL.

Its own database, made and dropped here: a few reports are submitted by the real action and their rows given
again by number. Then the hundredth is swept, and what an idle minute costs is measured.
"""

from __future__ import annotations

import os
import resource
import time
import uuid
from datetime import timedelta
from typing import Any

Rows = list[tuple[str, str, str, bool]]
REPORTS = int(os.environ.get("SAWT_PROVE_REPORTS", "1000000"))


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def sweep() -> Rows:
    url = os.environ["DATABASE_URL"]
    name = f"sawt_sweep_{uuid.uuid4().hex[:8]}"
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    os.environ["DATABASE_URL"] = url.rsplit("/", 1)[0] + "/" + name
    os.environ["DJANGO_SETTINGS_MODULE"] = "cms.settings.test"
    try:
        return _measured()
    finally:
        from django.db import connections

        connections.close_all()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _measured() -> Rows:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    from cms.notifications.models import Notice
    from cms.outbox.models import Effect
    from cms.reports import escalating
    from cms.reports.models import Deadline, Event, Report, StepTaken
    from tests import factories

    catalogue = factories.small_catalogue()
    factories.small_staff(catalogue)
    now = timezone.now()
    for _ in range(10):
        factories.submitted_report(at=now - timedelta(days=30))
    Effect.objects.all().delete()
    Notice.objects.all().delete()
    _multiply(REPORTS // 10)
    # A hundredth has come to a step: they became late within the last hour, and to half of them nobody has
    # come since they were made, so that their coordinator is told too.
    due = REPORTS // 100
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reports_deadline SET next_step_at = %s + interval '90 days'", [now])
        cursor.execute(
            """UPDATE reports_deadline d SET next_step_at = %(now)s - interval '1 minute',
                 due_at = %(now)s - interval '1 hour',
                 reached = CASE WHEN d.report_id %% 2 = 0 THEN 80 ELSE 0 END
               FROM (SELECT id FROM reports_deadline WHERE promise = 'resolution' ORDER BY id
                     LIMIT %(due)s) x WHERE d.id = x.id""",
            {"now": now, "due": due},
        )
        cursor.execute("VACUUM ANALYZE")
    before, began, cpu = _memory_mb(), time.monotonic(), time.process_time()
    counted = escalating.sweep(now, seconds=600)
    took, cpu = time.monotonic() - began, time.process_time() - cpu
    grown = _memory_mb() - before
    late = Event.objects.filter(code="late").count()
    idle = []
    for _ in range(20):
        began = time.monotonic()
        escalating.sweep(now)
        idle.append(time.monotonic() - began)
    idle_ms = sorted(idle)[len(idle) // 2] * 1000
    began = time.monotonic()
    digest_people = _digest(now)
    digest = time.monotonic() - began
    rows: Any = StepTaken.objects.count()
    return [
        ("open reports", f"{Report.objects.count():,}", "–", True),
        ("promises that have come to a step", f"{due:,}", "–", True),
        (
            "swept: steps written down and told, late in the history",
            f"{took:.1f} s ({cpu:.1f} s of it the worker's processor)",
            "≤ 30 s",
            took <= 30,
        ),
        (
            "steps written down, of which told at once, and for the digest",
            f"{rows:,}, {counted['sent']:,}, {counted['digest']:,}",
            "–",
            counted["digest"] == due and counted["sent"] == due,
        ),
        ("reports that became late", f"{late:,}", f"{due:,}", late == due),
        ("memory that the sweep took", f"{grown:+.0f} MB", "≤ 60 MB", grown <= 60),
        ("an idle sweep (median of 20)", f"{idle_ms:.1f} ms", "≤ 20 ms", idle_ms <= 20),
        (
            f"the digest over what is late, for {digest_people} people",
            f"{digest:.1f} s",
            "≤ 30 s",
            digest <= 30,
        ),
        (
            "promises left behind",
            f"{Deadline.objects.filter(next_step_at__lte=now).count()}",
            "0",
            not Deadline.objects.filter(next_step_at__lte=now).exists(),
        ),
    ]


def _digest(now: Any) -> int:
    from cms.entities.snapshot import catalogue
    from cms.notifications.digests import by_person

    return len(by_person(catalogue(), now))


def _multiply(times: int) -> None:
    """Each report, its first event and its promises again so many times, under other numbers."""
    from django.db import connection

    from cms.reports.models import Deadline, Event, Report

    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM reports_report")
        step = cursor.fetchone()[0] + 1

        def copied(model: Any, table_key: str, **instead: str) -> None:
            names = [field.column for field in model._meta.concrete_fields if field.column != "id"]
            values = ", ".join(instead.get(name, f"r.{name}") for name in names)
            table = model._meta.db_table
            cursor.execute(
                f"INSERT INTO {table} ({'id, ' if table_key == 'id' else ''}{', '.join(names)}) "  # noqa: S608
                f"SELECT {'r.id + n * %(step)s, ' if table_key == 'id' else ''}{values} "
                f"FROM {table} r, generate_series(1, %(times)s) n WHERE r.{table_key} < %(step)s",
                {"step": step, "times": times - 1},
            )

        copied(
            Report,
            "id",
            public_id="gen_random_uuid()",
            reference="'B' || n || '-' || r.id",
            next_due_at="r.next_due_at",
        )
        copied(Event, "report_id", report_id="r.report_id + n * %(step)s")
        copied(Deadline, "report_id", report_id="r.report_id + n * %(step)s")
