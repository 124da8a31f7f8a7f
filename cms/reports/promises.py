"""What the sender was told: making, pausing, meeting and ending the stored promises of a report.

The arithmetic of working time is in `deadlines.py`; here it meets rows. Source: domain.md, 'Promises'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from cms.entities.models import CalendarVersion, Entity, Place, ReportKind, Service
from cms.entities.snapshot import Catalogue, catalogue

from . import deadlines
from .models import Deadline, Report
from .scheduling import schedule
from .standstill import as_kept, closures, days_applied, spans_of, working_calendar
from .workflow import State

Promise = Deadline.Promise
Outcome = Deadline.Outcome

# Time in triage has a promise of its own, by the region's calendar.
TRIAGE_HOURS = 4


@dataclass(frozen=True)
class Promised:
    """One promise before it is a row: `due_at` is UTC, `minutes` working minutes of the calendar, `pauses`
    the days on which work is known to be suspended there.
    """

    promise: str
    value: int
    unit: str
    minutes: int
    due_at: datetime
    version: CalendarVersion
    pauses: list[list[str]] = field(default_factory=list)

    def row(self, report: Report, starts_at: datetime, cat: Catalogue) -> Deadline:
        made = Deadline(
            report=report,
            promise=self.promise,
            round=report.round,
            value=self.value,
            unit=self.unit,
            calendar_id=self.version.calendar_id,
            calendar_version=self.version.number,
            starts_at=starts_at,
            minutes=self.minutes,
            due_at=self.due_at,
            pauses=self.pauses,
        )
        schedule(made, report, cat)
        return made


def _promised(
    promise: str,
    value: int,
    unit: str,
    start: datetime,
    version: CalendarVersion,
    pauses: Sequence[deadlines.Pause] = (),
) -> Promised:
    calendar = working_calendar(version)
    minutes = deadlines.snapshot_minutes(value, "hours" if unit == "hours" else "days", start, calendar)
    due_at = deadlines.due(start, minutes, calendar, pauses)
    return Promised(promise, value, unit, minutes, due_at, version, as_kept(pauses))


def promised(
    service: Service,
    entity: Entity | None,
    start: datetime,
    cat: Catalogue,
    *,
    place: Place | None = None,
    first: bool = True,
) -> list[Promised]:
    """What submission (or, with `first` False, a new round) promises; triage included where no entity is."""
    if service.kind == ReportKind.THANKS:
        return []
    version = cat.calendar_version(entity.calendar_id if entity else None, start)
    off = closures(place, start, version, cat) if entity else []
    given = []
    if first and service.first_reply_value:
        given.append((Promise.FIRST_REPLY, service.first_reply_value, service.first_reply_unit))
    if service.resolution_value:
        given.append((Promise.RESOLUTION, service.resolution_value, service.resolution_unit))
    made = [_promised(promise, value, unit, start, version, off) for promise, value, unit in given]
    return made if entity else [*made, triage_promised(start, cat)]


def triage_promised(start: datetime, cat: Catalogue) -> Promised:
    return _promised(Promise.TRIAGE, TRIAGE_HOURS, "hours", start, cat.calendar_version(None, start))


def carry_over(report: Report, part: Report) -> None:
    """A part of a report is promised what was promised for the whole; thanks are promised nothing."""
    if part.kind == ReportKind.THANKS:
        return
    cat = catalogue()
    for row in report.deadlines.exclude(promise=Promise.TRIAGE):
        # A first reply is promised once, a resolution in each round.
        if row.promise == Promise.FIRST_REPLY or row.round == report.round:
            row.pk, row.report = None, part
            schedule(row, part, cat)
            row.save(force_insert=True)
    part.first_reply_due_at = report.first_reply_due_at
    part.resolution_due_at = report.resolution_due_at
    part.next_due_at = report.next_due_at


def calendar_of(deadline: Deadline) -> deadlines.WorkingCalendar:
    """The calendar version that the promise was counted with, whatever the calendar says now."""
    return working_calendar(catalogue().version(deadline.calendar_id, deadline.calendar_version))


def running(report: Report) -> list[Deadline]:
    return list(report.deadlines.filter(outcome=Outcome.OPEN))


def pause_resolution(report: Report, at: datetime) -> None:
    for deadline in running(report):
        if deadline.promise == Promise.RESOLUTION and deadline.paused_since is None:
            deadline.paused_since, deadline.next_step_at = at, None
            deadline.save(update_fields=["paused_since", "next_step_at"])
    report.next_due_at = None


def resume_resolution(report: Report, at: datetime) -> tuple[datetime, datetime] | None:
    """End the pause; gives (old due, new due) where one was running."""
    for deadline in running(report):
        if deadline.promise == Promise.RESOLUTION and deadline.paused_since is not None:
            before = deadline.due_at
            deadline.pauses = [
                *deadline.pauses,
                [deadline.paused_since.astimezone(UTC).isoformat(), at.astimezone(UTC).isoformat()],
            ]
            deadline.paused_since = None
            _catch_up(report, deadline)
            deadline.save(update_fields=["pauses", "paused_since", "due_at", "next_step_at"])
            report.resolution_due_at = report.next_due_at = deadline.due_at
            return before, deadline.due_at
    return None


def meet(report: Report, at: datetime, *promises: str) -> None:
    """The promise was kept or missed, now. A running pause ends with it."""
    for deadline in running(report):
        if deadline.promise in promises:
            late = deadline.paused_since is None and at > deadline.due_at
            if deadline.paused_since is not None:
                late = deadline.paused_since > deadline.due_at
            deadline.outcome = Outcome.MISSED if late else Outcome.MET
            deadline.ended_at, deadline.next_step_at = at, None
            deadline.save(update_fields=["outcome", "ended_at", "next_step_at"])
            if deadline.promise == Promise.RESOLUTION:
                report.next_due_at = None


def end_open(report: Report, at: datetime) -> None:
    """Withdrawn, merged, acknowledged or expired: neither met nor missed."""
    _end(report.deadlines.filter(outcome=Outcome.OPEN), at)
    report.next_due_at = None


def _end(rows: QuerySet[Deadline], at: datetime) -> None:
    rows.update(outcome=Outcome.ENDED, ended_at=at, next_step_at=None)


def run_again(
    report: Report, ended_at: datetime, *, paused_until: datetime | None = None
) -> list[dict[str, str]]:
    """What `end_open` ended at that moment runs again. Gives what moved.

    The time until `paused_until` counts as a pause, in which an older one goes on; without it an older pause
    ended when the promise did.
    """
    moved = []
    for deadline in report.deadlines.filter(outcome=Outcome.ENDED, ended_at=ended_at):
        before = deadline.due_at
        deadline.outcome, deadline.ended_at = Outcome.OPEN, None
        pause = None
        if deadline.paused_since is None and paused_until is not None:
            pause = (ended_at, paused_until)
        elif deadline.paused_since is not None and paused_until is None:
            pause = (deadline.paused_since, ended_at)
            deadline.paused_since = None
        if pause is not None:
            deadline.pauses = [*deadline.pauses, *as_kept([pause])]
            _catch_up(report, deadline)
        schedule(deadline, report, catalogue())
        deadline.save()
        _denormalise(report, deadline)
        if deadline.due_at != before:
            moved.append(move_of(deadline, before, deadline.due_at))
    return moved


def reschedule(report: Report) -> None:
    """Another ladder may hold for it: its service, priority or privacy changed, or it is with no entity."""
    cat = catalogue()
    for deadline in running(report):
        if schedule(deadline, report, cat):
            deadline.save(update_fields=["next_step_at"])


def move_of(deadline: Deadline, was: datetime, due_at: datetime) -> dict[str, str]:
    """What an event keeps of a move from one time to another."""
    times = {"was": was, "due": due_at}
    kept = {name: moment.astimezone(UTC).isoformat() for name, moment in times.items()}
    return {"promise": deadline.promise, **kept}


def _catch_up(report: Report, deadline: Deadline) -> None:
    """Due anew after it stood still, with the days that were applied to open promises meanwhile."""
    known, cat = {tuple(pause) for pause in deadline.pauses}, catalogue()
    applied = as_kept(days_applied(report, deadline, cat))
    deadline.pauses = [*deadline.pauses, *(pause for pause in applied if tuple(pause) not in known)]
    calendar, spans = calendar_of(deadline), spans_of(deadline)
    deadline.due_at = deadlines.due(deadline.starts_at, deadline.minutes, calendar, spans)
    schedule(deadline, report, cat)


def stand_still(report: Report, deadline: Deadline, pause: deadlines.Pause) -> None:
    """A running promise loses these days, whenever they are."""
    deadline.pauses = [*deadline.pauses, *as_kept([pause])]
    deadline.due_at = deadlines.due(
        deadline.starts_at, deadline.minutes, calendar_of(deadline), spans_of(deadline)
    )
    schedule(deadline, report, catalogue())
    deadline.save(update_fields=["pauses", "due_at", "next_step_at"])
    _denormalise(report, deadline)


def _denormalise(report: Report, deadline: Deadline) -> None:
    if deadline.promise == Promise.RESOLUTION:
        report.resolution_due_at = deadline.due_at
        report.next_due_at = None if deadline.paused_since else deadline.due_at
    elif deadline.promise == Promise.FIRST_REPLY:
        report.first_reply_due_at = deadline.due_at


def triage_as_state_says(report: Report, at: datetime) -> None:
    """A report that took another one's state is triaged against the clock in triage, and nowhere else."""
    triage = report.deadlines.filter(promise=Promise.TRIAGE, round=report.round, outcome=Outcome.OPEN)
    if report.state != State.RECEIVED:
        _end(triage, at)
    elif not triage.exists():
        start_triage(report, at)


