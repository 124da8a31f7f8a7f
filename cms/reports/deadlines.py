"""Working time and promises: pure arithmetic over a calendar that is passed in.

Everything counts whole minutes; the seconds of a moment are dropped. A calendar turns a moment into the
number of working minutes since a fixed Monday, and back: days that differ from the week (holidays, Ramadan,
days off or on) stand in an index of cumulated minutes, all others are a division. No span is ever walked
minute by minute.

A span belongs to the day on which it begins, also where it ends past midnight: that day's holiday takes all
of it away, and the next day's none of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

Pause = tuple[datetime, datetime | None]
Span = tuple[int, int]
Spans = tuple[Span, ...]

DAY = 24 * 60
WEEK = 7 * DAY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A Monday, so that a minute's weekday is a division.
EPOCH = datetime(2001, 1, 1)  # noqa: DTZ001 (wall time of any zone)
EPOCH_DAY = EPOCH.toordinal()
MINUTE = timedelta(minutes=1)

WEEKLY = "weekly"
AROUND_THE_CLOCK = "around_the_clock"
CLOSED: tuple[Spans, ...] = ((),) * 7
ALL_DAY: tuple[Spans, ...] = (((0, DAY),),) * 7


class Dated(NamedTuple):
    """Days, the first and the last included, whose spans these are instead of the week's; none: days off."""

    first: date
    last: date
    spans: Spans = ()


