"""Every promise counted again, from its calendar's version and from the events of its report.

A promise is made by an event, at its moment; handed on by others, which keep what it was counted from before;
and stands still from a question to what ends it, and on days off. What is stored must be what comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise as Words
from django.utils.translation import gettext_lazy as _

from cms.entities.snapshot import Catalogue, catalogue

from . import deadlines
from .models import Deadline, Event, Report
from .standstill import working_calendar
from .workflow import State

AT_ONCE = 200
DUE, MINUTES = _("the time that comes out is another one"), _("it has other working minutes")
PAUSES, START = _("it stood still otherwise"), _("no event began it at its moment")
COLUMN, VERSION = _("the report shows another time"), _("its calendar's version is missing")


@dataclass(frozen=True)
class Difference:
    reference: str
    promise: str
    round: int
    what: Words


@dataclass
class Counted:
    """What a promise is counted from: at first, or since it was handed on."""

    calendar: int
    version: int
    starts_at: datetime
    minutes: int
    pauses: list[list[str]] = field(default_factory=list)

    @classmethod
    def before(cls, kept: dict[str, Any]) -> Counted:
        return cls(**{**kept, "starts_at": datetime.fromisoformat(kept["starts_at"])})

    @classmethod
    def of(cls, row: Deadline) -> Counted:
        return cls(row.calendar_id, row.calendar_version, row.starts_at, row.minutes, row.pauses)

    def spans(self) -> list[deadlines.Pause]:
        return [
            (datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in self.pauses
        ]


def recount(reports: QuerySet[Report]) -> Iterator[tuple[int, list[Difference]]]:
    """Report by report: how many promises, and those that differ. Memory does not grow with their number."""
    cat = catalogue()
    rows = reports.select_related("parent").prefetch_related("deadlines", "events").order_by("pk")
    for report in rows.iterator(chunk_size=AT_ONCE):
        promises = sorted(report.deadlines.all(), key=attrgetter("pk"))
        yield len(promises), list(_differences(report, promises, cat))


def _differences(report: Report, rows: list[Deadline], cat: Catalogue) -> Iterator[Difference]:
    events = sorted(report.events.all(), key=lambda event: event.sequence)
    for row in rows:
        what = _what_differs(report, row, events, cat)
        if what is not None:
            yield Difference(report.reference, str(row.get_promise_display()), row.round, what)


def _what_differs(report: Report, row: Deadline, events: list[Event], cat: Catalogue) -> Words | None:
    moves = [
        (event.at, move)
        for event in events
        for move in event.data.get("moved") or ()
        if move["promise"] == row.promise and event.data.get("round", 1) == row.round and "before" in move
    ]
    states = [*(Counted.before(move["before"]) for _at, move in moves), Counted.of(row)]
    try:
        calendars = [working_calendar(cat.version(one.calendar, one.version)) for one in states]
    except (KeyError, StopIteration):
        return VERSION
    if not _begins(report, row, states[0], events):
        return START
    if _is_made(report, row, states[0], events):
        whole = deadlines.snapshot_minutes(row.value, row.unit, states[0].starts_at, calendars[0])
        if whole != states[0].minutes:
            return MINUTES
    for place, (at, move) in enumerate(moves):
        state, follows, calendar = states[place], states[place + 1], calendars[place]
        if follows.starts_at != at:
            return START
        was = deadlines.due(state.starts_at, state.minutes, calendar, state.spans())
        if was != datetime.fromisoformat(move["was"]):
            return DUE
        if _goes_on_with(row, state, calendar, calendars[place + 1], at, move) != follows.minutes:
            return MINUTES
    if not _stood(row, states[-1], events):
        return PAUSES
    spans = states[-1].spans()
    if row.paused_since is not None:
        spans.append((row.paused_since, None))
    if deadlines.due(row.starts_at, row.minutes, calendars[-1], spans) != row.due_at:
        return DUE
    return COLUMN if _shown(report, row) not in (None, row.due_at) else None


def _goes_on_with(
    row: Deadline,
    state: Counted,
    old: deadlines.WorkingCalendar,
    new: deadlines.WorkingCalendar,
    at: datetime,
    move: dict[str, Any],
) -> int:
    whole_new = deadlines.snapshot_minutes(row.value, row.unit, at, new)
    if move["restart"]:
        return whole_new
    used = deadlines.elapsed(state.starts_at, at, old, state.spans())
    whole = deadlines.snapshot_minutes(row.value, row.unit, state.starts_at, old)
    return deadlines.continued_minutes(state.minutes - used, whole, whole_new)


def _moments(report: Report, events: list[Event]) -> set[datetime]:
    return {report.submitted_at, *(event.at for event in events)}


def _begins(report: Report, row: Deadline, state: Counted, events: list[Event]) -> bool:
    # A part goes on with what was promised for the whole, from whenever that was.
    return report.parent_id is not None or state.starts_at in _moments(report, events)


def _is_made(report: Report, row: Deadline, state: Counted, events: list[Event]) -> bool:
    """Whether it was made at that moment, and not handed on before events kept how."""
    handed = {
        event.at for event in events if any("promise" in move for move in event.data.get("moved") or ())
    }
    made = report.submitted_at == state.starts_at or row.promise == Deadline.Promise.TRIAGE
    return made or (report.parent_id is None and state.starts_at not in handed)


def _stood(row: Deadline, state: Counted, events: list[Event]) -> bool:
    """Whether all that stopped the clock since then is among the pauses, to the second."""
    if row.promise != Deadline.Promise.RESOLUTION:
        return True
    stored = {tuple(pause) for pause in state.pauses}
    return all(
        tuple(moment.astimezone(UTC).isoformat() for moment in pause) in stored
        for pause in _stops(row, events)
        if pause[0] >= state.starts_at
    )


def _stops(row: Deadline, events: list[Event]) -> Iterator[tuple[datetime, datetime]]:
    """From each question to what ended it, and the merged time that was undone.

    A question goes on while its report is merged, and after an unmerge; who takes a primary's place has none
    any more since it was merged.
    """
    asked: datetime | None = None
    merged: datetime | None = None
    for event in events:
        if event.to_state == State.MERGED != event.from_state:
            merged = event.at if event.data.get("round", row.round) == row.round else None
        elif event.from_state == State.MERGED != event.to_state:
            if asked is None:
                if event.code == "unmerge" and merged is not None:
                    yield merged, event.at
            elif event.code == "promote" and merged is not None:
                yield asked, merged
            if event.code != "unmerge":
                asked = None
            merged = None
        elif asked is not None and event.from_state == State.AWAITING_SENDER != event.to_state:
            if event.code != "auto_expire":
                yield asked, event.at
            asked = None
        if event.code == "ask_sender" and event.data.get("pauses") and event.data.get("round") == row.round:
            asked = event.at


def _shown(report: Report, row: Deadline) -> datetime | None:
    """What the report itself says of this promise; None where it says nothing of it."""
    if row.promise == Deadline.Promise.FIRST_REPLY:
        return report.first_reply_due_at
    if row.promise == Deadline.Promise.RESOLUTION and row.round == report.round:
        return report.resolution_due_at
    return None