def renew_resolution(report: Report, service: Service, at: datetime) -> None:
    """A new round's promise, from now; no new first reply."""
    cat = catalogue()
    entity = cat.entity_by_id(report.entity_id)
    place = cat.place_by_id(report.place_id)
    for made in promised(service, entity, at, cat, place=place, first=False):
        made.row(report, at, cat).save()
        if made.promise == Promise.RESOLUTION:
            report.resolution_due_at = report.next_due_at = made.due_at


def start_triage(report: Report, at: datetime) -> None:
    """A returned report is triaged against the clock again; one promise of each kind a round."""
    if report.kind == ReportKind.THANKS:
        return
    cat = catalogue()
    made = triage_promised(at, cat).row(report, at, cat)
    before = report.deadlines.filter(promise=Promise.TRIAGE, round=report.round).first()
    if before is not None:
        # Steps that were taken in this round are not taken again.
        made.pk, made.reached = before.pk, before.reached
        schedule(made, report, cat)
    made.save()
    if cat.ladders.differ_by_entity:
        reschedule(report)


def _whole(deadline: Deadline, start: datetime, calendar: deadlines.WorkingCalendar) -> int:
    """The working minutes of the whole promise, were it made at `start` in this calendar."""
    return deadlines.snapshot_minutes(deadline.value, deadline.unit, start, calendar)