@dataclass(frozen=True)
class WorkingCalendar:
    """The opening hours of one entity (or the region), one version of them, with all its dates.

    `week`: for Monday … Sunday the spans (first minute, minute after the last) that are worked, in order and
    apart; one that ends after `DAY` goes on past midnight. Left empty where the mode is `around_the_clock`.
    `ramadan`: the spans of every working day between the dates of `ramadans`; where there are none, Ramadan
    is like any month. `dated` beats both, a later row an earlier one. Wall time of `timezone`, which has no
    summer time.
    """

    code: str
    version: int
    mode: str
    week: tuple[Spans, ...] = CLOSED
    timezone: str = "Asia/Riyadh"
    ramadan: Spans = ()
    ramadans: tuple[tuple[date, date], ...] = ()
    dated: tuple[Dated, ...] = ()

    def __post_init__(self) -> None:
        if self.mode not in (WEEKLY, AROUND_THE_CLOCK):
            raise ValueError(f"calendar {self.code}: unknown mode {self.mode!r}")
        if len(self.week) != 7:
            raise ValueError(f"calendar {self.code}: a week has 7 days")
        for day, spans in enumerate(self.week):
            self._check(spans, self.week[(day + 1) % 7])
        self._check(self.ramadan, self.ramadan)
        for row in self.dated:
            self._check(row.spans, ())
        days = [*self.ramadans, *((row.first, row.last) for row in self.dated)]
        if any(last < first for first, last in days):
            raise ValueError(f"calendar {self.code}: days end before they begin")
        if self.mode == WEEKLY and not any(self.week):
            raise ValueError(f"calendar {self.code}: no working time at all")

    def _check(self, spans: Spans, next_day: Spans) -> None:
        edges = [edge for span in spans for edge in span]
        rising = all(a < b for a, b in zip(edges[::2], edges[1::2], strict=True))
        if not rising or edges != sorted(edges) or any(edge < 0 for edge in edges):
            raise ValueError(f"calendar {self.code}: spans of a day must follow each other")
        if any(first >= DAY for first, _last in spans) or any(edge > 2 * DAY for edge in edges):
            raise ValueError(
                f"calendar {self.code}: spans begin on their day and end on the next at the latest"
            )
        if spans and next_day and spans[-1][1] - DAY > next_day[0][0]:
            raise ValueError(f"calendar {self.code}: spans of a day must end before those of the next")

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> WorkingCalendar:
        """From what a version keeps: `week` as spans, or `days`, `from` and `to`; `ramadan` (hours and dates)
        and `dated`. Nothing is looked up: what is not in it does not count.
        """
        week: list[Spans] = [()] * 7
        if data.get("mode", WEEKLY) == WEEKLY:
            if data.get("week"):
                week = [spans_of(spans) for spans in data["week"]]
            else:
                span = (_minute_of_day(data["from"]), _minute_of_day(data["to"]))
                for day in data["days"]:
                    week[DAYS.index(day)] = (span,)
        ramadan = data.get("ramadan") or {}
        return cls(
            code=data["code"],
            version=int(data.get("version", 1)),
            mode=data.get("mode", WEEKLY),
            week=tuple(week),
            timezone=data.get("timezone") or "Asia/Riyadh",
            ramadan=spans_of(ramadan.get("hours") or ()),
            ramadans=tuple((_day(first), _day(last)) for first, last in ramadan.get("dates") or ()),
            dated=tuple(
                Dated(_day(row["from"]), _day(row["to"]), spans_of(row.get("hours") or ()))
                for row in data.get("dated") or ()
            ),
        )

    @cached_property
    def _week(self) -> tuple[Spans, ...]:
        return ALL_DAY if self.mode == AROUND_THE_CLOCK else self.week

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def _other_days(self) -> dict[int, Spans]:
        """The spans of each day, by its number, on which they are not simply the week's."""
        found: dict[int, Spans] = {}
        for first, last in self.ramadans:
            for day in _numbers(first, last):
                if self.ramadan and self._week[day % 7]:
                    found[day] = self.ramadan
        for row in self.dated:
            found.update(dict.fromkeys(_numbers(row.first, row.last), row.spans))
        return found

    def spans_on(self, day: int) -> Spans:
        """What begins on the day of this number; empty where it is not a working day."""
        found = self._other_days.get(day)
        return self._week[day % 7] if found is None else found

    def hours_on(self, day: date) -> Spans:
        return self.spans_on(day.toordinal() - EPOCH_DAY)

    @cached_property
    def _weekly(self) -> tuple[tuple[Spans, ...], tuple[int, ...]]:
        """Of a week without dates: what is worked on each day between midnights, and before each day of it;
        its last number is that of the whole week.
        """
        pieces = tuple(_pieces(self._week[day - 1], self._week[day]) for day in range(7))
        return pieces, _cumulated(0, pieces)

    @cached_property
    def _index(self) -> tuple[int, tuple[Spans, ...], tuple[int, ...]]:
        """From the first day that differs to the one after the last: the number of the first, what is worked
        on each between midnights, and the working minutes from the epoch up to each.
        """
        if not self._other_days:
            return 0, (), (0,)
        first, last = min(self._other_days), max(self._other_days) + 1
        pieces = tuple(_pieces(self.spans_on(day - 1), self.spans_on(day)) for day in range(first, last + 1))
        return first, pieces, _cumulated(self._before(first), pieces)

    @cached_property
    def _shift(self) -> int:
        """What the days that differ have added or taken away, once they are over."""
        first, pieces, before = self._index
        return before[-1] - self._before(first + len(pieces)) if pieces else 0

    def _before(self, day: int) -> int:
        """Working minutes from the epoch to this day, were all weeks alike."""
        of_week = self._weekly[1]
        weeks, rest = divmod(day, 7)
        return weeks * of_week[7] + of_week[rest]

    def minute(self, moment: datetime) -> int:
        """Minutes of wall time since the epoch."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return (moment.astimezone(self._zone).replace(tzinfo=None) - EPOCH) // MINUTE

    def moment(self, minute: int) -> datetime:
        local = (EPOCH + timedelta(minutes=minute)).replace(tzinfo=self._zone)
        return local.astimezone(UTC)

    def worked(self, minute: int) -> int:
        """Working minutes from the epoch up to `minute`."""
        day, rest = divmod(minute, DAY)
        first, pieces, before = self._index
        place = day - first
        if 0 <= place < len(pieces):
            worked, spans = before[place], pieces[place]
        else:
            worked, spans = self._before(day), self._weekly[0][day % 7]
            if place > 0:
                worked += self._shift
        for begin, end in spans:
            if rest <= begin:
                break
            worked += (rest if rest < end else end) - begin
        return worked

    def reached(self, worked: int) -> int:
        """The first minute by which so many have passed: a close rather than the next opening."""
        first, pieces, before = self._index
        if pieces and before[0] < worked <= before[-1]:
            place = bisect_left(before, worked) - 1
            return _within(pieces[place], worked - before[place]) + (first + place) * DAY
        if pieces and worked > before[-1]:
            worked -= self._shift
        of_day, of_week = self._weekly
        # A full number of weeks was already reached when the last span of the week before closed.
        weeks, rest = divmod(worked - 1, of_week[7])
        day = bisect_left(of_week, rest + 1) - 1
        return weeks * WEEK + day * DAY + _within(of_day[day], rest + 1 - of_week[day])

    def opening(self, minute: int) -> int:
        """`minute` itself where it is working time, else the next opening."""
        # The minute after one more working minute has passed, less that minute.
        return max(minute, self.reached(self.worked(minute) + 1) - 1)

    def day_of(self, minute: int) -> int:
        """The number of the day that this minute belongs to: past midnight, the day before."""
        day, rest = divmod(minute, DAY)
        since = self.spans_on(day)
        before = self.spans_on(day - 1)
        past_midnight = before and rest < before[-1][1] - DAY and not (since and rest >= since[0][0])
        return day - 1 if past_midnight else day

    def close_of_day(self, minute: int, days_later: int) -> int:
        """The close of the n-th working day after the day of `minute` (n may be 0)."""
        day, remaining = self.day_of(minute), days_later
        first, pieces, _before = self._index
        over = first + len(pieces)
        while remaining and day < over:
            day += 1
            remaining -= 1 if self.spans_on(day) else 0
        # Whole weeks at once; then at most six days one by one.
        open_days = sum(1 for spans in self._week if spans)
        weeks = max((remaining - 1) // open_days, 0)
        day, remaining = day + 7 * weeks, remaining - weeks * open_days
        while remaining:
            day += 1
            remaining -= 1 if self.spans_on(day) else 0
        return day * DAY + self.spans_on(day)[-1][1]

    def day_span(self, first: date, last: date) -> Span:
        """From the minute on which what began before these days is over until all that begins on them is."""
        begin, end = first.toordinal() - EPOCH_DAY, last.toordinal() - EPOCH_DAY
        around = self.spans_on(begin - 1), self.spans_on(end)
        over = [max(spans[-1][1] - DAY, 0) if spans else 0 for spans in around]
        return begin * DAY + over[0], (end + 1) * DAY + over[1]


def _numbers(first: date, last: date) -> range:
    return range(first.toordinal() - EPOCH_DAY, last.toordinal() - EPOCH_DAY + 1)


def _pieces(before: Spans, spans: Spans) -> Spans:
    """What is worked between the midnights of a day: its own, and what the day before left over."""
    pieces: list[Span] = []
    over = [(max(begin - DAY, 0), end - DAY) for begin, end in before if end > DAY]
    for begin, end in sorted([*over, *((begin, min(end, DAY)) for begin, end in spans)]):
        if pieces and begin <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(pieces[-1][1], end))
        else:
            pieces.append((begin, end))
    return tuple(pieces)


def _cumulated(so_far: int, days: Iterable[Spans]) -> tuple[int, ...]:
    sums = [so_far]
    for spans in days:
        sums.append(sums[-1] + sum(end - begin for begin, end in spans))
    return tuple(sums)


def _within(spans: Spans, worked: int) -> int:
    """The minute of the day by which so many of these have passed."""
    for begin, end in spans:
        if worked <= end - begin:
            return begin + worked
        worked -= end - begin
    raise AssertionError("unreachable")


def spans_of(rows: Iterable[Sequence[int]]) -> Spans:
    return tuple((int(begin), int(end)) for begin, end in rows)


def _day(text: str) -> date:
    return date.fromisoformat(text)


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
