"""Working time: known examples, and properties against a reference that walks minute by minute."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cms.reports.deadlines import (
    CLOSED,
    DAY,
    WorkingCalendar,
    continued_minutes,
    due,
    elapsed,
    snapshot_minutes,
)

RIYADH = ZoneInfo("Asia/Riyadh")
DATA = Path(__file__).parents[2] / "cms" / "demo" / "data" / "calendars.json"
CALENDARS = {row["code"]: WorkingCalendar.from_data(row) for row in json.loads(DATA.read_text())["calendars"]}
REGION = CALENDARS["default"]
SUNDAY = datetime(2026, 11, 22, tzinfo=RIYADH)


def at(days: int, clock: str) -> datetime:
    """Days after Sunday 22 November 2026, wall time of Riyadh."""
    hours, minutes = clock.split(":")
    return SUNDAY + timedelta(days=days, hours=int(hours), minutes=int(minutes))


# --- examples ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "value", "unit", "expected"),
    [
        (at(0, "09:00"), 4, "hours", at(0, "13:00")),
        (at(0, "13:00"), 4, "hours", at(1, "10:00")),
        (at(0, "10:30"), 4, "hours", at(0, "14:30")),
        (at(4, "14:00"), 1, "hours", at(7, "08:00")),
        (at(5, "22:00"), 1, "hours", at(7, "08:30")),
        (at(0, "09:00"), 1, "days", at(1, "14:30")),
        (at(0, "09:00"), 5, "days", at(7, "14:30")),
        (at(4, "09:00"), 1, "days", at(7, "14:30")),
        # Outside working time counts as the next opening: Thursday evening is Sunday.
        (at(4, "15:00"), 1, "days", at(8, "14:30")),
        (at(0, "14:30"), 1, "days", at(2, "14:30")),
        (at(0, "03:00"), 1, "days", at(1, "14:30")),
        (at(0, "07:30"), 1, "days", at(1, "14:30")),
        (at(0, "09:00"), 30, "days", at(42, "14:30")),
    ],
)
def test_a_promise_ends_at_the_hour_the_domain_says(start, value, unit, expected):
    assert due(start, snapshot_minutes(value, unit, start, REGION), REGION) == expected


def test_around_the_clock_a_day_is_24_hours():
    start = at(5, "23:10")
    minutes = snapshot_minutes(2, "days", start, CALENDARS["always"])
    assert minutes == 2 * DAY
    assert due(start, minutes, CALENDARS["always"]) == start + timedelta(days=2)


def test_due_is_in_utc():
    assert due(at(0, "09:00"), 60, REGION).tzinfo is UTC


def test_seconds_are_dropped():
    assert due(at(0, "09:00") + timedelta(seconds=59), 60, REGION) == at(0, "10:00")


def test_a_question_over_the_weekend_moves_the_due_time_by_its_working_minutes():
    start, pause = at(4, "09:00"), (at(4, "14:00"), at(7, "08:00"))
    # 30 minutes on Thursday, 30 on Sunday
    assert due(start, 5 * 60, REGION) == at(4, "14:00")
    assert due(start, 6 * 60, REGION) == at(7, "08:00")
    assert due(start, 6 * 60, REGION, [pause]) == at(7, "09:00")
    assert elapsed(start, at(7, "09:00"), REGION, [pause]) == 6 * 60


def test_a_pause_that_begins_when_the_promise_was_already_due_moves_nothing():
    start = at(0, "09:00")
    assert due(start, 60, REGION, [(at(0, "10:00"), at(1, "10:00"))]) == at(0, "10:00")


def test_an_open_pause_stops_the_used_time_and_moves_nothing_yet():
    start = at(0, "09:00")
    assert elapsed(start, at(3, "10:00"), REGION, [(at(0, "10:00"), None)]) == 60
    assert due(start, 240, REGION, [(at(0, "10:00"), None)]) == at(0, "13:00")


def test_overlapping_pauses_count_once():
    start = at(0, "09:00")
    pauses = [(at(0, "10:00"), at(0, "12:00")), (at(0, "11:00"), at(0, "13:00"))]
    assert due(start, 120, REGION, pauses) == at(0, "14:00")


@pytest.mark.parametrize(
    ("left", "whole", "whole_new", "goes_on_with"),
    [
        (420, 840, 840, 420),
        (420, 840, 2880, 1440),
        (840, 840, 2880, 2880),
        (-60, 840, 2880, 0),
        (2, 3, 10, 6),
        # Half was used before it came here: what goes on is half of the new whole, not all of it.
        (1440, 2880, 840, 420),
    ],
)
def test_a_transfer_continues_by_the_share_that_is_left(left, whole, whole_new, goes_on_with):
    assert continued_minutes(left, whole, whole_new) == goes_on_with


@pytest.mark.parametrize(
    "week",
    [CLOSED, (((60, 30),), *CLOSED[1:]), (((0, 60), (30, 90)), *CLOSED[1:]), (((0, DAY + 1),), *CLOSED[1:])],
)
def test_a_calendar_without_sense_is_refused(week):
    with pytest.raises(ValueError, match="calendar"):
        WorkingCalendar(code="x", version=1, mode="weekly", week=week)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        due(datetime(2026, 1, 1), 5, REGION)  # noqa: DTZ001


# --- properties -------------------------------------------------------------------------------

span = st.lists(st.integers(0, DAY), min_size=2, max_size=4, unique=True).map(
    lambda edges: tuple(zip(*[iter(sorted(edges)[: len(edges) // 2 * 2])] * 2, strict=True))
)
weekly = (
    st.lists(st.one_of(st.just(()), span), min_size=7, max_size=7)
    .filter(any)
    .map(lambda week: WorkingCalendar(code="w", version=1, mode="weekly", week=tuple(week)))
)
calendars = st.one_of(weekly, st.sampled_from(sorted(CALENDARS.values(), key=lambda c: c.code)))
moments = st.integers(0, 60 * DAY).map(lambda minute: SUNDAY + timedelta(minutes=minute))
amounts = st.integers(0, 6000)
pause_lists = st.lists(st.tuples(moments, st.integers(0, 5 * DAY)), max_size=4).map(
    lambda rows: [(begin, begin + timedelta(minutes=length)) for begin, length in rows]
)


def is_working(minute: datetime, calendar: WorkingCalendar) -> bool:
    if calendar.mode == "around_the_clock":
        return True
    local = minute.astimezone(RIYADH)
    of_day = local.hour * 60 + local.minute
    return any(first <= of_day < last for first, last in calendar.week[local.weekday()])


def naive_elapsed(start, end, calendar, pauses=()):
    used, minute = 0, start
    while minute < end:
        paused = any(begin <= minute and (stop is None or minute < stop) for begin, stop in pauses)
        used += is_working(minute, calendar) and not paused
        minute += timedelta(minutes=1)
    return used


@settings(max_examples=40, deadline=None)
@given(calendars, moments, st.integers(0, 4 * DAY), pause_lists)
def test_elapsed_agrees_with_walking(calendar, start, length, pauses):
    end = start + timedelta(minutes=length)
    assert elapsed(start, end, calendar, pauses) == naive_elapsed(start, end, calendar, pauses)


@settings(max_examples=40, deadline=None)
@given(calendars, moments, st.integers(1, 900))
def test_due_agrees_with_walking(calendar, start, minutes):
    # sparse calendars take too long to walk
    assume(calendar.mode != "weekly" or sum(b - a for day in calendar.week for a, b in day) > 1000)
    end = due(start, minutes, calendar)
    assert naive_elapsed(start, end, calendar) == minutes
    assert naive_elapsed(start, end - timedelta(minutes=1), calendar) == minutes - 1


@settings(deadline=None)
@given(calendars, moments, amounts, pause_lists)
def test_due_and_elapsed_are_each_others_inverse(calendar, start, minutes, pauses):
    end = due(start, minutes, calendar, pauses)
    assert elapsed(start, end, calendar, pauses) == minutes
    assert end == start or elapsed(start, end - timedelta(minutes=1), calendar, pauses) < max(minutes, 1)


@settings(deadline=None)
@given(calendars, moments, amounts, amounts, pause_lists)
def test_more_time_is_never_due_earlier(calendar, start, minutes, more, pauses):
    assert due(start, minutes, calendar, pauses) <= due(start, minutes + more, calendar, pauses)


@settings(deadline=None)
@given(calendars, moments, moments, amounts)
def test_starting_later_is_never_due_earlier(calendar, start, other, minutes):
    first, second = sorted((start, other))
    assert due(first, minutes, calendar) <= due(second, minutes, calendar)


@settings(deadline=None)
@given(calendars, moments, amounts, st.integers(0, 6000))
def test_splitting_a_span_changes_nothing(calendar, start, minutes, extra):
    end = due(start, minutes, calendar)
    later = due(end, extra, calendar)
    assert elapsed(start, later, calendar) == minutes + extra
    assert due(start, minutes + extra, calendar) == (later if extra else end)


@settings(deadline=None)
@given(calendars, moments, st.integers(2, 6000), st.data())
def test_a_pause_of_p_working_minutes_moves_the_due_time_by_p(calendar, start, minutes, data):
    begin = due(start, data.draw(st.integers(1, minutes - 1)), calendar)
    paused = data.draw(st.integers(0, 3000))
    pause = (begin, due(begin, paused, calendar))
    assert due(start, minutes, calendar, [pause]) == due(start, minutes + paused, calendar)


@settings(deadline=None)
@given(calendars, moments, st.integers(1, 40))
def test_days_end_at_a_close_of_the_nth_working_day(calendar, start, days):
    end = due(start, snapshot_minutes(days, "days", start, calendar), calendar)
    if calendar.mode == "around_the_clock":
        assert end == start + timedelta(days=days)
        return
    day_of_start = start
    while not is_working(day_of_start, calendar):
        day_of_start += timedelta(minutes=1)
    # The last minute that counts; a close at midnight belongs to the day it ends.
    last = (end - timedelta(minutes=1)).astimezone(RIYADH)
    between = [
        day
        for day in range(1, (last.date() - day_of_start.astimezone(RIYADH).date()).days + 1)
        if calendar.week[(day_of_start.astimezone(RIYADH) + timedelta(days=day)).weekday()]
    ]
    assert len(between) == days
    assert last.hour * 60 + last.minute + 1 == calendar.week[last.weekday()][-1][1]
