"""A holiday applied to open promises: shown, confirmed as it was shown, each once, the senders told."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError

from cms.entities.dated import renew_versions
from cms.entities.models import Occasion
from cms.outbox.models import Effect
from cms.reports import actions, promises
from cms.reports.actors import StaffActor
from cms.reports.deadlines import due
from cms.reports.errors import Code, Conflict, DomainError
from cms.reports.history import verify
from cms.reports.models import Deadline, Postponement, Report
from cms.reports.postponing import plans
from cms.reports.timeline import sender_timeline
from permissions.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db
SUNDAY = datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("Asia/Riyadh"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHY = "أعلنت الإجازة بأمر سامٍ."


def days_off(first: str = "2026-11-24", last: str = "2026-11-25", **more) -> Occasion:
    given = {"code": "day", "kind": "holiday", "name_ar": "إجازة اليوم", "name_en": "The day", **more}
    first_day, last_day = date.fromisoformat(first), date.fromisoformat(last)
    return Occasion.objects.create(first_day=first_day, last_day=last_day, **given)


def confirmed(people, occasion, at=SUNDAY + HOUR):
    made = plans.plan(occasion, by=people.admin, at=at)
    return plans.confirm(made.pk, by=people.admin, reason=WHY, seen=made.shown, at=at)


def outcomes(made):
    return sorted(made.steps.values_list("report", "outcome"))


def test_two_days_off_move_each_open_promise_by_its_working_time_once(people, catalogue, report_in):
    # given two open reports and an answered one, and an announcement after they were promised
    first, second = (report_in("assigned", at=SUNDAY + n * HOUR) for n in (0, 1))
    answered = report_in("answered", at=SUNDAY)
    occasion = days_off()
    renew_versions(SUNDAY + 2 * HOUR)
    late = factories.submitted_report(at=SUNDAY + 3 * HOUR)
    before = {row.pk: row.due_at for row in Deadline.objects.all()}

    # when it is planned: nothing moves yet, and what moves is written down with both times
    made = plans.plan(occasion, by=people.supervisor, at=SUNDAY + 4 * HOUR)
    assert {row.pk: row.due_at for row in Deadline.objects.all()} == before
    # the late one was counted with a calendar that knows of the days, and does not move
    assert [step.report_id for step in made.steps.all()] == [first.pk, second.pk]
    row = first.deadlines.get(promise="resolution")
    shown = made.steps.get(report=first).moves
    two_days = due(row.starts_at, row.minutes + 2 * 7 * 60, promises.calendar_of(row))
    assert {"promise": "resolution", "was": row.due_at.isoformat(), "due": two_days.isoformat()} in shown

    # and when an administrator confirms what was shown
    with pytest.raises(DomainError) as refused:
        plans.confirm(made.pk, by=people.supervisor, reason=WHY, seen=made.shown)
    assert refused.value.code is Code.DENIED
    plans.confirm(made.pk, by=people.admin, reason=WHY, seen=made.shown, at=SUNDAY + 5 * HOUR)
    assert plans.run(made.pk) == 2

    # then each has moved, by one event that keeps the old time
    made.refresh_from_db()
    assert (made.state, outcomes(made)) == ("done", [(first.pk, "moved"), (second.pk, "moved")])
    row.refresh_from_db()
    assert row.due_at == two_days
    moved = Report.objects.get(pk=first.pk)
    assert (moved.resolution_due_at, moved.next_due_at) == (two_days, two_days)
    event = moved.events.get(code="postpone")
    assert (event.data["moved"], event.body.text, event.actor_kind) == (shown, WHY, "system")
    assert answered.events.filter(code="postpone").count() == 0
    assert late.events.filter(code="postpone").count() == 0
    assert list(verify()) == []
    entry = sender_timeline(moved)[-1]
    # Its sender reads which days, and not the reason that was given inside.
    assert (entry.text, "إجازة اليوم" in entry.label or "The day" in entry.label) == ("", True)
    audited = AuditEvent.objects.filter(code__startswith="postponement_").order_by("pk")
    assert [row.code for row in audited] == [
        "postponement_planned",
        "postponement_confirmed",
        "postponement_done",
    ]
    # A second plan finds nothing: the days are taken once.
    assert plans.plan(occasion, by=people.admin).steps.count() == 0


def test_whoever_keeps_no_calendars_does_not_know_of_it(people, catalogue):
    occasion = days_off()
    for person in (people.coordinator, people.auditor, people.emirate):
        with pytest.raises(DomainError) as refused:
            plans.plan(occasion, by=person)
        assert refused.value.code is Code.NOT_FOUND
    assert not Postponement.objects.exists()
    working = days_off(code="on", kind="working")
    with pytest.raises(DomainError) as invalid:
        plans.plan(working, by=people.admin)
    assert invalid.value.code is Code.INVALID


def test_what_was_not_shown_is_not_confirmed(people, catalogue, report_in):
    report_in("assigned", at=SUNDAY)
    occasion = days_off()
    made = plans.plan(occasion, by=people.admin)
    new = factories.submitted_report(at=SUNDAY + HOUR)
    with pytest.raises(Conflict):
        plans.confirm(made.pk, by=people.admin, reason=WHY, seen=made.shown)
    made.refresh_from_db()
    # What is true now is shown next, and that can be confirmed.
    assert (made.state, made.steps.filter(report=new).exists()) == ("planned", True)
    plans.confirm(made.pk, by=people.admin, reason=WHY, seen=made.shown)
    with pytest.raises(DomainError) as twice:
        plans.confirm(made.pk, by=people.admin, reason=WHY, seen=made.shown)
    assert twice.value.code is Code.WRONG_STATE


def test_what_ends_or_changes_meanwhile_is_left_as_it_is(people, catalogue, report_in):
    ended, asked, stays = (report_in("in_progress", at=SUNDAY) for _ in range(3))
    made = confirmed(people, days_off())
    coordinator = StaffActor(people.coordinator)
    given = {"actor": coordinator, "at": SUNDAY + 2 * HOUR}
    actions.answer(ended.pk, text="أصلحنا العمود.", version=ended.version, **given)
    actions.ask_sender(asked.pk, text="أين العمود تحديدًا؟", version=asked.version, **given)
    plans.run(made.pk)
    assert outcomes(made) == [(ended.pk, "gone"), (asked.pk, "changed"), (stays.pk, "moved")]

    # The one that stood still gets the days when it goes on: once, and its event says from when to when.
    actions.sender_reply(asked.pk, actor=factories.as_sender(asked), text="عند المسجد.", at=SUNDAY + 4 * HOUR)
    row = asked.deadlines.get(promise="resolution")
    calendar = promises.calendar_of(row)
    assert row.due_at == due(row.starts_at, row.minutes + 2 * 7 * 60 + 2 * 60, calendar)


def test_a_worker_that_dies_in_the_middle_is_followed_by_one_that_does_the_rest(
    people, catalogue, report_in, monkeypatch
):
    reports = [report_in("assigned", at=SUNDAY) for _ in range(4)]
    made = confirmed(people, days_off())
    real, calls = plans.postpone, []

    def dies(report_id, **given):
        moved = real(report_id, **given)
        calls.append(report_id)
        if len(calls) == 3:
            raise OperationalError("the server closed the connection")
        return moved

    monkeypatch.setattr(plans, "postpone", dies)
    with pytest.raises(OperationalError):
        plans.run(made.pk)
    assert [outcome for _report, outcome in outcomes(made)] == ["moved", "moved", "waiting", "waiting"]
    assert plans.run(made.pk) == 0
    later = datetime.now(UTC) + timedelta(minutes=2)
    assert (plans.waiting(), plans.run(made.pk, now=lambda: later)) == ([made.pk], 2)
    for report in reports:
        assert report.events.filter(code="postpone").count() == 1
        assert report.deadlines.get(promise="resolution").pauses.__len__() == 1
        assert Effect.objects.filter(payload__report=report.pk, payload__event="postpone").count() == 1


def test_one_governorate_alone_and_around_the_clock_not_at_all(people, catalogue):
    there = factories.submitted_report(at=SUNDAY)
    elsewhere = factories.submitted_report(at=SUNDAY, place="village")
    catalogue.water.calendar = factories.CalendarFactory(code="always", hours=factories.AROUND_THE_CLOCK)
    catalogue.water.save()
    always = factories.submitted_report(at=SUNDAY, service="leak", answers={})
    in_town = plans.plan(days_off(code="rain", kind="suspension", place=catalogue.town), by=people.admin)
    assert [step.report_id for step in in_town.steps.all()] == [there.pk]
    everywhere = plans.plan(days_off(), by=people.admin)
    found = set(everywhere.steps.values_list("report", flat=True))
    assert (found >= {there.pk, elsewhere.pk}, always.pk in found) == (True, False)


def test_the_sender_is_told_the_new_day_and_nobody_of_a_confidential_report(people, catalogue):
    told = factories.submitted_report(at=SUNDAY)
    silent = factories.submitted_report(at=SUNDAY, service="abuse", answers={})
    made = confirmed(people, days_off())
    plans.run(made.pk)
    assert set(outcomes(made)) == {(told.pk, "moved"), (silent.pk, "moved")}
    effects = Effect.objects.filter(payload__event="postpone")
    assert [effect.payload["report"] for effect in effects] == [told.pk]
    due_at = told.deadlines.get(promise="resolution").due_at
    assert effects[0].payload["values"]["holiday"] == "إجازة اليوم"
    assert str(due_at.astimezone(SUNDAY.tzinfo).day) in effects[0].payload["values"]["due"]
    assert plans.progress(made) == {"moved": 1}
