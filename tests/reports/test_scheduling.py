"""When the sweep looks at a promise next: as it is made, goes to another entity, stands still and ends."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cms.entities.models import CalendarVersion, Escalation, EscalationStep
from cms.entities.snapshot import renew
from cms.reports import actions, scheduling
from cms.reports.actors import StaffActor
from cms.reports.models import Deadline, Rescheduling
from tests import factories

pytestmark = pytest.mark.django_db
RIYADH = ZoneInfo("Asia/Riyadh")
SUNDAY = datetime(2026, 11, 22, 9, tzinfo=RIYADH)
HOUR = timedelta(hours=1)


def at(day, clock_time, month=11):
    hours, minutes = clock_time.split(":")
    return datetime(2026, month, day, int(hours), int(minutes), tzinfo=RIYADH)


def ladder(position, **subject):
    made = Escalation.objects.create(promise="resolution", **subject)
    EscalationStep.objects.create(
        escalation=made, position=position, audience="coordinator", channel="inbox", event="deadline_near"
    )


def resolution(report):
    return report.deadlines.get(promise="resolution")


def test_what_goes_to_another_entity_climbs_the_ladder_of_that_entity(people, catalogue, report_in):
    factories.ReasonFactory(code="other_entity", used_for="transfer")
    ladder(25, entity=catalogue.water)
    report = report_in("in_progress", at=SUNDAY)
    assert resolution(report).next_step_at == at(25, "8:15")
    actions.transfer(
        report.pk,
        actor=StaffActor(people.supervisor),
        version=report.version,
        entity="water",
        reason="other_entity",
        at=SUNDAY + HOUR,
    )
    # A quarter of 2,430 minutes, of which 330 are left of that Sunday.
    assert resolution(report).next_step_at == at(23, "12:08")


def test_nothing_comes_while_it_stands_still_nor_after_its_end(people, catalogue, report_in):
    report = report_in("in_progress", at=SUNDAY)
    asked = actions.ask_sender(
        report.pk,
        actor=StaffActor(people.coordinator),
        version=report.version,
        text="أين العمود تحديدًا؟",
        at=SUNDAY + HOUR,
    )
    assert resolution(report).next_step_at is None
    # A ladder that is written meanwhile does not wake it.
    ladder(90)
    scheduling.look_again(SUNDAY)
    scheduling.go_on(lambda: SUNDAY)
    assert resolution(report).next_step_at is None
    actions.sender_reply(asked.pk, actor=factories.as_sender(asked), text="عند المسجد.", at=SUNDAY + 3 * HOUR)
    # 2,187 minutes: 210 on the Sunday less these two hours, 420 on each of four days, and 297.
    assert resolution(report).next_step_at == at(29, "12:27")
    asked.refresh_from_db()
    answered = actions.answer(
        asked.pk,
        actor=StaffActor(people.coordinator),
        version=asked.version,
        text="أُصلح العمود.",
        at=SUNDAY + 4 * HOUR,
    )
    ended = resolution(answered)
    assert (ended.outcome, ended.next_step_at) == ("met", None)
    scheduling.look_again(SUNDAY)
    assert scheduling.go_on(lambda: SUNDAY) == 0
    assert resolution(answered).next_step_at is None


def test_days_late_are_those_of_the_region_as_it_works_when_it_is_due(people, catalogue, report_in):
    # given a region that works on Saturdays, too, from a December on that is long past
    version = CalendarVersion.objects.get(calendar__is_region_default=True)
    hours = {**version.hours, "days": [*version.hours["days"], "sat"]}
    december = datetime(2025, 12, 1, tzinfo=RIYADH)
    CalendarVersion.objects.create(calendar=version.calendar, number=2, valid_from=december, hours=hours)
    renew()
    ladder(105)
    report = report_in("in_progress", at=datetime(2025, 11, 23, 9, tzinfo=RIYADH))
    late = resolution(report)
    assert late.due_at == datetime(2025, 11, 30, 14, 30, tzinfo=RIYADH)
    late.reached = 100
    scheduling.schedule(late, report, scheduling.catalogue())
    # Monday to Thursday, and the Sunday after: it was due before there was work on Saturdays.
    assert late.next_step_at == datetime(2025, 12, 7, 14, 30, tzinfo=RIYADH)


def test_open_promises_are_gone_through_to_the_last_of_each_batch(people, catalogue, report_in, monkeypatch):
    for _ in range(3):
        report_in("in_progress", at=SUNDAY)
    ladder(25)
    pks = list(Deadline.objects.filter(outcome="open").order_by("pk").values_list("pk", flat=True))
    assert len(pks) > 2
    scheduling.look_again(SUNDAY)
    monkeypatch.setattr(scheduling, "AT_ONCE", len(pks) - 1)
    scheduling.go_on(lambda: SUNDAY, seconds=0)
    assert Rescheduling.objects.get().last == pks[-2]
    # All batches of one run are counted.
    scheduling.look_again(SUNDAY)
    Deadline.objects.update(next_step_at=None)
    monkeypatch.setattr(scheduling, "AT_ONCE", 2)
    assert scheduling.go_on(lambda: SUNDAY) == len(pks)
