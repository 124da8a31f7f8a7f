"""Spans of time and moments as the staff read them: short, in words first, digits 0–9.

Arabic counts and inflects the noun by its place in the sentence ('بقي يوما عمل', 'متأخر يومي عمل'), so each
sentence has its own plural forms in the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language, gettext, npgettext, pgettext

from cms.content.dates import GREGORIAN_MONTHS, RIYADH, WEEKDAYS, gregorian, local_day, umm_al_qura
from cms.reports.deadlines import DAY, WorkingCalendar


@dataclass(frozen=True)
class Span:
    """Working minutes as days, hours and minutes of one calendar."""

    days: int
    hours: int
    minutes: int
    around_the_clock: bool

    @classmethod
    def of(cls, minutes: int, calendar: WorkingCalendar) -> Span:
        around = calendar.mode == "around_the_clock"
        days, rest = divmod(max(minutes, 0), cls.day_of(calendar))
        return cls(days, rest // 60, rest % 60, around)

    @staticmethod
    def day_of(calendar: WorkingCalendar) -> int:
        """Minutes of one working day, the average of those that are open."""
        if calendar.mode == "around_the_clock":
            return DAY
        open_days = sum(1 for spans in calendar.week if spans)
        return max(sum(b - a for spans in calendar.week for a, b in spans) // open_days, 60)


def days_left(days: int, *, around_the_clock: bool) -> str:
    """`3 working days left`."""
    if around_the_clock:
        return npgettext("left", "%(n)d day left", "%(n)d days left", days) % {"n": days}
    return npgettext("left", "%(n)d working day left", "%(n)d working days left", days) % {"n": days}


def left_today(minutes: int) -> str:
    """`Today, 3 hours left`, of working time; none is left where what remains lies outside it."""
    hours, rest = divmod(minutes, 60)
    if hours:
        left = npgettext("left", "%(n)d hour left", "%(n)d hours left", hours) % {"n": hours}
        left = _and_minutes(left, Span(0, hours, rest, around_the_clock=False))
    elif rest:
        left = npgettext("left", "%(n)d minute left", "%(n)d minutes left", rest) % {"n": rest}
    else:
        return gettext("Today")
    return gettext("Today, %(left)s") % {"left": left}


def late(span: Span) -> str:
    """`2 working days late`."""
    if span.days:
        if span.around_the_clock:
            return npgettext("late", "%(n)d day late", "%(n)d days late", span.days) % {"n": span.days}
        return npgettext("late", "%(n)d working day late", "%(n)d working days late", span.days) % {
            "n": span.days
        }
    if span.hours:
        return npgettext("late", "%(n)d hour late", "%(n)d hours late", span.hours) % {"n": span.hours}
    if span.minutes or span.around_the_clock:
        return npgettext("late", "%(n)d minute late", "%(n)d minutes late", span.minutes) % {
            "n": span.minutes
        }
    return gettext("Late since closing time")


def _and_minutes(text: str, span: Span) -> str:
    if span.hours > 2 or not span.minutes:
        return text
    return text + npgettext("added", " and %(n)d minute", " and %(n)d minutes", span.minutes) % {
        "n": span.minutes
    }


def ago(since: datetime, now: datetime) -> str:
    """`3 days ago`, by the wall clock."""
    minutes = max(int((now - since).total_seconds() // 60), 0)
    if minutes < 1:
        return gettext("just now")
    if minutes < 60:
        return npgettext("ago", "%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    if minutes < DAY:
        hours = minutes // 60
        return npgettext("ago", "%(n)d hour ago", "%(n)d hours ago", hours) % {"n": hours}
    days = minutes // DAY
    return npgettext("ago", "%(n)d day ago", "%(n)d days ago", days) % {"n": days}


def since(moment: datetime, now: datetime) -> str:
    """`for 3 days`, of something that still lasts."""
    minutes = max(int((now - moment).total_seconds() // 60), 1)
    if minutes < 60:
        return npgettext("since", "for %(n)d minute", "for %(n)d minutes", minutes) % {"n": minutes}
    if minutes < DAY:
        hours = minutes // 60
        return npgettext("since", "for %(n)d hour", "for %(n)d hours", hours) % {"n": hours}
    days = minutes // DAY
    return npgettext("since", "for %(n)d day", "for %(n)d days", days) % {"n": days}


def forms(sentence: Callable[[int], str]) -> str:
    """A counted sentence in each plural form, `#` for the number, for a script that counts by itself.

    In the order zero, one, two, few, many, other; English has other and one.
    """
    return "|".join(sentence(n).replace(str(n), "#") for n in (0, 1, 2, 3, 11, 100))


def promised(value: int, unit: str, *, around_the_clock: bool = False) -> str:
    """`5 working days`, as the service says it; `5 days` where the calendar never closes."""
    if around_the_clock and unit == "hours":
        return npgettext("promise", "%(n)d hour", "%(n)d hours", value) % {"n": value}
    if around_the_clock:
        return npgettext("promise", "%(n)d day", "%(n)d days", value) % {"n": value}
    if unit == "hours":
        return npgettext("promise", "%(n)d working hour", "%(n)d working hours", value) % {"n": value}
    return npgettext("promise", "%(n)d working day", "%(n)d working days", value) % {"n": value}


def worked(minutes: int) -> str:
    """`2 hours and 30 minutes` of working time, or `0`."""
    span = Span(0, minutes // 60, minutes % 60, around_the_clock=False)
    if not span.hours:
        return npgettext("worked", "%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return _and_minutes(
        npgettext("worked", "%(n)d hour", "%(n)d hours", span.hours) % {"n": span.hours}, span
    )


def clock(moment: datetime) -> str:
    """`12:02 pm`."""
    local = timezone.localtime(moment, RIYADH)
    half = pgettext("clock", "pm") if local.hour >= 12 else pgettext("clock", "am")
    return f"{local.hour % 12 or 12}:{local.minute:02d} {half}"


def day(moment: datetime, now: datetime) -> str:
    """`today`, `tomorrow`, `yesterday`, else `Monday 9 November`, with the year where it is another one."""
    return calendar_day(local_day(moment), local_day(now))


def calendar_day(on: date, today: date) -> str:
    if on == today:
        return gettext("Today")
    if on == today + timedelta(days=1):
        return gettext("Tomorrow")
    if on == today - timedelta(days=1):
        return gettext("Yesterday")
    language = "en" if (get_language() or "ar").startswith("en") else "ar"
    text = f"{WEEKDAYS[language][on.weekday()]} {on.day} {GREGORIAN_MONTHS[language][on.month - 1]}"
    return text if on.year == today.year else f"{text} {on.year}"


def days_between(first: date, last: date) -> str:
    """`Thursday, 4 March 2027 to Saturday, 13 March 2027`, or the one day."""
    language = get_language() or "ar"
    return _from_to([gregorian(one, language) for one in (first, last)])


def hijri_days_between(first: date, last: date) -> str:
    language = get_language() or "ar"
    return _from_to([umm_al_qura(one, language) for one in (first, last)])


def _from_to(days: list[str]) -> str:
    first, last = days
    if first == last:
        return first
    return gettext("%(first)s to %(last)s") % {"first": first, "last": last}


def moment(value: datetime, now: datetime) -> str:
    """`Today 12:02 pm`."""
    return f"{day(value, now)} {clock(value)}"


def due_note(value: datetime, now: datetime) -> str:
    """When, for the small line under a meter: the clock only where the day is near."""
    if abs(local_day(value) - local_day(now)) <= timedelta(days=1):
        return moment(value, now)
    return day(value, now)