def hand_over(report: Report, entity: Entity, at: datetime, *, restart: bool = False) -> list[dict[str, Any]]:
    """Route and transfer: the running promises go on by the new entity's calendar. Gives what moved.

    They continue by the share used, or, with `restart`, begin anew with all of their time.
    """
    cat = catalogue()
    version = cat.calendar_version(entity.calendar_id, at)
    calendar = working_calendar(version)
    off = closures(cat.place_by_id(report.place_id), at, version, cat)
    moved = []
    for deadline in running(report):
        if deadline.promise == Promise.TRIAGE:
            continue
        old = calendar_of(deadline)
        if old == calendar and not restart:
            if schedule(deadline, report, cat, entity):
                deadline.save(update_fields=["next_step_at"])
            continue
        whole_new = _whole(deadline, at, calendar)
        used = deadlines.elapsed(deadline.starts_at, at, old, spans_of(deadline))
        # What was handed on before has fewer minutes than the whole, which is what the share is of.
        whole = _whole(deadline, deadline.starts_at, old)
        left = (
            whole_new if restart else deadlines.continued_minutes(deadline.minutes - used, whole, whole_new)
        )
        before, stood, next_step_at = deadline.due_at, _stands(deadline), deadline.next_step_at
        # From here on minutes count from now, in the new calendar; the event keeps how it was.
        if left > 0:
            deadline.calendar_id, deadline.calendar_version = version.calendar_id, version.number
            deadline.starts_at, deadline.minutes, deadline.pauses = at, left, as_kept(off)
            deadline.due_at = deadlines.due(at, left, calendar, off)
        schedule(deadline, report, cat, entity)
        if left > 0 or deadline.next_step_at != next_step_at:
            deadline.save()
        move: dict[str, Any] = move_of(deadline, before, deadline.due_at)
        moved.append({**move, "before": stood, "restart": restart} if left > 0 else move)
        _denormalise(report, deadline)
    return moved


def _stands(deadline: Deadline) -> dict[str, Any]:
    """What a promise is counted from, so that it can be counted again when it is counted otherwise."""
    return {
        "calendar": deadline.calendar_id,
        "version": deadline.calendar_version,
        "starts_at": deadline.starts_at.astimezone(UTC).isoformat(),
        "minutes": deadline.minutes,
        "pauses": deadline.pauses,
    }
