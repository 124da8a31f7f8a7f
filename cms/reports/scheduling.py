"""When the sweep has to look at a promise next: kept right by whatever makes, moves, stops or ends one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from cms.entities.escalation import Step
from cms.entities.models import Entity
from cms.entities.snapshot import Catalogue, catalogue

from . import ladder
from .models import Deadline, Report, Rescheduling
from .standstill import spans_of, working_calendar


def steps_for(report: Report, promise: str, cat: Catalogue, entity: Entity | None = None) -> tuple[Step, ...]:
    """The steps of the ladder that holds for this promise of the report as it is now, or at this entity."""
    return cat.ladders.steps(
        promise,
        report.privacy,
        service=report.service_id,
        priority=report.priority,
        entity=entity.pk if entity is not None else report.entity_id,
    )


def clock_of(deadline: Deadline, cat: Catalogue) -> ladder.Clock:
    return ladder.Clock(
        value=deadline.value,
        unit=deadline.unit,
        starts_at=deadline.starts_at,
        minutes=deadline.minutes,
        due_at=deadline.due_at,
        calendar=working_calendar(cat.version(deadline.calendar_id, deadline.calendar_version)),
        region=working_calendar(cat.calendar_version(None, deadline.due_at)),
        pauses=spans_of(deadline),
    )


def schedule(deadline: Deadline, report: Report, cat: Catalogue, entity: Entity | None = None) -> bool:
    """Set `next_step_at`; whether it is another one than before. The caller saves the row.

    `entity`: to which the report is about to go.
    """
    before = deadline.next_step_at
    if deadline.outcome != Deadline.Outcome.OPEN or deadline.paused_since is not None:
        deadline.next_step_at = None
    else:
        steps = steps_for(report, deadline.promise, cat, entity)
        deadline.next_step_at = ladder.next_at(steps, deadline.reached, clock_of(deadline, cat))
    return deadline.next_step_at != before


AT_ONCE = 500


def look_again(at: datetime) -> None:
    """A ladder changed: from now on every open promise is looked at anew, in the background."""
    Rescheduling.objects.filter(done_at=None).delete()
    Rescheduling.objects.create(at=at)


def go_on(now: Callable[[], datetime], *, seconds: float = 20) -> int:
    """Go on looking at open promises anew, for so long; how many now have another next step."""
    stop, changed = time.monotonic() + seconds, 0
    while (asked := Rescheduling.objects.filter(done_at=None).first()) is not None:
        open_ones = Deadline.objects.filter(outcome=Deadline.Outcome.OPEN, pk__gt=asked.last).order_by("pk")
        ids = list(open_ones.values_list("pk", "report_id")[:AT_ONCE])
        if not ids:
            Rescheduling.objects.filter(pk=asked.pk).update(done_at=now())
            break
        with transaction.atomic():
            # Whoever acts on one of them schedules it by the new ladder, and is waited for.
            of = Report.objects.filter(pk__in=[report for _pk, report in ids]).order_by("pk")
            reports = {report.pk: report for report in of.select_for_update(of=("self",))}
            cat = catalogue()
            rows = [
                row
                for row in Deadline.objects.filter(pk__in=[pk for pk, _report in ids], outcome="open")
                if schedule(row, reports[row.report_id], cat)
            ]
            Deadline.objects.bulk_update(rows, ["next_step_at"], batch_size=AT_ONCE)
            Rescheduling.objects.filter(pk=asked.pk).update(last=ids[-1][0])
        changed += len(rows)
        if time.monotonic() > stop:
            break
    return changed
