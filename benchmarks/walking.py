"""Working time minute by minute, for comparison: each minute of some years is written down as worked or not.

It shares nothing with `cms.reports.deadlines` but what a calendar holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cms.reports.deadlines import AROUND_THE_CLOCK, Pause, Spans, WorkingCalendar

MINUTE = timedelta(minutes=1)


class Walked:
    """The minutes from the first day on, for so many days."""

    def __init__(self, calendar: WorkingCalendar, first: date, days: int) -> None:
        self.begins = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(calendar.timezone))
        self.minutes = bytearray(days * 1440)
        for number in range(-1, days):
            for begin, end in hours_of(calendar, first + timedelta(days=number)):
                for minute in range(max(number * 1440 + begin, 0), min(number * 1440 + end, days * 1440)):
                    self.minutes[minute] = 1

    def place(self, moment: datetime) -> int:
        return (moment - self.begins) // MINUTE

    def moment(self, place: int) -> datetime:
        return (self.begins + place * MINUTE).astimezone(UTC)

    def without(self, pauses: Sequence[Pause]) -> bytes:
        left = bytearray(self.minutes)
        for begin, end in pauses:
            since = max(self.place(begin), 0)
            until = len(left) if end is None else min(self.place(end), len(left))
            if until > since:
                left[since:until] = bytes(until - since)
        return bytes(left)

    def elapsed(self, start: datetime, at: datetime, pauses: Sequence[Pause] = ()) -> int:
        return self.without(pauses).count(1, self.place(start), max(self.place(at), self.place(start)))

    def due(self, start: datetime, minutes: int, pauses: Sequence[Pause] = ()) -> datetime:
        left, place = self.without(pauses), self.place(start)
        for _each in range(minutes):
            place = left.index(1, place) + 1
        return self.moment(place)


def hours_of(calendar: WorkingCalendar, day: date) -> Spans:
    for row in reversed(calendar.dated):
        if row.first <= day <= row.last:
            return row.spans
    of_week: Spans = ((0, 1440),) if calendar.mode == AROUND_THE_CLOCK else calendar.week[day.weekday()]
    in_ramadan = any(first <= day <= last for first, last in calendar.ramadans)
    return calendar.ramadan if in_ramadan and calendar.ramadan and of_week else of_week
