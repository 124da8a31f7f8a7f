"""Several workers at one handover, on PostgreSQL: each report is moved by one of them, once."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from cms.entities.models import Entity, Handover, HandoverStep
from cms.reports import stepwise
from cms.reports.errors import Code, DomainError
from cms.reports.handover import begin, running
from cms.reports.handover.outlook import outlook
from cms.reports.history import verify
from cms.reports.models import Event, Report
from tests import factories

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("committing_db")]


def test_two_workers_whose_leases_passed_move_nothing_twice(catalogue: Any, people: Any) -> None:
    for _ in range(16):
        factories.submitted_report()
    handover = begin.plan(
        kind="close", entity=catalogue.north, target=catalogue.municipality, by=people.admin
    )
    seen = outlook(handover, at=timezone.now()).seen()
    begin.confirm(handover.pk, by=people.admin, reason="أُغلقت بقرار.", seen=seen)
    running._list_more(handover)
    steps = list(handover.steps.filter(what="report").values_list("pk", flat=True))
    ready, problems = threading.Barrier(2), []

    def work() -> None:
        try:
            ready.wait(10)
            for step in steps:
                stepwise._do(handover, step, timezone.now(), running._hand)
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert problems == []
    assert set(HandoverStep.objects.filter(what="report").values_list("outcome", flat=True)) == {"moved"}
    assert Event.objects.filter(code="transfer").count() == 16
    assert Report.objects.filter(entity=catalogue.municipality).count() == 16
    assert list(verify()) == []


def test_of_two_who_confirm_for_one_entity_one_wins(catalogue: Any, people: Any) -> None:
    plans = [
        begin.plan(kind="close", entity=catalogue.north, target=target, by=people.admin)
        for target in (catalogue.municipality, catalogue.water)
    ]
    seen = [outlook(one, at=timezone.now()).seen() for one in plans]
    ready, refused = threading.Barrier(2), []

    def confirm(which: int) -> None:
        try:
            ready.wait(10)
            begin.confirm(plans[which].pk, by=people.admin, reason="أُغلقت بقرار.", seen=seen[which])
        except DomainError as error:
            refused.append(error.code)
        finally:
            connection.close()

    workers = [threading.Thread(target=confirm, args=[which]) for which in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert refused == [Code.WRONG_STATE]
    assert sorted(Handover.objects.values_list("state", flat=True)) == ["planned", "running"]
    running_one = Handover.objects.get(state="running")
    assert Entity.objects.get(code="municipality.north").continued_by == running_one.target
