"""What is late now: by entity, and by who is to hear of it in a morning's digest.

Of confidential reports nothing is counted here: their own people hear of each, and a count of few would
betray one. Late is what the sweep has come to (`Deadline.reached`), as the history says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Count

from cms.entities.escalation import DUE
from cms.entities.models import Privacy
from cms.entities.models.escalation import EscalationStep
from cms.entities.snapshot import Catalogue

from . import deadlines
from .ladder import days_after
from .models import Deadline
from .standstill import working_calendar

DAY = timedelta(days=1)
AT_ONCE = EscalationStep.Mode.AT_ONCE


def late_by_entity(reports: Any, at: datetime) -> dict[int | None, int]:
    """How many of these reports are late, by entity; the most first."""
    rows = reports.overdue(at).order_by().values_list("entity_id").annotate(late=Count("pk"))
    return dict(sorted(rows, key=lambda row: (-row[1], row[0] or 0)))


class Whose(NamedTuple):
    """Those who hear of late reports together: `about` is kept apart, as some of them may not know of it."""

    audience: str
    entity: int | None
    about: int | None


@dataclass
class Heap:
    """Late reports of one audience: since when each is theirs to know, and which is late the longest."""

    since: dict[int, datetime] = field(default_factory=dict)
    channels: set[str] = field(default_factory=set)
    triage: set[int] = field(default_factory=set)
    oldest: tuple[datetime, str] | None = None

    def add(self, report: int, reference: str, due_at: datetime, since: datetime, promise: str) -> None:
        self.since[report] = min(since, self.since.get(report, since))
        if promise == Deadline.Promise.TRIAGE:
            self.triage.add(report)
        one = (due_at, reference)
        self.oldest = one if self.oldest is None else min(self.oldest, one)

    def join(self, other: Heap) -> None:
        for report, since in other.since.items():
            self.since[report] = min(since, self.since.get(report, since))
        self.channels |= other.channels
        self.triage |= other.triage
        if other.oldest is not None:
            self.oldest = other.oldest if self.oldest is None else min(self.oldest, other.oldest)


def heaps(cat: Catalogue, at: datetime) -> dict[Whose, Heap]:
    """What each audience is to hear of in a digest: reports whose step for them has come.

    One statement, read in pieces.
    """
    found: dict[Whose, Heap] = {}
    for report, reference, promise, reached, due_at, service, priority, entity, about in _rows(at):
        steps = cat.ladders.steps(promise, Privacy.NORMAL, service=service, priority=priority, entity=entity)
        for step in steps:
            # Who is told of each by itself needs no digest.
            if not DUE <= step.position <= reached or step.mode == AT_ONCE:
                continue
            heap = found.setdefault(Whose(step.audience, entity, about), Heap())
            since = due_at
            if step.position > DUE:
                region = working_calendar(cat.calendar_version(None, due_at))
                since = days_after(due_at, step.position - DUE, region)
            heap.add(report, reference, due_at, since, promise)
            heap.channels.add(step.channel)
    return found


def _rows(at: datetime) -> Iterator[tuple[Any, ...]]:
    late = Deadline.objects.overdue(at + timedelta(minutes=1)).filter(
        reached__gte=DUE, report__privacy=Privacy.NORMAL
    )
    columns = ("service_id", "priority", "entity_id", "about_entity_id")
    return late.values_list(
        "report_id",
        "report__reference",
        "promise",
        "reached",
        "due_at",
        *(f"report__{column}" for column in columns),
    ).iterator(chunk_size=5000)


def morning(
    calendar: deadlines.WorkingCalendar, day: date, opens: time, closes: time
) -> tuple[datetime, datetime] | None:
    """From when until when a digest of this day goes out: from the opening on, within the sending hours. None
    where nobody works on this day.
    """
    spans = calendar.hours_on(day)
    if not spans:
        return None
    midnight = (day.toordinal() - deadlines.EPOCH_DAY) * deadlines.DAY
    first = max(spans[0][0], opens.hour * 60 + opens.minute)
    last = min(spans[-1][1], closes.hour * 60 + closes.minute)
    if first >= last:
        return None
    return calendar.moment(midnight + first), calendar.moment(midnight + last)


def is_first_of_week(calendar: deadlines.WorkingCalendar, day: date) -> bool:
    """No day of the same week, which begins on Sunday, was worked before."""
    since_sunday = (day.weekday() + 1) % 7
    return not any(calendar.hours_on(day - DAY * back) for back in range(1, since_sunday + 1))


def last_morning(calendar: deadlines.WorkingCalendar, day: date, opens: time, closes: time) -> datetime:
    """When the digest before this day's went out, had there been anything late: what is later is new."""
    for back in range(1, 60):
        if (before := morning(calendar, day - DAY * back, opens, closes)) is not None:
            return before[0]
    return calendar.moment((day.toordinal() - deadlines.EPOCH_DAY - 60) * deadlines.DAY)
