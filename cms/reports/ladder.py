"""How far up its ladder a promise is, and when it comes to the next step. Pure: calendars are passed in.

A share counts of the whole promise's working time, also where a part of it was used at another entity. After
the due time it comes to a step when a working day of the region closes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cms.entities.escalation import DUE, Step
from cms.entities.models import Priority
from cms.entities.models.escalation import EscalationStep

from . import deadlines

AT_ONCE = frozenset({Priority.HIGH, Priority.URGENT})


@dataclass(frozen=True)
class Clock:
    """What a promise is counted from. `region`: the calendar of what comes after the due time."""

    value: int
    unit: str
    starts_at: datetime
    minutes: int
    due_at: datetime
    calendar: deadlines.WorkingCalendar
    region: deadlines.WorkingCalendar
    pauses: Sequence[deadlines.Pause] = ()

    def moment(self, position: int) -> datetime:
        """When it comes to this position of a ladder."""
        if position == DUE:
            return self.due_at
        if position > DUE:
            return days_after(self.due_at, position - DUE, self.region)
        whole = deadlines.snapshot_minutes(self.value, self.unit, self.starts_at, self.calendar)
        # What was handed on has fewer minutes than the whole: the rest was used before.
        whole = max(whole, self.minutes)
        share = -(-whole * position // 100) - (whole - self.minutes)
        if share <= 0:
            return self.starts_at
        return deadlines.due(self.starts_at, share, self.calendar, self.pauses)


def days_after(due_at: datetime, days: int, region: deadlines.WorkingCalendar) -> datetime:
    """The close of the n-th working day after the day of the due time; around the clock n × 24 hours."""
    if region.mode == deadlines.AROUND_THE_CLOCK:
        return deadlines.due(due_at, days * deadlines.DAY, region)
    return region.moment(region.close_of_day(region.minute(due_at), days))


def next_position(steps: Iterable[Step], reached: int) -> int | None:
    """The first position above; the due time is one whether anybody is told of it or not."""
    return min((at for at in {DUE, *(step.position for step in steps)} if at > reached), default=None)


@dataclass(frozen=True)
class Come:
    """A step that a promise has come to. `overtaken`: a later one of the same audience has come too."""

    step: Step
    due_at: datetime
    overtaken: bool


def come_to(steps: Sequence[Step], reached: int, clock: Clock, now: datetime) -> tuple[list[Come], int]:
    """The steps above `reached` whose time has come, in their order, and the last position that has."""
    passed: dict[int, datetime] = {}
    position = next_position(steps, reached)
    while position is not None and (moment := clock.moment(position)) <= now:
        passed[position] = moment
        position = next_position(steps, position)
    highest: dict[str, int] = {}
    for step in steps:
        if step.position in passed:
            highest[step.audience] = max(step.position, highest.get(step.audience, 0))
    come = [
        Come(step, passed[step.position], step.position < highest[step.audience])
        for step in steps
        if step.position in passed
    ]
    return come, max(passed, default=reached)


def next_at(steps: Iterable[Step], reached: int, clock: Clock) -> datetime | None:
    position = next_position(steps, reached)
    return None if position is None else clock.moment(position)


def is_told_at_once(step: Step, priority: str) -> bool:
    """Not in the digest: whatever nears, and of what is late the urgent and the high, as the step says."""
    if step.mode == EscalationStep.Mode.BY_URGENCY:
        return priority in AT_ONCE
    return step.mode == EscalationStep.Mode.AT_ONCE
