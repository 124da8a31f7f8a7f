"""How long is left of a promise and how late it is, as people count: by the date, in working days."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from cms.desk import promises
from cms.reports.deadlines import AROUND_THE_CLOCK, WEEKLY, Dated, WorkingCalendar, due, snapshot_minutes

DAY = ((450, 870),)
WEEK = (DAY, DAY, DAY, DAY, (), (), DAY)  # Sunday to Thursday, 07:30–14:30
OFFICE = WorkingCalendar("office", 1, WEEKLY, WEEK)
HOLIDAY = WorkingCalendar("holiday", 1, WEEKLY, WEEK, dated=(Dated(date(2026, 11, 24), date(2026, 11, 24)),))
SHORT = WorkingCalendar(
    "short", 1, WEEKLY, WEEK, ramadan=((600, 840),), ramadans=((date(2026, 11, 15), date(2026, 12, 15)),)
)
ALWAYS = WorkingCalendar("always", 1, AROUND_THE_CLOCK)


def at(day, clock):
    """Of November 2026, whose 22nd is a Sunday, in the wall time of Riyadh."""
    hour, minute = clock.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=UTC) - timedelta(hours=3)


@dataclass
class Promise:
    starts_at: datetime
    due_at: datetime
    minutes: int
    value: int
    unit: str = "days"
    pauses: tuple = ()
    paused_since: None = None
    outcome: str = "open"
    calendar_id: int = 1
    calendar_version: int = 1


@pytest.fixture
def said(monkeypatch):
    """What is read at `now` of a promise of so many days since `start`, with these pauses."""

    def of(calendar, start, now, *, days=5, unit="days", pauses=()):
        monkeypatch.setattr(promises, "working_calendar", lambda *given: calendar)
        minutes = snapshot_minutes(days, unit, start, calendar)
        ends = due(start, minutes, calendar, pauses)
        kept = tuple([a.isoformat(), b.isoformat()] for a, b in pauses)
        with translation.override("en"):
            return promises.due_of(Promise(start, ends, minutes, days, unit, kept), now, None).text

    return of


def test_days_are_those_that_were_promised(said):
    start = at(22, "08:00")
    assert said(OFFICE, start, start) == "5 working days left"
    assert said(OFFICE, start, at(22, "23:00")) == "5 working days left"
    assert said(OFFICE, start, at(23, "09:00")) == "4 working days left"
    # Friday and Saturday are nobody's
    assert said(OFFICE, start, at(27, "09:00")) == "1 working day left"


def test_a_short_pause_makes_no_more_days_of_it(said):
    start = at(22, "08:00")
    pause = [(at(22, "09:00"), at(22, "10:00"))]
    assert said(OFFICE, start, at(22, "10:30"), pauses=pause) == "5 working days left"


def test_a_pause_of_days_adds_them(said):
    start = at(22, "08:00")
    pause = [(at(22, "08:30"), at(24, "08:30"))]
    assert said(OFFICE, start, at(24, "08:31"), pauses=pause) == "5 working days left"
    assert said(OFFICE, start, at(24, "08:31"), days=1, pauses=pause) == "Due tomorrow"


def test_today_and_tomorrow_are_told_apart(said):
    start = at(22, "08:00")
    assert said(OFFICE, start, at(22, "14:29"), days=1) == "Due tomorrow"
    assert said(OFFICE, start, at(23, "07:30"), days=1) == "Today, 7 hours left"
    assert said(OFFICE, start, at(23, "13:30"), days=1) == "Today, 1 hour left"
    assert said(OFFICE, start, at(23, "14:20"), days=1) == "Today, 10 minutes left"
    assert said(OFFICE, start, at(22, "09:00"), days=4, unit="hours") == "Today, 3 hours left"


def test_days_off_and_shorter_days_are_the_calendars_own(said):
    start = at(22, "08:00")
    assert said(HOLIDAY, start, at(23, "08:00"), days=3) == "2 working days left"
    assert said(SHORT, start, at(23, "11:00"), days=5) == "4 working days left"


def test_around_the_clock_every_day_counts(said):
    start = at(22, "08:00")
    assert said(ALWAYS, start, start) == "5 days left"
    assert said(ALWAYS, start, at(26, "20:00")) == "Due tomorrow"
    assert said(ALWAYS, start, at(27, "06:00")) == "Today, 2 hours left"
    pause = [(at(22, "09:00"), at(22, "11:00"))]
    assert said(ALWAYS, start, at(22, "12:00"), pauses=pause) == "5 days left"


@pytest.mark.parametrize(
    ("calendar", "now", "text"),
    [
        (OFFICE, at(24, "08:30"), "30 minutes late"),
        (OFFICE, at(24, "14:30"), "6 hours late"),
        (OFFICE, at(25, "07:59"), "6 hours late"),
        (OFFICE, at(25, "08:00"), "1 working day late"),
        # Friday and Saturday are nobody's
        (OFFICE, at(27, "07:00"), "2 working days late"),
        (OFFICE, at(28, "20:00"), "2 working days late"),
        (OFFICE, at(29, "08:00"), "3 working days late"),
        # four hours are a whole day then
        (SHORT, at(25, "10:00"), "1 working day late"),
        (SHORT, at(26, "13:59"), "2 working days late"),
        (ALWAYS, at(25, "07:59"), "23 hours late"),
        (ALWAYS, at(25, "08:00"), "1 day late"),
    ],
    ids=range(11),
)
def test_late_counts_whole_days_by_the_clock(monkeypatch, calendar, now, text):
    monkeypatch.setattr(promises, "working_calendar", lambda *given: calendar)
    start = 10 if calendar is SHORT else 8
    ended = at(24, f"{start}:00")
    with translation.override("en"):
        assert promises.due_of(Promise(at(23, "10:00"), ended, 60, 1), now, None).text == text
