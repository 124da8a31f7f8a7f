"""A leader's directive: written, done, declined, overtaken; it stays with the report."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.models import Directive
from cms.reports.policies import available_actions
from cms.reports.timeline import sender_timeline
from tests import factories

pytestmark = pytest.mark.django_db

TEXT = "يعالج اليوم وترفع إليّ النتيجة."


def directed(report, user, **kwargs):
    day = timezone.localdate() + timedelta(days=1)
    actions.direct(report.pk, actor=StaffActor(user), **{"text": TEXT, "due_on": day, **kwargs})
    return report.directives.latest("pk")


def test_an_entity_leader_directs_and_the_specialist_reports_it_done(people, report_in):
    # given
    report = report_in("in_progress")
    directive = directed(report, people.leader)
    # when
    done = actions.directive_done(
        report.pk, actor=StaffActor(people.specialist), directive=directive.pk, text="أصلح العمود."
    )
    # then
    directive.refresh_from_db()
    assert (directive.outcome, directive.by) == (Directive.Outcome.DONE, people.leader)
    assert [event.code for event in done.events.order_by("sequence")][-2:] == ["direct", "directive_done"]
    assert done.version == report.version
    assert {entry.code for entry in sender_timeline(done)} == {"submit", "assign", "start"}
    assert "directive_done" not in available_actions(StaffActor(people.specialist), done)


def test_a_directive_is_declined_with_a_reason(people, report_in):
    report = report_in("in_progress")
    directive = directed(report, people.emirate)
    factories.ReasonFactory(used_for="decline", code="not_ours", needs_text=True)
    key = {"actor": StaffActor(people.coordinator), "directive": directive.pk, "reason": "not_ours"}
    with pytest.raises(DomainError) as refused:
        actions.directive_decline(report.pk, **key)
    assert (refused.value.code, refused.value.field) == (Code.REQUIRED, ("text",))
    actions.directive_decline(report.pk, **key, text="يحتاج اعتمادًا لا نملكه.")
    directive.refresh_from_db()
    assert directive.outcome == Directive.Outcome.DECLINED
    with pytest.raises(DomainError) as refused:
        actions.directive_done(report.pk, actor=StaffActor(people.coordinator), directive=directive.pk)
    assert refused.value.code is Code.NOT_AVAILABLE


def test_another_reports_directive_is_not_found(people, report_in):
    mine, other = report_in("in_progress"), report_in("in_progress")
    directed(mine, people.emirate)
    foreign = directed(other, people.emirate)
    with pytest.raises(DomainError) as refused:
        actions.directive_done(mine.pk, actor=StaffActor(people.coordinator), directive=foreign.pk)
    assert refused.value.code is Code.NOT_FOUND
    foreign.refresh_from_db()
    assert foreign.outcome == Directive.Outcome.OPEN


def test_the_reports_end_overtakes_it(people, report_in):
    report = report_in("answered")
    directive = directed(report, people.leader)
    closed = actions.accept(report.pk, actor=factories.as_sender(report))
    directive.refresh_from_db()
    assert (directive.outcome, directive.ended_at) == (Directive.Outcome.OVERTAKEN, closed.closed_at)


def test_it_follows_a_transfer(people, report_in):
    report = report_in("assigned")
    directive = directed(report, people.emirate)
    factories.ReasonFactory(used_for="transfer", code="other_jurisdiction")
    actions.transfer(
        report.pk,
        actor=StaffActor(people.supervisor),
        version=report.version,
        entity="water",
        reason="other_jurisdiction",
    )
    actions.directive_done(report.pk, actor=StaffActor(people.coordinator2), directive=directive.pk)
    directive.refresh_from_db()
    assert directive.outcome == Directive.Outcome.DONE


def test_a_day_that_has_passed_is_refused(people, report_in):
    report = report_in("assigned")
    with pytest.raises(DomainError) as refused:
        directed(report, people.leader, due_on=timezone.localdate() - timedelta(days=1))
    assert (refused.value.code, refused.value.field) == (Code.INVALID, ("dueOn",))
    assert report.events.count() == report.event_count


def test_the_leader_of_another_entity_does_not_find_it(people, report_in):
    report = report_in("assigned")
    with pytest.raises(DomainError) as refused:
        directed(report, people.leader2)
    assert refused.value.code is Code.NOT_FOUND
