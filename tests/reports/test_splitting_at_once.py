"""Splitting on real connections: nothing open is left of what was withdrawn, and the chains verify."""

from typing import Any

import pytest

from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, Conflict, DomainError
from cms.reports.history import verify
from cms.reports.models import Report
from tests import factories

from .test_concurrency import at_once, won_and_lost

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS = 50


def splitting(report: Report, user: Any) -> Any:
    parts = [
        actions.Part(title="الجزء الأول", service="lamp"),
        actions.Part(title="الجزء الثاني", service="leak"),
    ]
    return lambda: actions.split(
        report.pk,
        actor=StaffActor(user),
        version=report.version,
        reason="several_subjects",
        parts=parts,
    )


def withdrawing(report: Report) -> Any:
    return lambda: actions.withdraw(report.pk, actor=factories.as_sender(report))


def answering(report: Report, user: Any) -> Any:
    return lambda: actions.answer(
        report.pk, actor=StaffActor(user), version=report.version, text="أُصلح العمود."
    )


@pytest.fixture(autouse=True)
def _reason(people: Any) -> None:
    factories.ReasonFactory(used_for="split", code="several_subjects")


def codes_of(report: Report) -> list[str]:
    return list(report.events.order_by("sequence").values_list("code", flat=True))


def test_a_split_against_the_withdrawal_of_the_report(people):
    for _ in range(ROUNDS):
        report = factories.submitted_report()
        divided, withdrawn = at_once(
            splitting(report, people.coordinator),
            withdrawing(report),
        )
        assert isinstance(withdrawn, Report), withdrawn
        report = Report.objects.get(pk=report.pk)
        assert report.state == "withdrawn"
        if isinstance(divided, Report):
            assert codes_of(report) == ["submit", "split", "withdraw"]
            assert [codes_of(part) for part in report.children.all()] == [["split", "withdraw"]] * 2
        else:
            assert isinstance(divided, DomainError), divided
            assert codes_of(report) == ["submit", "withdraw"]
        assert not report.children.exclude(state="withdrawn").exists()
    assert list(verify()) == []


def test_a_split_against_the_answer(people):
    for _ in range(ROUNDS):
        report = factories.submitted_report()
        results = at_once(splitting(report, people.coordinator), answering(report, people.supervisor))
        won, lost = won_and_lost(results)
        assert len(won) == 1
        # Whoever came second is told of the other, and did nothing.
        assert isinstance(lost[0], Conflict), lost
        report = Report.objects.get(pk=report.pk)
        assert (report.state == "answered") is (report.children.count() == 0)
    assert list(verify()) == []


def test_the_answer_of_a_part_against_the_withdrawal_of_the_report(people):
    for _ in range(ROUNDS):
        report = splitting(factories.submitted_report(), people.coordinator)()
        part, other = report.children.order_by("pk")
        answer, withdrawn = at_once(
            answering(part, people.coordinator),
            withdrawing(report),
        )
        assert isinstance(withdrawn, Report), withdrawn
        came_first = isinstance(answer, Report)
        assert came_first or (isinstance(answer, DomainError) and answer.code is Code.CONFLICT), answer
        part, other = Report.objects.get(pk=part.pk), Report.objects.get(pk=other.pk)
        assert (part.state, other.state) == ("answered" if came_first else "withdrawn", "withdrawn")
    assert list(verify()) == []
