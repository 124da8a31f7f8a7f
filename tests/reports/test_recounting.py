"""Every promise counted again from its calendar's version and its events; what was forged is named."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from cms.reports import actions, recounting
from cms.reports.actors import StaffActor
from cms.reports.models import Deadline, Report
from tests import factories

from . import groups

pytestmark = pytest.mark.django_db
SUNDAY = datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("Asia/Riyadh"))
HOUR = timedelta(hours=1)


def verified(*arguments):
    out = StringIO()
    call_command("verify_deadlines", *arguments, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def moved(people, catalogue, report_in):
    """Asked, answered by its sender, and then transferred to an entity that works around the clock."""
    factories.ReasonFactory(code="other_entity", used_for="transfer")
    catalogue.water.calendar = factories.CalendarFactory(code="always", hours=factories.AROUND_THE_CLOCK)
    catalogue.water.save()
    report = report_in("in_progress", at=SUNDAY)
    asked = actions.ask_sender(
        report.pk,
        actor=StaffActor(people.coordinator),
        version=report.version,
        text="أين العمود تحديدًا؟",
        at=SUNDAY + HOUR,
    )
    reply = actions.sender_reply(
        asked.pk, actor=factories.as_sender(asked), text="عند المسجد.", at=SUNDAY + 3 * HOUR
    )
    return actions.transfer(
        reply.pk,
        actor=StaffActor(people.supervisor),
        version=reply.version,
        entity="water",
        reason="other_entity",
        at=SUNDAY + 4 * HOUR,
    )


def test_promises_that_stood_still_and_went_elsewhere_are_equal(moved):
    move = moved.events.get(code="transfer").data["moved"][-1]
    assert (move["before"]["version"], len(move["before"]["pauses"]), move["restart"]) == (1, 1, False)
    assert verified() == f"{Deadline.objects.count()} promises counted again"
    assert verified(moved.reference, "--language", "ar") == "أُعيد حساب موعدين"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda row: {"due_at": row.due_at + timedelta(minutes=1)}, recounting.DUE),
        (
            lambda row: {"minutes": row.minutes + 1, "due_at": row.due_at + timedelta(minutes=1)},
            recounting.MINUTES,
        ),
        (lambda row: {"starts_at": row.starts_at + timedelta(minutes=1)}, recounting.START),
        (lambda row: {"calendar_version": 9}, recounting.VERSION),
    ],
)
def test_a_row_that_somebody_changed_is_named(moved, change, says):
    row = moved.deadlines.get(promise="resolution")
    Deadline.objects.filter(pk=row.pk).update(**change(row))
    out = StringIO()
    with pytest.raises(CommandError, match="1 promise differs"), override("en"):
        call_command("verify_deadlines", stdout=out)
    with override("en"):
        says = str(says)
    assert out.getvalue().strip() == f"{moved.reference}, Resolution, round 1: {says}"


def _undone(member, primary, people):
    groups.unmerged(member, people.coordinator, at=SUNDAY + 30 * HOUR)


def _replied_after_it_was_undone(member, primary, people):
    _undone(member, primary, people)
    actions.sender_reply(
        member.pk, actor=factories.as_sender(member), text="عند المسجد.", at=SUNDAY + 49 * HOUR
    )


def _takes_its_place(member, primary, people):
    actions.withdraw(primary.pk, actor=factories.as_sender(primary), at=SUNDAY + 30 * HOUR)


@pytest.mark.parametrize(
    ("state", "goes_on", "pauses"),
    [
        ("in_progress", _undone, [(2, 30)]),
        ("awaiting_sender", _undone, []),
        ("awaiting_sender", _replied_after_it_was_undone, [(0, 49)]),
        ("awaiting_sender", _takes_its_place, [(0, 2)]),
        ("in_progress", _takes_its_place, []),
    ],
)
def test_merged_time_is_counted_too_and_a_pause_that_was_taken_out_is_named(
    people, report_in, state, goes_on, pauses
):
    factories.ReasonFactory(used_for="unmerge", code="merged_by_mistake")
    member, primary = report_in(state, at=SUNDAY), report_in("with_entity", at=SUNDAY)
    member = groups.merged(member, primary, people.coordinator, at=SUNDAY + 2 * HOUR)
    goes_on(member, primary, people)
    row = member.deadlines.get(promise="resolution")
    kept = [[(SUNDAY + hours * HOUR).astimezone(UTC).isoformat() for hours in pause] for pause in pauses]
    assert row.pauses == kept
    one = Report.objects.filter(pk=member.pk)
    ((_count, found),) = recounting.recount(one)
    assert found == []
    for without in range(len(kept)):
        Deadline.objects.filter(pk=row.pk).update(pauses=kept[:without] + kept[without + 1 :])
        ((_count, found),) = recounting.recount(one)
        assert [each.what for each in found] == [recounting.PAUSES]


def test_a_question_that_was_taken_out_and_a_column_that_says_otherwise_are_named(people, report_in):
    report = report_in("awaiting_sender", at=SUNDAY)
    actions.sender_reply(
        report.pk, actor=factories.as_sender(report), text="عند المسجد.", at=SUNDAY + 9 * HOUR
    )
    row = report.deadlines.get(promise="resolution")
    first = Report.objects.get(pk=report.pk).first_reply_due_at
    Deadline.objects.filter(pk=row.pk).update(pauses=[])
    Report.objects.filter(pk=report.pk).update(first_reply_due_at=first + HOUR)
    ((_count, found),) = recounting.recount(Report.objects.all())
    assert [one.what for one in found] == [recounting.COLUMN, recounting.PAUSES]
