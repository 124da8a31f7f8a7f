"""Where a reopened report goes: back to its entity, or to triage where that entity works no more."""

from collections.abc import Callable
from typing import Any

import pytest

from cms.reports import actions
from cms.reports.actors import SenderActor, StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.models import Custody, Deadline, Report
from cms.reports.timeline import sender_timeline
from tests import factories

ReportIn = Callable[..., Report]
TEXT = "ما زال العمود مطفأ."


def closed_down(entity: Any) -> None:
    entity.is_active = False
    entity.save()


def test_a_report_goes_back_to_the_entity_that_answered(report_in: ReportIn, catalogue: Any) -> None:
    report = report_in("answered")
    reopened = actions.reopen(report.pk, actor=factories.as_sender(report), text=TEXT)
    assert (reopened.state, reopened.entity) == ("with_entity", catalogue.north)
    assert not reopened.deadlines.filter(promise=Deadline.Promise.TRIAGE).exists()


@pytest.mark.parametrize("who", ["sender", "supervisor"])
def test_where_that_entity_is_closed_it_goes_to_triage(
    report_in: ReportIn, catalogue: Any, people: Any, who: str
) -> None:
    # given an answered report whose entity has been closed since
    report = report_in("answered")
    closed_down(catalogue.north)

    # when it is reopened
    if who == "sender":
        reopened = actions.reopen(report.pk, actor=factories.as_sender(report), text=TEXT)
    else:
        reopened = actions.reopen(
            report.pk, actor=StaffActor(people.supervisor), text=TEXT, version=report.version
        )

    # then nobody's queue holds it but triage's, against triage's clock, in the new round
    reopened.refresh_from_db()
    assert (reopened.state, reopened.entity, reopened.responsible, reopened.round) == (
        "received",
        None,
        None,
        2,
    )
    assert not reopened.assignments.filter(until=None).exists()
    triage = reopened.deadlines.get(promise=Deadline.Promise.TRIAGE)
    assert (triage.round, triage.outcome) == (2, Deadline.Outcome.OPEN)
    assert reopened.deadlines.get(promise=Deadline.Promise.RESOLUTION, round=2).outcome == "open"
    # and whose days were whose is kept
    assert Custody.objects.get(report=report).entity == catalogue.north
    # and the sender reads where it is
    assert (sender_timeline(reopened)[-1].code, sender_timeline(reopened)[-1].state) == ("reopen", "received")


def test_a_supervisor_routes_it_on_from_there(report_in: ReportIn, catalogue: Any, people: Any) -> None:
    report = report_in("answered")
    closed_down(catalogue.north)
    reopened = actions.reopen(report.pk, actor=factories.as_sender(report), text=TEXT)
    routed = actions.route(
        report.pk,
        actor=StaffActor(people.supervisor),
        version=reopened.version,
        entity="municipality",
        text="أغلقت البلدية الفرعية.",
    )
    assert (routed.state, routed.entity) == ("with_entity", catalogue.municipality)


def test_a_stranger_reopens_nothing(report_in: ReportIn, catalogue: Any) -> None:
    report = report_in("answered")
    closed_down(catalogue.north)
    before = (report.state, report.event_count)
    with pytest.raises(DomainError) as caught:
        actions.reopen(report.pk, actor=SenderActor(report_id=report.pk + 1), text=TEXT)
    assert caught.value.code == Code.NOT_FOUND
    report.refresh_from_db()
    assert (report.state, report.event_count) == before
