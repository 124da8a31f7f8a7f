"""Working time: known examples, and properties against a reference that walks minute by minute."""

import itertools
import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.walking import Walked, hours_of
from cms.reports.deadlines import (
    CLOSED,
    DAY,
    EPOCH,
    Dated,
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
# The government's announced dates of 1448: Ramadan, the founding day, Eid, and a day of rain.
WITH_DATES = replace(
    REGION,
    ramadan=((600, 900),),
    ramadans=((date(2027, 2, 8), date(2027, 3, 8)),),
    dated=(
        Dated(date(2027, 2, 22), date(2027, 2, 22)),
        Dated(date(2027, 3, 4), date(2027, 3, 13)),
        Dated(date(2027, 2, 24), date(2027, 2, 24)),
        # A Saturday that is worked.
        Dated(date(2027, 3, 20), date(2027, 3, 20), ((450, 870),)),
    ),
)


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


def on(day: date, clock: str) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hours, minutes, tzinfo=RIYADH)


@pytest.mark.parametrize(
    ("start", "value", "unit", "expected"),
    [
        # The staff board's example: Thursday in Ramadan, over the weekend and the founding day.
        (on(date(2027, 2, 18), "14:00"), 7, "hours", on(date(2027, 2, 23), "11:00")),
        # Rain on the Wednesday, then Thursday 25; Sunday 28 is the second working day.
        (on(date(2027, 2, 23), "12:00"), 2, "days", on(date(2027, 2, 28), "15:00")),
        # From the 3rd over Eid: the first working day after it is Sunday the 14th, of ordinary hours.
        (on(date(2027, 3, 3), "14:00"), 1, "hours", on(date(2027, 3, 3), "15:00")),
        (on(date(2027, 3, 3), "14:00"), 2, "hours", on(date(2027, 3, 14), "08:30")),
        (on(date(2027, 3, 3), "14:00"), 1, "days", on(date(2027, 3, 14), "14:30")),
        # Received in the holiday counts as received when it is over.
        (on(date(2027, 3, 7), "10:00"), 1, "hours", on(date(2027, 3, 14), "08:30")),
        (on(date(2027, 3, 7), "10:00"), 1, "days", on(date(2027, 3, 15), "14:30")),
        # Thursday the 18th, then the Saturday that is worked.
        (on(date(2027, 3, 18), "09:00"), 1, "days", on(date(2027, 3, 20), "14:30")),
        (on(date(2027, 3, 18), "14:00"), 1, "hours", on(date(2027, 3, 20), "08:00")),
    ],
)
def test_holidays_ramadan_and_single_days_count_as_the_calendar_has_them(start, value, unit, expected):
    assert due(start, snapshot_minutes(value, unit, start, WITH_DATES), WITH_DATES) == expected


def test_a_night_belongs_to_the_day_on_which_it_begins():
    week = ((), (), ((1200, DAY + 120),), (), (), (), ((1200, DAY + 120),))
    nights = WorkingCalendar(code="n", version=1, mode="weekly", week=week)
    # Thursday 01:30 is still Wednesday's shift; one working day later is Sunday's close, on Monday at 02:00.
    start = at(4, "01:30")
    assert due(start, 60, nights) == at(7, "20:30")
    assert due(start, snapshot_minutes(0, "days", start, nights), nights) == at(4, "02:00")
    assert due(start, snapshot_minutes(1, "days", start, nights), nights) == at(8, "02:00")
    # A holiday on the Wednesday takes the whole shift; one on the Thursday nothing of it.
    wednesday, thursday = (SUNDAY + timedelta(days=3)).date(), (SUNDAY + timedelta(days=4)).date()
    without = replace(nights, dated=(Dated(wednesday, wednesday),))
    assert elapsed(at(3, "00:00"), at(6, "00:00"), without) == 0
    still = replace(nights, dated=(Dated(thursday, thursday),))
    assert elapsed(at(3, "00:00"), at(6, "00:00"), still) == 6 * 60


