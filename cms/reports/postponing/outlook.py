"""What a holiday or suspension of work would move: each open promise from its time to another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from cms.entities.models import Occasion
from cms.entities.snapshot import Catalogue, catalogue

from .. import deadlines, promises
from ..models import Deadline
from ..standstill import off_in, working_calendar
from ..workflow import OPEN

AT_ONCE = 1000


@dataclass(frozen=True)
class Moved:
    """A report whose promises would move: `moves` has promise, was and due (UTC) of each."""

    report: int
    is_confidential: bool
    moves: list[dict[str, str]]


def moved_by(deadline: Deadline, pause: deadlines.Pause | None, cat: Catalogue) -> dict[str, str] | None:
    """None where nothing moves, or not yet: a promise that stands still gets the days when it goes on."""
    if pause is None or deadline.paused_since is not None:
        return None
    version = cat.version(deadline.calendar_id, deadline.calendar_version)
    calendar = working_calendar(version)
    spans = [*promises.spans_of(deadline), pause]
    due = deadlines.due(deadline.starts_at, deadline.minutes, calendar, spans)
    # One that was handed on late keeps its old time, which its minutes do not tell.
    return promises.move_of(deadline, deadline.due_at, due) if due > deadline.due_at else None


def outlook(occasion: Occasion) -> Iterator[Moved]:
    """Report by report, in their order; read in portions, so that memory does not grow with their number."""
    if not occasion.is_closure:
        return
    cat = catalogue()
    # What is due before these days does not move, and no promise begins after its own time.
    rows = Deadline.objects.filter(
        outcome=Deadline.Outcome.OPEN, paused_since=None, report__state__in=OPEN
    ).select_related("report")
    if occasion.place is not None:
        rows = rows.filter(report__place__path__startswith=occasion.place.path)
    ordered = rows.order_by("report_id", "pk").iterator(chunk_size=AT_ONCE)
    for report_id, of_report in groupby(ordered, key=lambda row: row.report_id):
        found, confidential = [], False
        for deadline in of_report:
            confidential = deadline.report.is_confidential
            move = moved_by(deadline, off_in(occasion, deadline, cat), cat)
            if move is not None:
                found.append(move)
        if found:
            yield Moved(report_id, confidential, found)


def fingerprint(rows: Iterable[Moved]) -> str:
    """The same for the same reports, promises and times."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([row.report, row.moves], sort_keys=True).encode())
    return digest.hexdigest()[:16]


def days_of(occasion: Occasion) -> dict[str, Any]:
    return {
        "name_ar": occasion.name_ar,
        "name_en": occasion.name_en,
        "first_day": occasion.first_day,
        "last_day": occasion.last_day,
    }
