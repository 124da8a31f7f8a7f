"""What somebody typed to search for, taken apart. Pure: whether there is such a thing is found out later."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings

from cms.reports import reference
from cms.reports.errors import Code, DomainError

from .analysis import fold, words


@dataclass(frozen=True)
class Term:
    """A word, or words that stand together; `without`: it must not be there."""

    text: str
    phrase: bool = False
    without: bool = False


@dataclass(frozen=True)
class Query:
    """Fields hold what was typed after their name; whether there is such a thing is found out later."""

    terms: tuple[Term, ...] = ()
    services: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    reference: str | None = None
    before: date | None = None
    after: date | None = None
    # What named a field and says no day and no number of a report: it is searched as words, and told.
    unread: tuple[str, ...] = field(default=(), compare=False)
    # Whether a number of a report stands there with a slip of the finger in it.
    mistyped: bool = field(default=False, compare=False)


# A longer text is somebody's whole letter: its beginning says what it is about.
LONGEST = 4000
MOST_TERMS = 32
MOST_VALUES = 20
QUOTES = '"“”„‟«»＂'
_PIECE = re.compile(
    rf"(?P<without>(?<!\S)[-−–](?=[^\s\-−–]))?"
    rf"(?:(?P<field>[^\W\d_]{{2,12}})[ ]?[:：][ ]?(?=\S)"
    rf"(?:[{QUOTES}](?P<quoted>[^{QUOTES}]*)[{QUOTES}]|(?P<value>[^\s{QUOTES}]+))"
    rf"|[{QUOTES}](?P<phrase>[^{QUOTES}]*)[{QUOTES}]"
    rf"|(?P<word>[^\s{QUOTES}]+))"
)
# Folded, and without the article.
FIELDS = {
    **dict.fromkeys(("service", "خدمه"), "services"),
    **dict.fromkeys(("entity", "جهه"), "entities"),
    **dict.fromkeys(("place", "مكان"), "places"),
    **dict.fromkeys(("state", "حاله"), "states"),
    **dict.fromkeys(("ref", "reference", "رقم"), "reference"),
    **dict.fromkeys(("before", "قبل"), "before"),
    **dict.fromkeys(("after", "بعد"), "after"),
}
_DATE = re.compile(r"(?:(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}))")
_EDGES = "،,؛;.!؟?()[]{}"


def parse(text: str) -> Query:
    """What was meant. Never raises: what is no field, no date and no number of a report is words.

    A report's number says all by itself: the words around it are those of a message it was pasted from.
    """
    typed = _seen(text[:LONGEST]) if isinstance(text, str) else ""
    found = _Found()
    found.reference = found.numbered(typed)
    for piece in _PIECE.finditer(typed):
        found.take(piece)
        if found.is_full:
            break
    return Query(
        terms=() if found.reference else tuple(found.terms),
        services=tuple(found.values["services"]),
        entities=tuple(found.values["entities"]),
        places=tuple(found.values["places"]),
        states=tuple(found.values["states"]),
        reference=found.reference,
        before=found.before,
        after=found.after,
        unread=tuple(found.unread),
        mistyped=found.mistyped and not found.reference,
    )


class _Found:
    def __init__(self) -> None:
        self.terms: dict[Term, None] = {}
        self.values: dict[str, dict[str, None]] = {
            name: {} for name in ("services", "entities", "places", "states")
        }
        self.reference: str | None = None
        self.before: date | None = None
        self.after: date | None = None
        self.unread: dict[str, None] = {}
        self.mistyped = False

    def numbered(self, typed: str) -> str | None:
        """The report whose number is in it."""
        try:
            return reference.parse(typed, settings.SAWT_REFERENCE_PREFIX)
        except DomainError as error:
            self.mistyped |= error.code == Code.REFERENCE_TYPO
            return None

    @property
    def is_full(self) -> bool:
        return len(self.terms) >= MOST_TERMS

    def take(self, piece: re.Match[str]) -> None:
        without = piece["without"] is not None
        if piece["phrase"] is not None:
            self._add(piece["phrase"], phrase=True, without=without)
        elif piece["word"] is not None:
            self._add(piece["word"], without=without)
        else:
            value = (piece["quoted"] or piece["value"] or "").strip()
            if without or not self._is_field(piece["field"], value):
                self._add(piece["field"], without=without)
                self._add(value, without=without, phrase=bool(piece["quoted"]))
                if value and field_named(piece["field"]) and not without:
                    self.unread[f"{piece['field']}:{value}"] = None

    def _add(self, text: str, *, phrase: bool = False, without: bool = False) -> None:
        said = words(text)
        if said and not self.is_full:
            whole = " ".join(text.split())
            self.terms[Term(whole, phrase=phrase, without=without)] = None

    def _is_field(self, name: str, value: str) -> bool:
        field = field_named(name)
        if field is None or not words(value):
            return False
        if field == "reference":
            self.reference = self.reference or self.numbered(value)
            return self.reference is not None
        if field in self.values:
            values = self.values[field]
            if len(values) < MOST_VALUES:
                values[value.strip(_EDGES)] = None
            return True
        day = _day(value)
        if day is None:
            return False
        if field == "before":
            self.before = min(day, self.before or day)
        else:
            self.after = max(day, self.after or day)
        return True


def _seen(text: str) -> str:
    """Without signs that nobody sees; a line's end and whatever controls a machine part words."""
    return "".join(
        "" if kind == "Cf" else " " if kind in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") else sign
        for sign, kind in ((sign, unicodedata.category(sign)) for sign in text)
    )


def field_named(name: str) -> str | None:
    """The field of this name, in either language."""
    folded = fold(name).replace("ة", "ه")
    return FIELDS.get(folded[2:] if folded.startswith("ال") else folded)


def _day(typed: str) -> date | None:
    """Of a month or a year the first day."""
    found = _DATE.fullmatch(fold(typed).strip(_EDGES))
    if found is None:
        return None
    year, month, day, first, second, last = (int(part) if part else None for part in found.groups())
    try:
        if last is not None:
            return date(last, second or 0, first or 0)
        return date(year or 0, month if month is not None else 1, day if day is not None else 1)
    except ValueError:
        return None