def test_a_version_holds_its_dates_and_looks_nothing_up():
    hours = {
        "mode": "weekly",
        "week": [[[450, 870]]] * 4 + [[], [], [[450, 870]]],
        "ramadan": {"hours": [[600, 900]], "dates": [["2027-02-08", "2027-03-08"]]},
        "dated": [{"from": "2027-03-04", "to": "2027-03-13", "name_en": "Eid"}],
    }
    made = WorkingCalendar.from_data({"code": "x", "version": 3, **hours})
    assert (made.ramadan, made.ramadans) == (((600, 900),), ((date(2027, 2, 8), date(2027, 3, 8)),))
    assert made.dated == (Dated(date(2027, 3, 4), date(2027, 3, 13)),)
    # One of before the dates were kept has none, whatever it says of Ramadan and holidays.
    old = {
        "days": ["sun"],
        "from": "07:30",
        "to": "14:30",
        "ramadan_from": "10:00",
        "observes_holidays": True,
    }
    plain = WorkingCalendar.from_data({"code": "x", "version": 1, **old})
    assert (plain.ramadan, plain.dated) == ((), ())


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
    [
        CLOSED,
        (((60, 30),), *CLOSED[1:]),
        (((0, 60), (30, 90)), *CLOSED[1:]),
        (((DAY, DAY + 1),), *CLOSED[1:]),
        (((60, 2 * DAY + 1),), *CLOSED[1:]),
        # Monday's night reaches into Tuesday's morning.
        (((1200, DAY + 60),), ((30, 90),), *CLOSED[2:]),
    ],
)
def test_a_calendar_without_sense_is_refused(week):
    with pytest.raises(ValueError, match="calendar"):
        WorkingCalendar(code="x", version=1, mode="weekly", week=week)


def test_days_that_end_before_they_begin_are_refused():
    with pytest.raises(ValueError, match="calendar"):
        replace(REGION, dated=(Dated(date(2027, 3, 5), date(2027, 3, 4)),))


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        due(datetime(2026, 1, 1), 5, REGION)  # noqa: DTZ001


# --- properties -------------------------------------------------------------------------------

