"""PostgreSQL's connections cut during submissions: what was acknowledged is stored, whole (33)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, connections

from cms.outbox.models import Effect
from cms.reports.history import verify
from cms.reports.models import Event, Report
from tests import factories
from tests.waiting import until

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("committing_db")]
SENDERS = 4
CUTS = 6


def test_what_was_acknowledged_before_a_cut_is_stored(catalogue: Any) -> None:
    # given senders who submit one report after another
    people = [factories.SenderFactory() for _ in range(SENDERS)]
    acknowledged: list[str] = []
    failed: list[Exception] = []
    over = threading.Event()

    def send(person: Any) -> None:
        while not over.is_set():
            try:
                acknowledged.append(factories.submitted_report(sender=person).reference)
            except (OperationalError, InterfaceError) as error:
                failed.append(error)
            finally:
                # As at the end of a request.
                connections.close_all()

    threads = [threading.Thread(target=send, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    # when the server ends all their sessions, again and again

    for _ in range(CUTS):
        before = len(acknowledged)
        until(lambda before=before: len(acknowledged) > before)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    wanted = len(acknowledged) + SENDERS
    try:
        until(lambda: len(acknowledged) >= wanted)
    finally:
        over.set()
    for thread in threads:
        thread.join()
    # then they were disturbed, and went on afterwards
    assert failed
    assert len(acknowledged) >= wanted
    # and everything that was acknowledged is there, with its event, its promises and its effects
    stored = Report.objects.filter(reference__in=acknowledged)
    assert stored.count() == len(set(acknowledged)) == len(acknowledged)
    assert Event.objects.filter(report__in=stored, code="submit").count() == len(acknowledged)
    assert not stored.filter(deadlines=None).exists()
    for kind in ("sender_sms", "staff_news"):
        assert Effect.objects.filter(kind=kind).count() == Report.objects.count()
    # nothing is half there: a report whose acknowledgement was cut off is whole as well
    assert Report.objects.count() <= len(acknowledged) + len(failed)
    assert list(verify()) == []
