"""The ladder as the sweep climbs it: each step once, to its people; nothing while a promise stands still."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db.models import F

from cms.entities.models import Escalation, EscalationStep, Membership, Service
from cms.entities.snapshot import renew
from cms.notifications.models import Notice
from cms.outbox.models import Effect
from cms.reports import actions, escalating, history, scheduling
from cms.reports.actors import StaffActor
from cms.reports.models import Deadline, Event, Rescheduling, StepTaken
from permissions.models import AuditEvent
from tests import factories

from .conftest import RIYADH, riyadh

pytestmark = pytest.mark.usefixtures("people")

SUNDAY = riyadh("09:00")
LONG_AFTER = riyadh("23:59", day=30)


def december(clock_time: str, day: int) -> datetime:
    hours, minutes = clock_time.split(":")
    return datetime(2026, 12, day, int(hours), int(minutes), tzinfo=RIYADH)


def staff_messages():
    return Effect.objects.filter(kind__in=["staff_sms", "staff_email"])


def climbed(report, promise="resolution"):
    rows = StepTaken.objects.filter(deadline__report=report, deadline__promise=promise)
    return [
        (row.position, row.audience, row.channel, row.outcome, row.reason, row.people)
        for row in rows.order_by("position", "audience", "channel")
    ]


@pytest.fixture
def worked_on(report_in):
    """Five working days from Sunday 09:00: half on Wednesday, due at the close of the Sunday after."""
    return report_in("in_progress", at=SUNDAY)


def resolution(report):
    return report.deadlines.get(promise="resolution")


def swept_to_the_end(until):
    """The sweep at each moment at which something comes, as a beat that never fails would; the moments."""
    moments = []
    while at := (
        Deadline.objects.filter(next_step_at__lte=until)
        .order_by("next_step_at")
        .values_list("next_step_at", flat=True)
    ).first():
        escalating.sweep(at)
        moments.append(at)
    return moments


def test_each_step_comes_at_its_minute_to_its_people(worked_on, people):
    deadline = resolution(worked_on)
    assert deadline.due_at == riyadh("14:30", day=29)
    # 330 minutes are left of the first day, and 420 are in each of the five others: 2,430 in all.
    half = riyadh("8:15", day=25)
    assert deadline.next_step_at == half
    escalating.sweep(half - timedelta(seconds=1))
    assert climbed(worked_on) == []
    moments = swept_to_the_end(december("23:00", 31))
    # 80 % are 1,944 minutes; two working days after the due time end on Tuesday, five on Sunday.
    expected = {
        half,
        riyadh("13:24", day=26),
        riyadh("14:30", day=29),
        december("14:30", 1),
        december("14:30", 6),
    }
    assert expected <= set(moments)
    assert climbed(worked_on) == [
        (50, "coordinator", "inbox", "sent", "", 1),
        (50, "specialist", "inbox", "sent", "", 1),
        (80, "coordinator", "email", "sent", "", 1),
        (80, "coordinator", "inbox", "sent", "", 1),
        (80, "specialist", "email", "sent", "", 1),
        (80, "specialist", "inbox", "sent", "", 1),
        (100, "entity_leader", "sms", "digest", "", 0),
        (102, "supervisor", "sms", "digest", "", 0),
        (105, "emirate_leader", "sms", "digest", "", 0),
    ]
    told = Notice.objects.filter(event__in=["deadline_half", "deadline_near"])
    assert Counter(told.values_list("event", "person")) == Counter(
        (event, person.pk)
        for event in ("deadline_half", "deadline_near")
        for person in (people.coordinator, people.specialist)
    )
    deadline.refresh_from_db()
    assert (deadline.reached, deadline.next_step_at) == (105, None)


def test_whatever_the_number_of_sweeps_and_wherever_the_clock_is_set_each_step_is_taken_once(worked_on):
    at = resolution(worked_on).next_step_at
    escalating.sweep(at)
    taken, messages = StepTaken.objects.count(), staff_messages().count()
    for moment in (at, at + timedelta(minutes=1), at - timedelta(hours=1), at):
        assert not escalating.sweep(moment)
    # A row that was set back by hand: what is written down is not told again.
    Deadline.objects.filter(pk=resolution(worked_on).pk).update(reached=0, next_step_at=F("starts_at"))
    Notice.objects.all().delete()
    assert not escalating.sweep(at)
    assert (StepTaken.objects.count(), staff_messages().count()) == (taken, messages)
    assert not Notice.objects.exists()


def test_after_days_down_each_audience_hears_of_its_highest_step_alone(worked_on):
    # given a clock that jumps from the first day to three days after the due time
    escalating.sweep(december("15:00", 1))
    assert [row for row in climbed(worked_on) if row[1] in ("coordinator", "specialist")] == [
        (50, "coordinator", "inbox", "skipped", "overtaken", 0),
        (50, "specialist", "inbox", "skipped", "overtaken", 0),
        (80, "coordinator", "email", "sent", "", 1),
        (80, "coordinator", "inbox", "sent", "", 1),
        (80, "specialist", "email", "sent", "", 1),
        (80, "specialist", "inbox", "sent", "", 1),
    ]
    assert not Notice.objects.filter(event="deadline_half").exists()
    # The history says when it was noticed.
    assert {event.at for event in worked_on.events.filter(code="late")} == {december("15:00", 1)}
    # and back again
    assert not escalating.sweep(SUNDAY)
    assert resolution(worked_on).next_step_at == december("14:30", 6)


def test_a_promise_that_stands_still_comes_to_nothing_and_goes_on_with_its_share(report_in, people):
    report = report_in("awaiting_sender", at=SUNDAY)
    assert resolution(report).next_step_at is None
    before = StepTaken.objects.count()
    escalating.sweep(riyadh("14:00", day=26))
    assert StepTaken.objects.filter(deadline__promise="resolution").count() == before
    actions.sender_reply(
        report.pk, actor=factories.as_sender(report), text="العمود الثالث.", at=riyadh("9:00", day=26)
    )
    # Four working days later than it would have been: Thursday 9:00 stands where Sunday 9:00 did.
    assert resolution(report).next_step_at == december("8:15", 1)


def test_what_is_answered_withdrawn_or_merged_comes_to_nothing_more(report_in):
    for state in ("answered", "withdrawn", "merged", "rejected"):
        report = report_in(state, at=SUNDAY)
        assert not report.deadlines.exclude(next_step_at=None).exists(), state


def test_late_is_told_in_the_history_to_those_inside_once(worked_on, people):
    due = riyadh("14:30", day=29)
    escalating.sweep(due)
    worked_on.refresh_from_db()
    event = worked_on.events.get(code="late", data__promise="resolution")
    assert (event.at, event.actor_kind, event.entity, event.from_state, event.to_state) == (
        due,
        "system",
        worked_on.entity,
        "in_progress",
        "in_progress",
    )
    assert event.data == {"promise": "resolution", "round": 1, "due": "2026-11-29T11:30:00+00:00"}
    assert event.audiences == 2 + 4
    assert list(history.verify()) == []
    assert list(Deadline.objects.overdue(due).values_list("report", flat=True)) == [worked_on.pk]
    assert not Deadline.objects.overdue(due - timedelta(minutes=1)).filter(promise="resolution").exists()
    escalating.sweep(due + timedelta(minutes=5))
    assert worked_on.events.filter(code="late", data__promise="resolution").count() == 1


@pytest.mark.parametrize(
    ("priority", "outcome", "event", "rank"),
    [
        ("urgent", "sent", "deadline_due_urgent", 10),
        ("high", "sent", "deadline_due", 0),
        ("normal", "digest", None, None),
        ("low", "digest", None, None),
    ],
)
def test_the_urgent_and_the_high_go_out_at_once(priority, outcome, event, rank, people, catalogue):
    Service.objects.filter(code="lamp").update(priority=priority)
    renew()
    report = factories.submitted_report(at=SUNDAY)
    escalating.sweep(riyadh("14:30", day=29))
    assert (100, "entity_leader", "sms", outcome, "", 1 if event else 0) in climbed(report)
    sent = staff_messages().filter(kind="staff_sms")
    assert [(one.payload["event"], one.priority, one.payload["urgent"]) for one in sent] == (
        [(event, rank, priority == "urgent")] if event else []
    )


def test_of_a_confidential_one_grantees_hear_and_then_the_triage_group_alone(people, catalogue):
    report = factories.submitted_report(service="abuse", answers={}, at=SUNDAY)
    swept_to_the_end(december("23:00", 31))
    steps = {(row[0], row[1]): row[5] for row in climbed(report) if row[3] == "sent"}
    assert steps == {(80, "staff"): 1, (100, "staff"): 1, (102, "supervisor"): 2}
    told = {one.payload["person"] for one in staff_messages()} | set(
        Notice.objects.values_list("person", flat=True)
    )
    # The other grantee is a specialist, who sees what is assigned.
    group = (people.grantee, people.triage_confidential, people.triage_confidential2)
    assert told == {person.pk for person in group}


def test_what_waits_for_triage_too_long_reaches_the_supervisors(people):
    report = factories.submitted_report(service="other", answers={}, at=SUNDAY)
    # Four working hours.
    at = report.deadlines.get(promise="triage").next_step_at
    assert at == riyadh("13:00")
    escalating.sweep(at)
    assert climbed(report, "triage") == [
        (100, "supervisor", "inbox", "sent", "", 4),
        (100, "supervisor", "sms", "digest", "", 0),
    ]
    assert report.events.get(code="late").data["promise"] == "triage"


def test_where_nobody_is_left_an_alert_says_so_and_where_nobody_works_yet_none(report, people):
    Membership.objects.update(valid_until=SUNDAY - timedelta(days=1))
    escalating.sweep(report.deadlines.get(promise="resolution").next_step_at)
    assert [row for row in climbed(report) if row[0] == 50] == [
        (50, "coordinator", "inbox", "skipped", "nobody", 0),
        (50, "specialist", "inbox", "skipped", "nobody", 0),
    ]
    alerts = AuditEvent.objects.filter(code="nobody_to_tell")
    assert {(one.data["audience"], one.subject) for one in alerts} == {("coordinator", f"report:{report.pk}")}


def test_who_works_there_at_the_moment_of_the_step_is_told(report, people):
    at = report.deadlines.get(promise="resolution").next_step_at
    # given people whose time ended a minute before, and begins again a minute after
    for row in Membership.objects.all():
        Membership.objects.create(
            person=row.person, entity=row.entity, role=row.role, valid_from=at + timedelta(minutes=1)
        )
        Membership.objects.filter(pk=row.pk).update(valid_until=at - timedelta(minutes=1))
    seen = escalating.outlook(at)
    escalating.sweep(at)
    assert [row[3:] for row in climbed(report) if row[0] == 50] == [("skipped", "nobody", 0)] * 2
    # as the dry run had it
    assert (seen.people, seen.total) == (set(), 0)
    assert seen.nobody == StepTaken.objects.filter(reason="nobody").count()


def ladder_for(*steps, **subject):
    made = Escalation.objects.create(promise="resolution", **subject)
    for position, audience in steps:
        EscalationStep.objects.create(
            escalation=made, position=position, audience=audience, channel="inbox", event="deadline_near"
        )
    return made


def test_a_ladder_of_its_own_holds_from_when_it_is_written(worked_on, catalogue):
    # given a ladder of the service with a step at a quarter
    ladder_for((25, "coordinator"), service=catalogue.lamp)
    ladder_for((90, "coordinator"), entity=catalogue.north)
    scheduling.look_again(SUNDAY)
    assert scheduling.go_on(lambda: SUNDAY) == 1
    assert Rescheduling.objects.get().done_at == SUNDAY
    # then open promises come to it, and no other ladder's steps are theirs
    quarter = resolution(worked_on).next_step_at
    assert quarter == riyadh("12:08", day=23)
    swept_to_the_end(december("23:00", 31))
    assert climbed(worked_on) == [(25, "coordinator", "inbox", "sent", "", 1)]
    assert worked_on.events.filter(code="late", data__promise="resolution").exists()


def test_another_priority_has_another_ladder(worked_on, people, catalogue):
    ladder_for((10, "coordinator"), priority="low")
    by = StaffActor(people.coordinator)
    actions.set_priority(worked_on.pk, actor=by, priority="low", text="يحتمل الانتظار.", at=SUNDAY)
    assert resolution(worked_on).next_step_at == riyadh("13:03")


def test_a_dry_run_says_what_the_sweep_does_and_writes_nothing(worked_on, people):
    until = riyadh("14:30", day=29)
    before = list(Deadline.objects.order_by("pk").values())
    seen = escalating.outlook(until)
    assert list(Deadline.objects.order_by("pk").values()) == before
    assert not StepTaken.objects.exists()
    assert not Notice.objects.exists()
    counted = escalating.sweep(until)
    rows = StepTaken.objects.filter(outcome="sent")
    assert seen.messages == Counter(channel for row in rows for channel in [row.channel] * row.people)
    assert (seen.for_digest, seen.overtaken, seen.late) == (
        counted["digest"],
        StepTaken.objects.filter(reason="overtaken").count(),
        counted["late"],
    )
    assert seen.people == {people.coordinator.pk, people.specialist.pk}


def test_a_sweep_takes_all_that_has_come_in_its_batches(worked_on):
    factories.submitted_report(at=SUNDAY)
    # Each batch is one promise, of two reports with two.
    counted = escalating.sweep(LONG_AFTER, batch=1)
    assert not Deadline.objects.filter(next_step_at__lte=LONG_AFTER).exists()
    taken = Counter(StepTaken.objects.values_list("outcome", flat=True))
    late = Event.objects.filter(code="late").count()
    assert (counted, late) == (taken + Counter(late=late), 4)


def test_what_a_sweep_has_no_time_for_is_the_next_ones(worked_on):
    factories.submitted_report(at=SUNDAY)
    for left in (3, 2, 1, 0):
        escalating.sweep(LONG_AFTER, seconds=0, batch=1)
        assert Deadline.objects.filter(next_step_at__lte=LONG_AFTER).count() == left


def test_a_dry_run_sums_up_its_batches_and_stops_when_it_has_seen_enough(worked_on, monkeypatch):
    factories.submitted_report(at=SUNDAY)
    whole = escalating.outlook(LONG_AFTER)
    monkeypatch.setattr(escalating, "BATCH", 1)
    assert escalating.outlook(LONG_AFTER) == whole
    assert (whole.promises, whole.late) == (4, 4)
    assert [escalating.outlook(LONG_AFTER, most=most).promises for most in (1, 2, 4, 5)] == [1, 2, 4, 4]


def test_open_promises_are_looked_at_anew_one_batch_after_the_other(worked_on, catalogue, monkeypatch):
    others = [factories.submitted_report(at=SUNDAY) for _ in range(2)]
    ladder_for((25, "coordinator"), service=catalogue.lamp)
    scheduling.look_again(SUNDAY)
    monkeypatch.setattr(scheduling, "AT_ONCE", 2)
    # What it has no time for it goes on with the next time, and says how many have another next step.
    assert [scheduling.go_on(lambda: SUNDAY, seconds=0) for _ in range(3)] == [1, 1, 1]
    assert Rescheduling.objects.get().done_at is None
    assert scheduling.go_on(lambda: SUNDAY) == 0
    assert Rescheduling.objects.get().done_at == SUNDAY
    quarter = riyadh("12:08", day=23)
    assert [resolution(one).next_step_at for one in (worked_on, *others)] == [quarter] * 3


def test_of_loaded_history_what_came_to_pass_is_written_down_and_nobody_is_told(worked_on):
    other = factories.submitted_report(at=SUNDAY)
    told = Notice.objects.count(), staff_messages().count()
    half, due, until = riyadh("8:15", day=25), riyadh("14:30", day=29), december("15:00", 1)
    escalating.remember([worked_on.pk], half - timedelta(minutes=1))
    assert climbed(worked_on) == []
    escalating.remember([worked_on.pk], half)
    assert {row[0] for row in climbed(worked_on)} == {50}
    escalating.remember([worked_on.pk], until)
    rows = StepTaken.objects.filter(deadline=resolution(worked_on))
    assert {(row.outcome, row.reason, row.people) for row in rows} == {("skipped", "past", 0)}
    # Each when it was due, and the report became late when it did.
    assert {(row.position, row.due_at, row.at) for row in rows} == {
        (50, half, half),
        (80, riyadh("13:24", day=26), until),
        (100, due, until),
        (102, december("14:30", 1), until),
    }
    assert {(row.audience, row.channel) for row in rows if row.position == 80} == {
        (audience, channel) for audience in ("coordinator", "specialist") for channel in ("inbox", "email")
    }
    assert worked_on.events.get(code="late", data__promise="resolution").at == due
    assert list(history.verify()) == []
    assert (resolution(worked_on).reached, resolution(worked_on).next_step_at) == (102, december("14:30", 6))
    # It was not asked for the other, and nobody hears of what is over.
    assert not StepTaken.objects.filter(deadline__report=other).exists()
    assert (Notice.objects.count(), staff_messages().count()) == told
    escalating.sweep(until)
    assert not StepTaken.objects.filter(deadline__report=worked_on, outcome="sent").exists()


def test_two_hundred_cost_the_statements_of_one(people, django_assert_max_num_queries):
    for _ in range(6):
        factories.submitted_report(at=SUNDAY)
    with django_assert_max_num_queries(40):
        escalating.sweep(LONG_AFTER)
    assert StepTaken.objects.values("deadline__report").distinct().count() == 6
