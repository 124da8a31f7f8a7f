"""Merging on real connections: no deadlock, never two winners, never a lost event, and chains that verify."""

from typing import Any

import pytest

from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.errors import DomainError
from cms.reports.history import verify
from cms.reports.models import Report
from tests import factories

from .test_concurrency import ROUNDS, at_once, won_and_lost

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def merging(report: Report, primary: Report, user: Any) -> Any:
    return lambda: actions.merge(
        report.pk, actor=StaffActor(user), version=report.version, primary=primary.reference
    )


def withdrawing(report: Report) -> Any:
    return lambda: actions.withdraw(report.pk, actor=factories.as_sender(report))


def codes_of(report: Report) -> list[str]:
    return list(report.events.order_by("sequence").values_list("code", flat=True))


def test_two_that_are_merged_into_each_other_do_not_wait_for_ever(people):
    for _ in range(ROUNDS):
        one, two = factories.submitted_report(), factories.submitted_report()
        results = at_once(merging(one, two, people.coordinator), merging(two, one, people.supervisor))
        won, lost = won_and_lost(results)
        assert len(won) == 1
        assert isinstance(lost[0], DomainError), lost
        states = {Report.objects.get(pk=pk).state for pk in (one.pk, two.pk)}
        assert states == {"merged", "with_entity"}
    assert list(verify()) == []


def test_a_merge_against_the_withdrawal_of_its_primary(people):
    for _ in range(ROUNDS):
        member, primary = factories.submitted_report(), factories.submitted_report()
        merged, withdrawn = at_once(merging(member, primary, people.coordinator), withdrawing(primary))
        assert isinstance(withdrawn, Report), withdrawn
        member, primary = (Report.objects.get(pk=each.pk) for each in (member, primary))
        # Either it joined and took the primary's place, or it came too late and is as it was.
        assert (member.state, member.merged_into_id, primary.state) == ("with_entity", None, "withdrawn")
        joined = isinstance(merged, Report)
        assert codes_of(member) == (["submit", "merge", "promote"] if joined else ["submit"])
        assert codes_of(primary) == (["submit", "merge", "withdraw"] if joined else ["submit", "withdraw"])
    assert list(verify()) == []


def test_a_merge_against_the_withdrawal_of_the_member(people):
    for _ in range(ROUNDS):
        member, primary = factories.submitted_report(), factories.submitted_report()
        merged, withdrawn = at_once(merging(member, primary, people.coordinator), withdrawing(member))
        assert isinstance(withdrawn, Report), withdrawn
        member = Report.objects.get(pk=member.pk)
        assert (member.state, member.merged_into_id) == ("withdrawn", None)
        joined = isinstance(merged, Report)
        assert codes_of(member) == (["submit", "merge", "withdraw"] if joined else ["submit", "withdraw"])
    assert list(verify()) == []


def test_a_report_that_joins_one_that_joins_another_makes_no_chain(people):
    for _ in range(ROUNDS):
        one, two, three = (factories.submitted_report() for _ in range(3))
        at_once(merging(one, two, people.coordinator), merging(two, three, people.supervisor))
        assert not Report.objects.filter(merged_into__state="merged").exists()
        assert Report.objects.get(pk=two.pk).merged_into_id == three.pk
        assert Report.objects.get(pk=one.pk).merged_into_id in (None, three.pk)
    assert list(verify()) == []
