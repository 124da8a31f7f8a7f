"""Working time and promises: pure arithmetic over a calendar that is passed in.

Everything counts whole minutes; the seconds of a moment are dropped. A calendar turns a moment into the
number of working minutes since a fixed Monday, and back, so that no span is ever walked minute by minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

Pause = tuple[datetime, datetime | None]
Span = tuple[int, int]

DAY = 24 * 60
WEEK = 7 * DAY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A Monday, so that a minute's weekday is a division.
EPOCH = datetime(2001, 1, 1)  # noqa: DTZ001 (wall time of any zone)

WEEKLY = "weekly"
AROUND_THE_CLOCK = "around_the_clock"
CLOSED: tuple[tuple[Span, ...], ...] = ((),) * 7


@dataclass(frozen=True)
class WorkingCalendar:
    """The opening hours of one entity (or the region), one version of them.

    `week`: for Monday … Sunday the spans (first minute, minute after the last) that are worked, in order and
    apart. Empty when the mode is `around_the_clock`. Wall time of `timezone`, which has no summer time.
    """

    code: str
    version: int
    mode: str
    week: tuple[tuple[Span, ...], ...] = CLOSED
    timezone: str = "Asia/Riyadh"

    def __post_init__(self) -> None:
        if self.mode not in (WEEKLY, AROUND_THE_CLOCK):
            raise ValueError(f"calendar {self.code}: unknown mode {self.mode!r}")
        if len(self.week) != 7:
            raise ValueError(f"calendar {self.code}: a week has 7 days")
        for spans in self.week:
            edges = [edge for span in spans for edge in span]
            rising = all(a < b for a, b in zip(edges[::2], edges[1::2], strict=True))
            if not rising or edges != sorted(edges) or any(not 0 <= edge <= DAY for edge in edges):
                raise ValueError(f"calendar {self.code}: spans of a day must follow each other")
        if self.mode == WEEKLY and not any(self.week):
            raise ValueError(f"calendar {self.code}: no working time at all")

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> WorkingCalendar:
        """From an entry of calendars.json (days, from, to), or from `week` given in full as spans."""
        week: list[tuple[Span, ...]] = [()] * 7
        if data.get("mode", WEEKLY) == WEEKLY:
            if data.get("week"):
                week = [tuple((int(a), int(b)) for a, b in spans) for spans in data["week"]]
            else:
                span = (_minute_of_day(data["from"]), _minute_of_day(data["to"]))
                for day in data["days"]:
                    week[DAYS.index(day)] = (span,)
        return cls(
            code=data["code"],
            version=int(data.get("version", 1)),
            mode=data.get("mode", WEEKLY),
            week=tuple(week),
            timezone=data.get("timezone") or "Asia/Riyadh",
        )

    @cached_property
    def _spans(self) -> tuple[tuple[int, int, int], ...]:
        """(first minute of the week, minute after the last, working minutes of the week before it)."""
        spans, before = [], 0
        for day, of_day in enumerate(self.week):
            for first, last in of_day:
                spans.append((day * DAY + first, day * DAY + last, before))
                before += last - first
        return tuple(spans)

    @cached_property
    def _weekly(self) -> int:
        return sum(last - first for first, last, _ in self._spans)

    def minute(self, moment: datetime) -> int:
        """Minutes of wall time since the epoch."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        local = moment.astimezone(ZoneInfo(self.timezone)).replace(tzinfo=None)
        return (local - EPOCH) // timedelta(minutes=1)

    def moment(self, minute: int) -> datetime:
        local = (EPOCH + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo(self.timezone))
        return local.astimezone(UTC)

    def worked(self, minute: int) -> int:
        """Working minutes from the epoch up to `minute`."""
        if self.mode == AROUND_THE_CLOCK:
            return minute
        weeks, rest = divmod(minute, WEEK)
        within = 0
        for first, last, before in self._spans:
            if rest < first:
                break
            within = before + min(rest, last) - first
        return weeks * self._weekly + within

    def reached(self, worked: int) -> int:
        """The first minute by which so many have passed: a close rather than the next opening."""
        if self.mode == AROUND_THE_CLOCK:
            return worked
        weeks, rest = divmod(worked, self._weekly)
        if rest == 0:
            # A full number of weeks was already reached when the last span of the week before closed.
            return (weeks - 1) * WEEK + self._spans[-1][1]
        for first, last, before in self._spans:
            if rest <= before + last - first:
                return weeks * WEEK + first + rest - before
        raise AssertionError("unreachable")

    def opening(self, minute: int) -> int:
        """`minute` itself where it is working time, else the next opening."""
        if self.mode == AROUND_THE_CLOCK:
            return minute
        # The minute after one more working minute has passed, less that minute.
        return max(minute, self.reached(self.worked(minute) + 1) - 1)

    def close_of_day(self, minute: int, days_later: int) -> int:
        """The close of the n-th working day after the day of `minute` (n may be 0)."""
        day = minute // DAY
        remaining = days_later
        # Whole weeks at once; then at most six days one by one.
        open_days = sum(1 for spans in self.week if spans)
        weeks = max((remaining - 1) // open_days, 0)
        day, remaining = day + 7 * weeks, remaining - weeks * open_days
        while remaining:
            day += 1
            remaining -= 1 if self.week[day % 7] else 0
        return day * DAY + self.week[day % 7][-1][1]


def _minute_of_day(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def snapshot_minutes(
    value: int, unit: Literal["hours", "days"] | str, start: datetime, calendar: WorkingCalendar
) -> int:
    """A promise of `value` working hours or days, as working minutes from `start`."""
    if value < 0:
        raise ValueError("a promise is not negative")
    if unit == "hours":
        return value * 60
    if unit != "days":
        raise ValueError(f"unknown unit {unit!r}")
    if calendar.mode == AROUND_THE_CLOCK:
        return value * DAY
    opening = calendar.opening(calendar.minute(start))
    return calendar.worked(calendar.close_of_day(opening, value)) - calendar.worked(opening)


def _merged(pauses: Iterable[Pause], calendar: WorkingCalendar, since: int) -> list[tuple[int, int | None]]:
    """Pauses as minutes, in order and apart, cut off before `since`; an end of None is still open."""
    rows = sorted(
        ((calendar.minute(begin), None if end is None else calendar.minute(end)) for begin, end in pauses),
        key=lambda row: row[0],
    )
    merged: list[tuple[int, int | None]] = []
    for begin, end in rows:
        begin = max(begin, since)
        if end is not None and end <= begin:
            continue
        if merged and (merged[-1][1] is None or begin <= merged[-1][1]):
            last_begin, last_end = merged[-1]
            both_end = None if last_end is None or end is None else max(last_end, end)
            merged[-1] = (last_begin, both_end)
        else:
            merged.append((begin, end))
    return merged


def due(start: datetime, minutes: int, calendar: WorkingCalendar, pauses: Sequence[Pause] = ()) -> datetime:
    """When `minutes` of working time, pauses left out, have passed since `start` (UTC).

    A pause that is still open moves nothing yet: it does so when it ends. Until then the promise is not due,
    whatever this says; `elapsed` stands still.
    """
    begin = calendar.minute(start)
    target = calendar.worked(begin) + minutes
    for pause_begin, pause_end in _merged(pauses, calendar, begin):
        if pause_end is None or max(begin, calendar.reached(target)) <= pause_begin:
            break
        target += calendar.worked(pause_end) - calendar.worked(pause_begin)
    return calendar.moment(max(begin, calendar.reached(target)))


def elapsed(start: datetime, at: datetime, calendar: WorkingCalendar, pauses: Sequence[Pause] = ()) -> int:
    """Working minutes used from `start` to `at`, pauses left out; 0 before the start."""
    begin, end = calendar.minute(start), calendar.minute(at)
    if end <= begin:
        return 0
    used = calendar.worked(end) - calendar.worked(begin)
    for pause_begin, pause_end in _merged(pauses, calendar, begin):
        if pause_begin >= end:
            break
        stop = end if pause_end is None else min(pause_end, end)
        used -= calendar.worked(stop) - calendar.worked(pause_begin)
    return used


def continued_minutes(left: int, whole: int, whole_new: int) -> int:
    """What is left of a promise that goes on elsewhere, by the share that is left of it, rounded down.

    `left` of `whole` working minutes count in the calendar that is left, `whole_new` is the whole promise in
    the new one: half used stays half used, however often it is handed on. 0 when it is already late: such a
    promise keeps its old due time.
    """
    return max(left, 0) * whole_new // whole if whole > 0 else 0
