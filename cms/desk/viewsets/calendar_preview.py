"""What a calendar means: a month of it, one promise tried, and real reports before and after a change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from hijridate import Gregorian

from cms.content.dates import GREGORIAN_MONTHS, HIJRI_MONTHS, RIYADH
from cms.entities.models import Calendar, Privacy
from cms.reports.actors import StaffActor
from cms.reports.deadlines import EPOCH_DAY, WorkingCalendar, due, snapshot_minutes
from cms.reports.models import Deadline, Report
from permissions.policy import Scope

from .. import words
from .hours import text_of

ONE = timedelta(days=1)
SAMPLE = 8
# Longer promises are told by their end alone.
MOST_STEPS = 40


def _language() -> str:
    return "en" if (get_language() or "ar").startswith("en") else "ar"


@dataclass(frozen=True)
class Cell:
    day: str
    hijri: str
    tone: str
    names: list[str]


@dataclass(frozen=True)
class Month:
    title: str
    hijri: str
    weeks: list[list[Cell]]
    before: str
    after: str


def first_of(text: str, today: date) -> date:
    """The month that the address names, as in 2027-02; this one where it names none."""
    try:
        year, month = map(int, text.split("-"))
        found = date(year, month, 1)
    except ValueError:
        return today.replace(day=1)
    return found if abs(found.year - today.year) <= 5 else today.replace(day=1)


def month(calendar: WorkingCalendar, hours: dict[str, Any], first: date) -> Month:
    last = (first + 31 * ONE).replace(day=1) - ONE
    begins = first - ONE * ((first.weekday() + 1) % 7)
    cells: list[Cell] = []
    day = begins
    while day <= last or len(cells) % 7:
        cells.append(_cell(calendar, hours, day, is_first=day in (begins, first) or day.day == 1))
        day += ONE
    language = _language()
    hijri = list(dict.fromkeys(_hijri_month(one, language) for one in (first, last)))
    return Month(
        title=f"{GREGORIAN_MONTHS[language][first.month - 1]} {first.year}",
        hijri=" / ".join(hijri),
        weeks=[cells[place : place + 7] for place in range(0, len(cells), 7)],
        before=f"{first - ONE:%Y-%m}",
        after=f"{last + ONE:%Y-%m}",
    )


def _hijri_month(day: date, language: str) -> str:
    hijri = Gregorian(day.year, day.month, day.day).to_hijri()
    return f"{HIJRI_MONTHS[language][hijri.month - 1]} {hijri.year}"


def _cell(calendar: WorkingCalendar, hours: dict[str, Any], day: date, *, is_first: bool) -> Cell:
    language = _language()
    hijri = Gregorian(day.year, day.month, day.day).to_hijri()
    iso = day.isoformat()
    dated = [row for row in hours.get("dated") or () if row["from"] <= iso <= row["to"]]
    in_ramadan = any(begins <= day <= ends for begins, ends in calendar.ramadans)
    worked = calendar.hours_on(day)
    tone = "off" if not worked else "ram" if in_ramadan and calendar.ramadan else ""
    if dated and not worked:
        tone = "hol"
    if any(row["source"] != "computed" for row in dated):
        tone += " ovr"
    named = f"{day.day} {GREGORIAN_MONTHS[language][day.month - 1]}" if is_first else str(day.day)
    of_month = hijri.day == 1 or is_first
    hijri_named = f"{hijri.day} {HIJRI_MONTHS[language][hijri.month - 1]}" if of_month else str(hijri.day)
    return Cell(named, hijri_named, tone.strip(), [row[f"name_{language}"] for row in dated])


class TryForm(forms.Form):
    at = forms.DateTimeField(
        label=_("Received"),
        input_formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    value = forms.IntegerField(label=_("How many"), min_value=1, max_value=365)
    unit = forms.ChoiceField(
        label=_("Unit"), choices=[("hours", _("working hours")), ("days", _("working days"))]
    )


@dataclass(frozen=True)
class Step:
    day: str
    what: str
    minutes: int

    @property
    def worked(self) -> str:
        return words.worked(self.minutes)


@dataclass(frozen=True)
class Tried:
    due_at: datetime
    steps: list[Step] = field(default_factory=list)


def tried(calendar: WorkingCalendar, hours: dict[str, Any], form: TryForm) -> Tried:
    """When it would be due, and what each day until then gives to it."""
    data = form.cleaned_data
    start = data["at"].replace(tzinfo=RIYADH).astimezone(UTC) if data["at"].tzinfo is None else data["at"]
    end = due(start, snapshot_minutes(data["value"], data["unit"], start, calendar), calendar)
    begin, last = calendar.minute(start), calendar.minute(end)
    steps = []
    for number in range(begin // 1440, last // 1440 + 1):
        since, until = max(begin, number * 1440), min(last, (number + 1) * 1440)
        minutes = calendar.worked(until) - calendar.worked(since)
        day = date.fromordinal(number + EPOCH_DAY)
        steps.append(Step(words.days_between(day, day), _why(calendar, hours, day, minutes), minutes))
    return Tried(end, steps if len(steps) <= MOST_STEPS else [])


def _why(calendar: WorkingCalendar, hours: dict[str, Any], day: date, minutes: int) -> str:
    spans = calendar.hours_on(day)
    if minutes and spans:
        # In words: a dash between digits reads the wrong way round in Arabic.
        said = (dict(zip(("first", "last"), text_of(span), strict=True)) for span in spans)
        return gettext(", ").join(gettext("%(first)s to %(last)s") % one for one in said)
    iso = day.isoformat()
    names = [
        row[f"name_{_language()}"] for row in hours.get("dated") or () if row["from"] <= iso <= row["to"]
    ]
    if names:
        return gettext(", ").join(names)
    return gettext("outside working hours") if spans else gettext("not a working day")


@dataclass(frozen=True)
class Compared:
    """`report` only where the reader sees it."""

    report: Report | None
    received: datetime
    promised: str
    before: datetime
    after: datetime

    @property
    def differs(self) -> bool:
        return self.before != self.after


def sample(
    calendar: Calendar, old: WorkingCalendar, new: WorkingCalendar, actor: StaffActor, scope: Scope
) -> list[Compared]:
    """The last resolutions promised by this calendar: when each is due by it, and by the changed one."""
    rows = list(
        Deadline.objects.filter(
            calendar=calendar, promise=Deadline.Promise.RESOLUTION, report__privacy=Privacy.NORMAL
        ).order_by("-pk")[:SAMPLE]
    )
    seen = Report.objects.visible_to(actor, scope).only("reference", "public_id")
    reports = seen.in_bulk([row.report_id for row in rows])
    found = []
    for row in rows:
        before, after = (
            due(row.starts_at, snapshot_minutes(row.value, row.unit, row.starts_at, one), one)
            for one in (old, new)
        )
        said = words.promised(row.value, row.unit)
        found.append(Compared(reports.get(row.report_id), row.starts_at, said, before, after))
    return found