span = st.lists(st.integers(0, DAY), min_size=2, max_size=4, unique=True).map(
    lambda edges: tuple(zip(*[iter(sorted(edges)[: len(edges) // 2 * 2])] * 2, strict=True))
)
# Past midnight, and early enough again that no day reaches into the next one's hours.
nights = st.tuples(st.integers(600, DAY - 1), st.integers(DAY + 1, DAY + 300)).map(lambda edges: (edges,))
weeks = st.one_of(
    st.lists(st.one_of(st.just(()), span), min_size=7, max_size=7),
    st.lists(st.one_of(st.just(()), nights), min_size=7, max_size=7),
).filter(any)
days = st.integers(-5, 75).map(lambda day: (SUNDAY + timedelta(days=day)).date())
spans_of_days = st.tuples(days, st.integers(0, 20)).map(lambda row: (row[0], row[0] + timedelta(days=row[1])))
dated = st.lists(
    st.tuples(spans_of_days, st.one_of(st.just(()), st.just(()), span, nights)).map(
        lambda row: Dated(*row[0], row[1])
    ),
    max_size=3,
)
weekly = st.tuples(weeks, dated, spans_of_days, st.booleans()).map(
    lambda parts: WorkingCalendar(
        code="w",
        version=1,
        mode="weekly",
        week=tuple(parts[0]),
        dated=tuple(parts[1]),
        ramadan=((600, 900),) if parts[3] else (),
        ramadans=(parts[2],),
    )
)
closing = dated.map(
    lambda rows: WorkingCalendar(code="c", version=1, mode="around_the_clock", dated=tuple(rows))
)
known = st.sampled_from(sorted(CALENDARS.values(), key=lambda calendar: calendar.code))
calendars = st.one_of(weekly, weekly, closing, known)
moments = st.integers(0, 60 * DAY).map(lambda minute: SUNDAY + timedelta(minutes=minute))
amounts = st.integers(0, 6000)
pause_lists = st.lists(st.tuples(moments, st.integers(0, 5 * DAY)), max_size=4).map(
    lambda rows: [(begin, begin + timedelta(minutes=length)) for begin, length in rows]
)


@settings(max_examples=25, deadline=None)
@given(calendars, moments, st.integers(0, 20 * DAY), st.integers(0, 900), pause_lists)
def test_it_agrees_with_walking_minute_by_minute(calendar, start, length, minutes, pauses):
    walked = Walked(calendar, SUNDAY.date() - timedelta(days=1), 90)
    end = start + timedelta(minutes=length)
    assert elapsed(start, end, calendar, pauses) == walked.elapsed(start, end, pauses)
    last = due(start, minutes, calendar, pauses)
    if walked.place(last) < len(walked.minutes):
        assert last == walked.due(start, minutes, pauses)


def test_ten_years_of_the_true_calendar_agree_with_walking():
    rng, first = random.Random(1448), date(2023, 1, 1)
    night = (((1200, DAY + 120),), *(((450, 720), (780, 870)),) * 4, (), ())
    calendar = replace(WITH_DATES, week=night, ramadan=((600, 900), (1260, DAY + 60)))
    walked = Walked(calendar, first, 3652)
    for _each in range(40):
        start = walked.moment(rng.randrange(3000 * DAY))
        minutes = rng.randrange(1, 30_000)
        begin = due(start, rng.randrange(minutes), calendar)
        pauses = [(begin, begin + timedelta(minutes=rng.randrange(20 * DAY)))]
        last = due(start, minutes, calendar, pauses)
        assert walked.elapsed(start, last, pauses) == minutes == elapsed(start, last, calendar, pauses)
        assert walked.elapsed(start, last - timedelta(minutes=1), pauses) == minutes - 1


@settings(deadline=None)
@given(calendars, moments, amounts, pause_lists)
def test_due_and_elapsed_are_each_others_inverse(calendar, start, minutes, pauses):
    end = due(start, minutes, calendar, pauses)
    assert elapsed(start, end, calendar, pauses) == minutes
    assert end == start or elapsed(start, end - timedelta(minutes=1), calendar, pauses) < max(minutes, 1)


@settings(deadline=None)
@given(calendars, moments, st.integers(0, 40 * DAY), pause_lists)
def test_and_the_other_way_round_as_far_as_minutes_can_be_told_apart(calendar, start, length, pauses):
    """Many moments have used the same number of minutes, a whole night: due names the first of them."""
    at = start + timedelta(minutes=length)
    used = elapsed(start, at, calendar, pauses)
    first = due(start, used, calendar, pauses)
    assert start <= first <= at
    assert elapsed(start, first, calendar, pauses) == used
    # exactly the moment itself wherever the minute before it was worked
    if elapsed(start, at - timedelta(minutes=1), calendar, pauses) < used:
        assert first == at


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
def test_days_end_at_a_close_of_the_nth_working_day(calendar, start, count):
    end = due(start, snapshot_minutes(count, "days", start, calendar), calendar)
    if calendar.mode == "around_the_clock":
        assert elapsed(start, end, calendar) == count * DAY
        return
    opening = calendar.opening(calendar.minute(start))
    first = (EPOCH + timedelta(days=calendar.day_of(opening))).date()
    worked = (first + timedelta(days=day) for day in itertools.count(1))
    nth = next(itertools.islice((day for day in worked if hours_of(calendar, day)), count - 1, None))
    close = hours_of(calendar, nth)[-1][1]
    midnight = datetime(nth.year, nth.month, nth.day, tzinfo=RIYADH)
    assert end == midnight + timedelta(minutes=close)


@settings(deadline=None)
@given(calendars, moments, amounts)
def test_a_day_cut_into_spans_that_touch_is_the_same_day(calendar, start, minutes):
    def cut(spans):
        middles = [(a, (a + b) // 2, b) for a, b in spans]
        halves = [[(a, m), (m, b)] if a < m < min(b, DAY) else [(a, b)] for a, m, b in middles]
        return tuple(itertools.chain(*halves))

    other = replace(
        calendar,
        week=tuple(map(cut, calendar.week)),
        ramadan=cut(calendar.ramadan),
        dated=tuple(row._replace(spans=cut(row.spans)) for row in calendar.dated),
    )
    end = due(start, minutes, calendar)
    assert due(start, minutes, other) == end
    assert elapsed(start, end, other) == minutes


@settings(deadline=None)
@given(weekly, days, st.integers(0, 5))
def test_days_off_are_as_a_pause_from_their_first_hour_to_their_last(calendar, first, more):
    last = first + timedelta(days=more)
    off = replace(calendar, dated=(*calendar.dated, Dated(first, last)))
    begin, end = (calendar.moment(minute) for minute in calendar.day_span(first, last))
    start = SUNDAY - timedelta(days=9)
    for minutes in (1, 700, 6000):
        assert due(start, minutes, off) == due(start, minutes, calendar, [(begin, end)])
