"""A promise as the desk shows it: words first, then a meter. Time has its own scale of tones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from cms.content.dates import local_clock, local_day
from cms.entities.snapshot import Catalogue
from cms.reports import promises
from cms.reports.deadlines import AROUND_THE_CLOCK, Pause, WorkingCalendar, elapsed
from cms.reports.models import Deadline

from . import words

# From here on a running promise is shown as near.
SOON_PERCENT = 80
ICONS = {"ok": "time", "soon": "time", "late": "warning", "paused": "sawt-pause", "kept": "check"}


@dataclass(frozen=True)
class Due:
    tone: str
    text: str
    note: str = ""
    percent: int | None = None

    @property
    def icon(self) -> str:
        return ICONS[self.tone]


def working_calendar(calendar_id: int, number: int, catalogue: Catalogue) -> WorkingCalendar:
    """The version that a promise was counted with."""
    return promises.working_calendar(catalogue.version(calendar_id, number))


def pauses_of(deadline: Any) -> list[Pause]:
    """The stored spans, the open one included."""
    spans: list[Pause] = []
    for begin, end in deadline.pauses or []:
        start = parse_datetime(begin)
        if start is not None:
            spans.append((start, parse_datetime(end) if end else None))
    if deadline.paused_since and not any(end is None for _, end in spans):
        spans.append((deadline.paused_since, None))
    return spans


def due_of(deadline: Any, now: datetime, catalogue: Catalogue) -> Due | None:
    """What a deadline says at this moment. `deadline` has the fields of `Deadline`, or is None."""
    if deadline is None:
        return None
    if deadline.outcome == Deadline.Outcome.MET:
        return Due("kept", gettext("Kept"), _ended(deadline, now))
    if deadline.outcome == Deadline.Outcome.MISSED:
        return Due("late", gettext("Missed"), _ended(deadline, now))
    if deadline.outcome == Deadline.Outcome.ENDED:
        return Due("paused", gettext("Ended"), _ended(deadline, now))
    calendar = working_calendar(deadline.calendar_id, deadline.calendar_version, catalogue)
    if deadline.paused_since:
        waiting = gettext("Waiting for the sender %(since)s") % {
            "since": words.since(deadline.paused_since, now)
        }
        return Due("paused", gettext("The clock is stopped"), waiting, _used(deadline, now, calendar))
    gap = calendar.worked(calendar.minute(deadline.due_at)) - calendar.worked(calendar.minute(now))
    note = words.due_note(deadline.due_at, now)
    if deadline.due_at <= now:
        text = words.late(_late(deadline.due_at, now, calendar, -gap))
        return Due("late", text, gettext("Was due %(when)s") % {"when": note}, 100)
    percent = _used(deadline, now, calendar)
    near = percent >= SOON_PERCENT or local_day(deadline.due_at) <= local_day(now)
    tone = "soon" if near else "ok"
    return Due(tone, _left(deadline, now, calendar, gap), note, percent)


def _left(deadline: Any, now: datetime, calendar: WorkingCalendar, gap: int) -> str:
    """In days as people count them: by the date, and only those on which somebody works."""
    apart = (local_day(deadline.due_at) - local_day(now)).days
    if apart < 2:
        return words.left_today(gap) if apart < 1 else gettext("Due tomorrow")
    around = calendar.mode == AROUND_THE_CLOCK
    days = apart if around else _working_days(now, deadline.due_at, calendar)
    if deadline.unit == "days":
        # A pause of some hours that ends it on the morning after does not make one more day of it.
        started, ends = (calendar.worked(calendar.minute(at)) for at in (deadline.starts_at, deadline.due_at))
        added = max(ends - started - deadline.minutes, 0) // words.Span.day_of(calendar)
        days = min(days, deadline.value + added)
    return words.days_left(max(days, 1), around_the_clock=around)


def _late(due_at: datetime, now: datetime, calendar: WorkingCalendar, gap: int) -> words.Span:
    """Whole days by the date and the clock, of those on which somebody works; below one, working hours."""
    if calendar.mode == AROUND_THE_CLOCK:
        return words.Span.of(gap, calendar)
    days = _working_days(due_at, now, calendar)
    is_open = calendar.spans_on(calendar.day_of(calendar.minute(now)))
    if days and is_open and local_clock(now) < local_clock(due_at):
        days -= 1
    return words.Span(days, gap // 60, gap % 60, around_the_clock=False)


def _working_days(now: datetime, until: datetime, calendar: WorkingCalendar) -> int:
    """After today, up to the day of `until`."""
    first, last = (calendar.day_of(calendar.minute(at)) for at in (now, until))
    return sum(1 for day in range(first + 1, last + 1) if calendar.spans_on(day))


def _used(deadline: Any, now: datetime, calendar: WorkingCalendar) -> int:
    """Percent of its time."""
    used = elapsed(deadline.starts_at, now, calendar, pauses_of(deadline))
    return min(100, used * 100 // deadline.minutes) if deadline.minutes else 100


def _ended(deadline: Any, now: datetime) -> str:
    return words.moment(deadline.ended_at, now) if deadline.ended_at else ""


def no_promise(report: Any) -> Due | None:
    """Thanks have no promise."""
    if report.kind == "thanks":
        return Due("kept", gettext("Thanks have no deadline"), gettext("Closed once it is acknowledged"))
    return None


def end_of_today(now: datetime) -> datetime:
    from django.utils import timezone

    local = timezone.localtime(now)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
