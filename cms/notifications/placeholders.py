"""What a text may ask for: each placeholder with its kind, and at which event there is something to fill in.

Values travel as plain data (a number, an ISO date) and become words in the recipient's language when the
message is composed; a value of another kind than its placeholder's is refused. Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext, ngettext, override

from cms.content.dates import clock, gregorian

from .rendering import placeholders_of

if TYPE_CHECKING:
    from .models import SmsTemplate

LONGEST = 60


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    LINK = "link"
    DAYS = "days"


@dataclass(frozen=True)
class Placeholder:
    """`event`: it is the event that brings it; the others are facts of the report."""

    kind: Kind
    event: bool = False


PLACEHOLDERS: dict[str, Placeholder] = {
    "reference": Placeholder(Kind.TEXT),
    "entity": Placeholder(Kind.TEXT),
    "due": Placeholder(Kind.DATE),
    "link": Placeholder(Kind.LINK),
    "code": Placeholder(Kind.TEXT, event=True),
    "primary": Placeholder(Kind.TEXT, event=True),
    "search": Placeholder(Kind.TEXT, event=True),
    "count": Placeholder(Kind.NUMBER, event=True),
    "new": Placeholder(Kind.NUMBER, event=True),
    "triage": Placeholder(Kind.NUMBER, event=True),
    "age": Placeholder(Kind.DAYS, event=True),
    "oldest": Placeholder(Kind.NUMBER, event=True),
    "holiday": Placeholder(Kind.TEXT, event=True),
    "percent": Placeholder(Kind.NUMBER, event=True),
    "project": Placeholder(Kind.TEXT, event=True),
}
FACTS = frozenset(name for name, row in PLACEHOLDERS.items() if not row.event)
# Event → what it brings beside the report's facts.
BROUGHT: dict[str, frozenset[str]] = {
    "one_time_code": frozenset({"code"}),
    "merge": frozenset({"primary"}),
    "split": frozenset({"count"}),
    "due_moved_holiday": frozenset({"holiday"}),
    "postpone": frozenset({"holiday"}),
    "late_digest": frozenset({"count", "new", "age", "triage"}),
    "late_supervisor": frozenset({"count", "new", "age", "triage"}),
    "late_emirate": frozenset({"count", "new", "age", "triage"}),
    "late_weekly": frozenset({"count", "new"}),
    "search_watch": frozenset({"count", "search"}),
    "project_update": frozenset({"project", "percent"}),
}


# To who follows somebody else's report, nothing is said of it.
LINK_ALONE = frozenset({"followed_answered", "followed_ended"})


def available(event: str) -> frozenset[str]:
    if event in LINK_ALONE:
        return frozenset({"link"})
    return FACTS | BROUGHT.get(event, frozenset())


def unavailable(event: str, template: SmsTemplate) -> list[str]:
    """What the text asks for and the event cannot fill in."""
    asked = placeholders_of(template.text_ar) | placeholders_of(template.text_en)
    return sorted(asked - available(event))


def in_words(name: str, value: Any, language: str) -> str:
    """A value as it stands in a text. TypeError for one of another kind."""
    kind = PLACEHOLDERS[name].kind
    if kind in (Kind.NUMBER, Kind.DAYS):
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name} is a number, not {value!r}")
        return str(value) if kind is Kind.NUMBER else _days(value, language)
    if not isinstance(value, str):
        raise TypeError(f"{name} is a {kind}, not {value!r}")
    if kind is Kind.DATE:
        day = _day(value)
        written = gregorian(day, language, weekday=False)
        # A promise of some hours ends in the middle of a day.
        return f"{written} {clock(day, language)}" if isinstance(day, datetime) else written
    if kind is Kind.LINK:
        return value
    return plain(value)


def _days(number: int, language: str) -> str:
    with override(language):
        if number < 1:
            return gettext("less than a day")
        return ngettext("%(n)d day", "%(n)d days", number) % {"n": number}


def _day(text: str) -> date | datetime:
    """Of an ISO date, or of a moment with its zone."""
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def plain(text: str) -> str:
    """On one line, without signs that turn the direction of what follows, and no longer than it may be."""
    kept = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cf"))
    short = " ".join(kept.split())
    return short if len(short) <= LONGEST else short[: LONGEST - 1].rstrip() + "…"


def checked(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """The values of an event as they are kept: KeyError for an unknown one, TypeError for a wrong kind."""
    for name, value in (values or {}).items():
        in_words(name, value, "ar")
    return dict(values or {})
