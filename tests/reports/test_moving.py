"""Transfer, reassign and take over: who has a report, who works on it, and what the clock says."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cms.entities.models import Membership
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.history import verify
from cms.reports.models import Deadline, Report
from cms.reports.policies import available_actions
from cms.reports.timeline import sender_timeline, staff_timeline
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.django_db

SUNDAY = datetime.fromisoformat("2026-11-15T09:00:00+03:00")


@pytest.fixture(autouse=True)
def _reasons(db: Any) -> None:
    factories.ReasonFactory(used_for="transfer", code="other_jurisdiction", label_ar="اختصاص جهة أخرى")


def transferred(report: Report, people: Any, **kwargs: Any) -> Report:
    given = {
        "entity": "water",
        "reason": "other_jurisdiction",
        "text": "السبب تسرب من شبكة المياه.",
        **kwargs,
    }
    return actions.transfer(report.pk, actor=StaffActor(people.supervisor), version=report.version, **given)


def sees(user: Any, report: Report) -> bool:
    return Report.objects.filter(pk=report.pk).visible_to(StaffActor(user)).exists()


def test_the_entity_that_had_it_sees_it_no_longer(people, report_in):
    # given
    report = report_in("in_progress")
    # when
    moved = transferred(report, people)
    # then
    assert (moved.state, moved.entity.code, moved.responsible) == ("with_entity", "water", None)
    assert sees(people.coordinator2, moved)
    for user in (people.coordinator, people.specialist, people.leader, people.coordinator3):
        assert not sees(user, moved)
    with pytest.raises(DomainError) as refused:
        actions.note(report.pk, actor=StaffActor(people.specialist), text="لم أنته بعد.")
    assert refused.value.code is Code.NOT_FOUND
    custody = moved.custodies.get()
    assert (custody.entity.code, custody.until) == ("municipality.north", moved.entity_since)
    assert list(verify()) == []


def test_a_draft_stays_with_the_entity_that_wrote_it(people, report_in):
    report = report_in("reply_drafted")
    moved = transferred(report, people)
    assert (moved.draft, moved.draft_by) == ("", None)
    codes = [event.code for event in staff_timeline(moved, scope_of(people.coordinator2))]
    assert "draft_reply" not in codes
    assert codes[-1] == "transfer"


def test_a_question_is_withdrawn_and_its_pause_ends(people, report_in):
    report = report_in("awaiting_sender", at=SUNDAY)
    moved = transferred(report, people, at=SUNDAY + timedelta(days=1))
    running = moved.deadlines.get(promise=Deadline.Promise.RESOLUTION)
    assert (running.paused_since, len(running.pauses), moved.question_until) == (None, 1, None)
    assert moved.next_due_at == running.due_at
    event = moved.events.latest("sequence")
    assert event.data["due"] == running.due_at.isoformat()


def test_the_sender_reads_where_it_went_and_not_why(people, report_in):
    moved = transferred(report_in("assigned"), people)
    last = sender_timeline(moved)[-1]
    assert (last.code, last.text, last.entity_name) == ("transfer", "", moved.entity.name)


def test_the_clock_continues_or_starts_again_as_the_service_says(people, report_in, catalogue):
    report = report_in("assigned", at=SUNDAY)
    due = report.resolution_due_at
    later = SUNDAY + timedelta(days=1)
    assert transferred(report, people, at=later).resolution_due_at == due
    catalogue.lamp.clock_on_transfer = "restart"
    catalogue.lamp.save()
    report = report_in("assigned", at=SUNDAY)
    moved = transferred(report, people, at=later)
    assert moved.resolution_due_at > due
    row = moved.deadlines.get(promise=Deadline.Promise.RESOLUTION)
    assert (row.starts_at, row.due_at) == (later, moved.resolution_due_at)
    assert moved.events.latest("sequence").data["moved"][-1]["was"] == due.isoformat()


def test_a_promise_that_is_handed_on_twice_does_not_grow(people, report_in, catalogue):
    """The share that is left is of the whole promise, not of what an earlier transfer left."""
    catalogue.water.calendar = factories.CalendarFactory(code="always", hours=factories.AROUND_THE_CLOCK)
    catalogue.water.save()
    report = report_in("assigned", at=SUNDAY)
    total = report.deadlines.get(promise=Deadline.Promise.RESOLUTION).minutes
    report = transferred(report, people, at=SUNDAY + timedelta(days=1))
    back = transferred(report, people, entity="municipality.north", at=SUNDAY + timedelta(days=1))
    assert back.deadlines.get(promise=Deadline.Promise.RESOLUTION).minutes < total


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"entity": "municipality.north"}, Code.INVALID, ("entity",)),
        ({"entity": "nowhere"}, Code.NOT_FOUND, ("entity",)),
        ({"reason": ""}, Code.REQUIRED, ("reason",)),
        ({"reason": "whim"}, Code.NOT_FOUND, ("reason",)),
    ],
)
def test_a_transfer_that_is_refused_changes_nothing(people, report_in, given, code, field):
    report = report_in("assigned")
    with pytest.raises(DomainError) as refused:
        transferred(report, people, **given)
    assert (refused.value.code, refused.value.field) == (code, field)
    fresh = Report.objects.get(pk=report.pk)
    assert (fresh.version, fresh.event_count, fresh.entity) == (
        report.version,
        report.event_count,
        report.entity,
    )


def test_it_goes_not_to_the_entity_it_is_about(people, report_in):
    report = report_in("received")
    report = actions.route(
        report.pk,
        actor=StaffActor(people.supervisor),
        version=report.version,
        entity="emirate",
        about_entity="municipality",
    )
    with pytest.raises(DomainError) as refused:
        transferred(report, people, entity="municipality.north")
    assert refused.value.code is Code.ABOUT_ENTITY


def test_a_confidential_report_goes_only_where_two_may_see_it(people):
    report = factories.submitted_report(service="abuse", place="town", answers={})
    assert report.entity.code == "water"
    with pytest.raises(DomainError) as refused:
        actions.transfer(
            report.pk,
            actor=StaffActor(people.triage_confidential),
            version=report.version,
            entity="municipality",
            reason="other_jurisdiction",
        )
    assert refused.value.code is Code.TOO_FEW_GRANTEES


def test_reassign_gives_it_to_others_and_keeps_who_goes_on(people, report_in):
    report = report_in("in_progress")
    began = report.assignments.get(person=people.specialist)
    lead = StaffActor(people.coordinator)
    both = actions.reassign(
        report.pk,
        actor=lead,
        version=report.version,
        people=[people.specialist.pk, people.specialist_b.pk],
        responsible=people.specialist.pk,
    )
    assert both.assignments.get(person=people.specialist) == began
    assert (both.state, both.version) == ("in_progress", report.version + 1)
    alone = actions.reassign(
        report.pk,
        actor=lead,
        version=both.version,
        people=[people.specialist_b.pk],
        responsible=people.specialist_b.pk,
    )
    assert alone.responsible == people.specialist_b
    assert not sees(people.specialist, alone)
    assert alone.assignments.count() == 3
    assert alone.assignments.get(until=None).is_responsible


def test_reassigning_the_same_people_is_refused(people, report_in):
    report = report_in("assigned")
    with pytest.raises(DomainError) as refused:
        actions.reassign(
            report.pk,
            actor=StaffActor(people.coordinator),
            version=report.version,
            people=[people.specialist.pk],
            responsible=people.specialist.pk,
        )
    assert refused.value.code is Code.INVALID
    assert report.events.count() == report.event_count


def test_a_question_that_was_asked_before_anybody_was_assigned_assigns_nobody(people, report):
    lead = StaffActor(people.coordinator)
    asked = actions.ask_sender(report.pk, actor=lead, version=report.version, text="أين العمود بالضبط؟")
    assert not {"reassign", "take_over"} & set(available_actions(lead, asked))
    with pytest.raises(DomainError) as refused:
        actions.take_over(report.pk, actor=lead, version=asked.version)
    assert refused.value.code is Code.WRONG_STATE


def test_the_coordinator_takes_over_and_the_specialist_sees_it_still(people, report_in):
    report = report_in("in_progress")
    taken = actions.take_over(report.pk, actor=StaffActor(people.coordinator), version=report.version)
    assert taken.responsible == people.coordinator
    assert sees(people.specialist, taken)
    assert "take_over" not in available_actions(StaffActor(people.coordinator), taken)


def test_a_colleague_takes_over_only_while_the_responsible_person_is_absent(people, report_in):
    report = report_in("in_progress")
    lead, colleague = StaffActor(people.coordinator), StaffActor(people.specialist_b)
    report = actions.reassign(
        report.pk,
        actor=lead,
        version=report.version,
        people=[people.specialist.pk, people.specialist_b.pk],
        responsible=people.specialist.pk,
    )
    assert "take_over" not in available_actions(colleague, report)
    with pytest.raises(DomainError) as refused:
        actions.take_over(report.pk, actor=colleague, version=report.version)
    assert refused.value.code is Code.DENIED

    now = timezone.now()
    membership = Membership.objects.filter(person=people.specialist)
    membership.update(absent_from=now - timedelta(days=1), absent_until=now + timedelta(days=1))
    assert "take_over" in available_actions(colleague, report)
    taken = actions.take_over(report.pk, actor=colleague, version=report.version)
    assert taken.responsible == people.specialist_b

    membership.update(absent_until=now - timedelta(hours=1))
    assert "take_over" not in available_actions(StaffActor(people.specialist), taken)
