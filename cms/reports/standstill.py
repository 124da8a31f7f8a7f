"""The days on which a promise stands still, as far as they are not in its calendar's version: work that is
suspended in one place, and what was announced after it was made and applied to open promises.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cms.entities.models import CalendarVersion, Occasion, Place
from cms.entities.snapshot import Catalogue

from . import deadlines
from .models import Deadline, Postponement, Report


def working_calendar(version: CalendarVersion) -> deadlines.WorkingCalendar:
    """Made once for a version, whose hours never change: it keeps an index of its days."""
    kept: deadlines.WorkingCalendar | None = getattr(version, "_working", None)
    if kept is None:
        data = {**version.hours, "code": version.calendar.code, "version": version.number}
        kept = version._working = deadlines.WorkingCalendar.from_data(data)  # type: ignore[attr-defined]
    return kept


def closures(
    place: Place | None, start: datetime, version: CalendarVersion, cat: Catalogue
) -> list[deadlines.Pause]:
    """When work is suspended in this place alone, as far as it is known and not over at the start."""
    if place is None or not version.hours.get("observes_holidays"):
        return []
    calendar = working_calendar(version)
    spans = [calendar.day_span(row.first_day, row.last_day) for row in cat.closures_in(place)]
    pauses = [(calendar.moment(begin), calendar.moment(end)) for begin, end in spans]
    return [(begin, end) for begin, end in pauses if end > start]


def as_kept(pauses: Iterable[deadlines.Pause]) -> list[list[str]]:
    return [[moment.astimezone(UTC).isoformat() for moment in pause if moment] for pause in pauses]


def spans_of(deadline: Deadline) -> list[deadlines.Pause]:
    """Its pauses, the open one included."""
    spans: list[tuple[datetime, datetime | None]] = [
        (datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in deadline.pauses
    ]
    if deadline.paused_since is not None:
        spans.append((deadline.paused_since, None))
    return spans


def off_in(occasion: Occasion, deadline: Deadline, cat: Catalogue) -> deadlines.Pause | None:
    """When this promise would stand still: its calendar's hours of those days. None where it goes on."""
    version = cat.version(deadline.calendar_id, deadline.calendar_version)
    if not version.hours.get("observes_holidays"):
        return None
    if occasion.calendar_id is not None and occasion.calendar_id != deadline.calendar_id:
        return None
    if occasion.place_id is not None and deadline.promise == Deadline.Promise.TRIAGE:
        # Triage is the emirate's own work, whatever the report is about.
        return None
    calendar = working_calendar(version)
    begin, end = calendar.day_span(occasion.first_day, occasion.last_day)
    return calendar.moment(begin), calendar.moment(end)


def days_applied(report: Report, deadline: Deadline, cat: Catalogue) -> list[deadlines.Pause]:
    """Those that were applied to open promises and are not over before this one began."""
    applied = Postponement.objects.exclude(confirmed_at=None).filter(
        last_day__gte=(deadline.starts_at - timedelta(days=2)).date()
    )
    found = []
    for one in applied.select_related("occasion__place").order_by("pk"):
        place = one.occasion.place
        if place is not None and not report.place.path.startswith(place.path):
            continue
        one.occasion.first_day, one.occasion.last_day = one.first_day, one.last_day
        pause = off_in(one.occasion, deadline, cat)
        if pause is not None and pause[1] is not None and pause[1] > deadline.starts_at:
            found.append(pause)
    return found
