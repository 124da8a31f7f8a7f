"""The morning's digest: one message a leader and working morning, true, short; none where nothing is late."""

from datetime import datetime, timedelta

import pytest

from cms.entities.models import CalendarVersion, Escalation, EscalationStep
from cms.entities.snapshot import renew
from cms.notifications import digests
from cms.notifications.models import Choice, Notice, SentMessage
from cms.outbox.models import Effect
from cms.reports import actions, escalating
from cms.reports.actors import StaffActor
from cms.reports.models import DigestTold, Report
from tests import factories

from .conftest import RIYADH, riyadh

pytestmark = pytest.mark.usefixtures("people", "texts")

SUNDAY = riyadh("09:00")
# Due at the close of the Sunday after; the first morning after it is Monday's.
CLOSE, MONDAY = riyadh("14:30", day=29), riyadh("08:00", day=30)
DAY = timedelta(days=1)


def december(day: int, clock_time: str = "08:00") -> datetime:
    hours, minutes = clock_time.split(":")
    return datetime(2026, 12, day, int(hours), int(minutes), tzinfo=RIYADH)


@pytest.fixture
def phones(people):
    for number, who in enumerate(("leader", "supervisor", "emirate", "leader2", "coordinator3"), start=1):
        user = getattr(people, who)
        user.phone = f"+96655000000{number}"
        user.save()
    return people


@pytest.fixture
def late(phones):
    """Two reports of the north branch that became late on Sunday."""
    made = [factories.submitted_report(at=SUNDAY + timedelta(minutes=n)) for n in range(2)]
    escalating.sweep(CLOSE)
    Effect.objects.all().delete()
    return made


def messages():
    rows = Effect.objects.filter(kind="staff_sms").order_by("pk")
    return [(row.payload["event"], row.payload["person"], row.payload["values"]) for row in rows]


def test_the_leader_gets_one_message_that_is_true(late, phones, relayed):
    assert digests.run(MONDAY) == 1
    relayed(MONDAY)
    sms = SentMessage.objects.get(person=phones.leader)
    oldest = min(late, key=lambda report: report.reference)
    assert sms.text.startswith(f"متأخر 2، الجديد 2. أقدمها {oldest.reference} منذ يوم ")
    assert (sms.to, sms.segments, sms.state) == ("+966550000001", 2, "sent")
    assert list(DigestTold.objects.values_list("person", "late", "new", "oldest")) == [
        (phones.leader.pk, 2, 2, oldest.reference)
    ]
    assert Notice.objects.filter(person=phones.leader, event="late_digest").count() == 1


def test_not_before_the_morning_nor_twice_nor_when_it_is_over(late):
    assert digests.run(MONDAY - timedelta(minutes=1)) == 0
    assert digests.run(MONDAY) == 1
    assert digests.run(MONDAY + timedelta(minutes=1)) == 0
    # a clock that was set back and comes again
    assert digests.run(MONDAY - timedelta(hours=1)) == 0
    assert digests.run(MONDAY + timedelta(hours=1)) == 0
    # the servers stood on Tuesday until after the close
    assert digests.run(december(1, "14:30")) == 0
    assert len(messages()) == 1


def test_the_next_morning_says_what_is_new_and_how_old_the_oldest_is(late, phones, catalogue):
    digests.run(MONDAY)
    newer = factories.submitted_report(at=riyadh("10:00", day=23))
    at = newer.deadlines.get(promise="resolution").due_at
    assert at == riyadh("14:30", day=30)
    escalating.sweep(at)
    Effect.objects.all().delete()
    digests.run(december(1))
    oldest = min(late, key=lambda report: report.reference)
    values = {"count": 3, "new": 1, "reference": oldest.reference, "age": 2, "triage": 0}
    assert messages() == [("late_digest", phones.leader.pk, values)]


def test_nothing_is_sent_where_nothing_is_late_any_more(late, phones):
    for report in late:
        by = StaffActor(phones.coordinator)
        actions.answer(report.pk, actor=by, version=report.version, text="أُصلح العمود.", at=CLOSE)
    assert digests.run(MONDAY) == 0
    assert messages() == []
    assert not DigestTold.objects.exists()


def test_no_digest_on_a_day_on_which_nobody_works(late):
    digests.run(MONDAY)
    # Friday and Saturday
    assert [digests.run(december(day)) for day in (4, 5)] == [0, 0]
    assert digests.run(december(6)) == 1


def test_it_waits_for_the_entitys_own_opening(late, catalogue):
    own = factories.CalendarFactory(code="late-risers", hours={**factories.OFFICE_HOURS, "from": "10:00"})
    catalogue.north.calendar = own
    catalogue.north.save()
    assert CalendarVersion.objects.filter(calendar=own).count() == 1
    assert digests.run(MONDAY) == 0
    assert digests.run(riyadh("10:00", day=30)) == 1


def test_what_stays_late_climbs_to_the_supervisors_and_the_emirate_in_their_own_words(late, phones):
    escalating.sweep(december(1, "14:30"))
    digests.run(december(2))
    escalating.sweep(december(6, "14:30"))
    Effect.objects.all().delete()
    digests.run(december(7))
    told = {(event, person): values["count"] for event, person, values in messages()}
    assert told[("late_digest", phones.leader.pk)] == 2
    assert told[("late_supervisor", phones.supervisor.pk)] == 2
    assert told[("late_emirate", phones.emirate.pk)] == 2
    assert phones.leader2.pk not in {person for _event, person in told}


def test_of_what_waits_for_triage_the_supervisors_read_the_number(phones):
    factories.submitted_report(service="other", answers={}, at=SUNDAY)
    escalating.sweep(riyadh("13:00"))
    Effect.objects.all().delete()
    digests.run(riyadh("08:00", day=23))
    said = {person: values for event, person, values in messages() if event == "late_supervisor"}
    assert (said[phones.supervisor.pk]["count"], said[phones.supervisor.pk]["triage"]) == (1, 1)


def test_confidential_ones_are_nowhere_in_a_digest(phones):
    for _ in range(3):
        factories.submitted_report(service="abuse", answers={}, at=SUNDAY)
    escalating.sweep(december(6, "14:30"))
    Effect.objects.all().delete()
    assert digests.run(december(7)) == 0
    assert messages() == []


def test_who_is_complained_about_does_not_count_it(late, phones, catalogue):
    Report.objects.filter(pk=late[0].pk).update(about_entity=catalogue.north)
    digests.run(MONDAY)
    said = {person: values["count"] for _event, person, values in messages()}
    assert said[phones.leader.pk] == 1


def test_who_is_told_of_each_by_itself_gets_no_digest(late):
    own = Escalation.objects.create(promise="resolution")
    EscalationStep.objects.create(
        escalation=own, position=100, audience="entity_leader", channel="sms", event="deadline_due"
    )
    renew()
    assert digests.run(MONDAY) == 0


def test_the_week_is_summed_up_for_who_asked(late, rules, phones):
    Choice.objects.create(person=phones.leader, event="late_weekly", channel="sms", wanted=True)
    digests.run(MONDAY)
    assert "late_weekly" not in {event for event, _person, _values in messages()}
    Effect.objects.all().delete()
    digests.run(december(6))
    weekly = [row for row in messages() if row[0] == "late_weekly"]
    assert weekly == [("late_weekly", phones.leader.pk, {"count": 2, "new": 2})]
