"""The dates of a calendar's version: computed ones, in whose place stands what was announced.

A version keeps them all, so that neither a new announcement nor a new release of a library moves a promise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from django.utils import timezone
from django.utils.text import slugify
from hijridate import Gregorian, Hijri

from .models import Calendar, CalendarVersion, Occasion
from .models.calendars import DAYS

RIYADH = ZoneInfo("Asia/Riyadh")
DAY = timedelta(days=1)
# How many calendar years a version reaches back and ahead of its making.
BACK, AHEAD = 1, 3
HOLIDAY, RAMADAN = Occasion.Kind.HOLIDAY.value, Occasion.Kind.RAMADAN.value
SUSPENSION, WORKING = Occasion.Kind.SUSPENSION.value, Occasion.Kind.WORKING.value
COMPUTED = "computed"
# What beats what on the same day: the last.
ORDER = (HOLIDAY, SUSPENSION, WORKING)
# The library's English name begins with → code, names, and whether its year is a Hijri one.
KNOWN = {
    "Eid al-Fitr": ("fitr", "عيد الفطر", "Eid al-Fitr", True),
    "Eid al-Adha": ("adha", "عيد الأضحى", "Eid al-Adha", True),
    "Day of Arafah": ("adha", "عيد الأضحى", "Eid al-Adha", True),
    "Founding Day": ("founding", "يوم التأسيس", "Founding Day", False),
    "National Day": ("national", "اليوم الوطني", "National Day", False),
}


@dataclass(frozen=True)
class Days:
    """One occasion, from the library or the table. `calendar`: the code of the only one that it is for."""

    code: str
    kind: str
    first: date
    last: date
    name_ar: str
    name_en: str
    source: str = COMPUTED
    hours: tuple[tuple[int, int], ...] = ()
    calendar: str = ""

    def kept(self) -> dict[str, Any]:
        row: dict[str, Any] = {
            "code": self.code,
            "kind": self.kind,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "name_ar": self.name_ar,
            "name_en": self.name_en,
            "source": self.source,
        }
        return {**row, "hours": [list(span) for span in self.hours]} if self.hours else row


def computed(years: Iterable[int]) -> list[Days]:
    """What the libraries say: the public holidays, each with the days in its place, and Ramadan."""
    wanted = sorted(set(years))
    found: dict[str, Days] = {}
    for day, names in sorted(holidays.country_holidays("SA", years=wanted, language="en_US").items()):
        # Two on one day are told in one line.
        for name in names.split("; "):
            one = _of_library(day, name)
            known = found.get(one.code)
            found[one.code] = replace(known, last=day) if known else one
    of_hijri = range(_hijri(date(wanted[0], 1, 1)), _hijri(date(wanted[-1], 12, 31)) + 1)
    ramadans = [_ramadan(year) for year in of_hijri]
    return sorted([*found.values(), *ramadans], key=lambda one: (one.first, one.code))


def _hijri(day: date) -> int:
    return int(Gregorian(day.year, day.month, day.day).to_hijri().year)


def _of_library(day: date, name: str) -> Days:
    for begins, (code, name_ar, name_en, by_hijri) in KNOWN.items():
        if name.startswith(begins):
            year = _hijri(day) if by_hijri else day.year
            return Days(f"{code}-{year}", HOLIDAY, day, day, name_ar, name_en)
    plain = name.partition(" (")[0]
    arabic = holidays.country_holidays("SA", years=day.year, language="ar").get(day, plain)
    return Days(f"{slugify(plain)}-{day.year}", HOLIDAY, day, day, arabic, plain)


def _ramadan(year: int) -> Days:
    first, after = (_date(Hijri(year, month, 1)) for month in (9, 10))
    return Days(f"ramadan-{year}", RAMADAN, first, after - DAY, "رمضان", "Ramadan")


def _date(hijri: Hijri) -> date:
    return date(*hijri.to_gregorian().datetuple())


def announced() -> list[Days]:
    """The table, without what holds in one place alone."""
    rows = Occasion.objects.filter(place=None).select_related("calendar").order_by("first_day", "code")
    return [
        Days(
            code=row.code,
            kind=row.kind,
            first=row.first_day,
            last=row.last_day,
            name_ar=row.name_ar,
            name_en=row.name_en,
            source=row.source,
            hours=tuple((int(begin), int(end)) for begin, end in row.hours),
            calendar=row.calendar.code if row.calendar is not None else "",
        )
        for row in rows
    ]


def years_around(day: date) -> range:
    return range(day.year - BACK, day.year + AHEAD + 1)


def all_days(table: Collection[Days], today: date) -> list[Days]:
    """What is announced, and what is computed where nothing is."""
    years = years_around(today)
    begins, ends = date(years[0], 1, 1), date(years[-1], 12, 31)
    instead = {one.code for one in table}
    rows = [*(one for one in computed(years) if one.code not in instead), *table]
    near = [one for one in rows if begins <= one.last and one.first <= ends]
    return sorted(near, key=lambda one: (one.first, one.code))


def with_dates(hours: Mapping[str, Any], code: str, days: Iterable[Days]) -> dict[str, Any]:
    """What a version of the calendar of this code keeps: its hours, and the days that count in it."""
    base = base_of(hours)
    own = [one for one in days if one.calendar == code or (not one.calendar and base["observes_holidays"])]
    closed = sorted(
        (one for one in own if one.kind in ORDER),
        key=lambda one: (ORDER.index(one.kind), one.first, one.code),
    )
    if base["ramadan"]["hours"]:
        spans = [[one.first.isoformat(), one.last.isoformat()] for one in own if one.kind == RAMADAN]
        base["ramadan"] = {**base["ramadan"], "dates": spans}
    return {**base, "dated": [one.kept() for one in closed]}


def base_of(hours: Mapping[str, Any]) -> dict[str, Any]:
    """The hours without dates, also of a file or of a version from before there were any."""
    mode = hours.get("mode", "weekly")
    week: list[Any] = [list(map(list, spans)) for spans in hours.get("week") or []]
    if not week:
        week = [[] for _day in DAYS]
        if mode == "weekly":
            for day in hours.get("days") or []:
                week[DAYS.index(day)] = [_span(hours["from"], hours["to"])]
    ramadan = (hours.get("ramadan") or {}).get("hours") or []
    if not ramadan and mode == "weekly" and hours.get("ramadan_from"):
        ramadan = [_span(hours["ramadan_from"], hours["ramadan_to"])]
    return {
        "mode": mode,
        "week": week,
        "ramadan": {"hours": [list(span) for span in ramadan]},
        "observes_holidays": bool(hours.get("observes_holidays", mode == "weekly")),
        "timezone": hours.get("timezone") or "Asia/Riyadh",
    }


def _span(begins: str, ends: str) -> list[int]:
    def minute(text: str) -> int:
        hour, of_hour = text.split(":")
        return int(hour) * 60 + int(of_hour)

    begin, end = minute(begins), minute(ends)
    return [begin, end if end > begin else end + 24 * 60]


def next_version(
    calendar: Calendar, hours: Mapping[str, Any], *, valid_from: datetime | None, at: datetime
) -> CalendarVersion:
    """One more version with these hours and all dates that are known now. Not saved."""
    latest = calendar.versions.order_by("-number").first()
    days = all_days(announced(), timezone.localtime(at, RIYADH).date())
    return CalendarVersion(
        calendar=calendar,
        number=latest.number + 1 if latest is not None else 1,
        hours=with_dates(hours, calendar.code, days),
        valid_from=valid_from,
    )


def renew_versions(at: datetime) -> list[CalendarVersion]:
    """A new version of each calendar whose dates are others than those in force keep; nothing where none is.

    Called when something is announced, and each day, for the years that come into sight.
    """
    days = all_days(announced(), timezone.localtime(at, RIYADH).date())
    made: list[CalendarVersion] = []
    for calendar in Calendar.objects.prefetch_related("versions").order_by("pk"):
        versions = sorted(calendar.versions.all(), key=lambda version: version.number)
        holding = still_to_hold(versions, at)
        dated = [with_dates(version.hours, calendar.code, days) for version in holding]
        if dated == [version.hours for version in holding]:
            continue
        for more, (version, hours) in enumerate(zip(holding, dated, strict=True), start=1):
            # What was planned for later stays planned for then.
            since = max(version.valid_from or at, at)
            number = versions[-1].number + more
            made.append(CalendarVersion(calendar=calendar, number=number, hours=hours, valid_from=since))
    for version in made:
        version.save()
    return made


def still_to_hold(versions: Collection[CalendarVersion], at: datetime) -> list[CalendarVersion]:
    """The version in force, and those planned that no later one has replaced, in the order of their days."""
    found: list[CalendarVersion] = []
    for version in sorted(versions, key=lambda version: -version.number):
        since = max(version.valid_from or at, at)
        if not found or since < max(found[-1].valid_from or at, at):
            found.append(version)
        if since == at:
            break
    return found[::-1]
