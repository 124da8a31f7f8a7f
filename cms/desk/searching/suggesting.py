"""What the words that are being typed may come to: a report's number, a place, a service, a saved search.

The database and the catalogue are asked, so it is the same whichever of the two the search itself asks. Of
reports and of saved searches those alone that one may read; a place and a service are no secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.entities.models import Place, Service
from cms.entities.snapshot import Catalogue, catalogue
from cms.entities.wording import meant, skeleton, whole
from cms.reports import reference
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from permissions.policy import Scope
from search.analysis import STOP_WORDS, words
from search.queries import QUOTES, field_named

from ..access import actor_of_request
from ..queue.rows import EXCERPT, subject_of
from . import saved
from .address import clean
from .guard import guarded

MOST = 5
# A place or a service is named by the last words, behind what else is looked for.
TAIL = 4
LEAST = 2
MOST_WORDS = 8
# Of the reports whose number begins so: thirty times as many as a million give.
MOST_BEGUN = 1000
REPORTS, PLACES, SERVICES, SAVED = "reports", "places", "services", "saved"
TITLES: dict[str, Promise] = {
    REPORTS: _("Reports"),
    PLACES: _("Places"),
    SERVICES: _("Services"),
    SAVED: _("Saved searches"),
}
_FIELD = re.compile(
    rf"(?:^|\s)(?P<field>[^\W\d_]{{2,12}})[ ]?[:：][ ]?"
    rf"(?:[{QUOTES}](?P<quoted>[^{QUOTES}]*)|(?P<value>[^\s{QUOTES}]*))$"
)
Row = TypeVar("Row")


@dataclass(frozen=True)
class Suggestion:
    """Leads to `address`; or is a filter, `name` = `value`, beside `rest`, the words that stay."""

    label: str
    note: str = ""
    address: str = ""
    name: str = ""
    value: str = ""
    rest: str = ""


@dataclass(frozen=True)
class Group:
    name: str
    title: str
    rows: list[Suggestion]


@never_cache
@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Options of a listbox, for the words of `q`; nothing at all where nothing fits."""
    scope, actor = guarded(request), actor_of_request(request)
    groups = suggest(clean(request.GET.get("q", "")), actor, scope, catalogue(), at=timezone.now())
    return render(request, "desk/searching/suggestions.html", {"groups": groups})


def suggest(typed: str, actor: StaffActor, scope: Scope, cat: Catalogue, *, at: datetime) -> list[Group]:
    """Three statements at the most: two for the numbers that begin so, one for the saved searches."""
    meaning = _Meaning(typed)
    found = {
        REPORTS: _reports(meaning.number, actor, scope),
        PLACES: _filters("place", meaning.tails(PLACES), cat, _places),
        SERVICES: _filters("service", meaning.tails(SERVICES), cat, _services),
        SAVED: _saved(meaning.all, actor, at),
    }
    return [Group(name, str(TITLES[name]), rows) for name, rows in found.items() if rows]


class _Meaning:
    """The typed words by what they may be the beginning of. After a field's name, of that alone."""

    def __init__(self, typed: str) -> None:
        self.number = self.all = typed
        self._tails: dict[str, list[tuple[str, str]]] = {}
        at_field = _FIELD.search(typed)
        field = field_named(at_field["field"]) if at_field else None
        if at_field and field:
            value = at_field["quoted"] if at_field["quoted"] is not None else at_field["value"]
            self.number, self.all = value if field == "reference" else "", ""
            self._tails[field] = [(typed[: at_field.start()].strip(), value)]
        elif sum(typed.count(mark) for mark in QUOTES) % 2 == 0:
            tails = list(_tails(typed))
            self._tails = {PLACES: tails, SERVICES: tails}

    def tails(self, name: str) -> list[tuple[str, str]]:
        """(what stays, what may be a name), the longest name first."""
        return self._tails.get(name, [])


def _tails(typed: str) -> Iterator[tuple[str, str]]:
    tokens = typed.split()
    for start in range(max(0, len(tokens) - TAIL), len(tokens)):
        tail = tokens[start:]
        # What is to be left out, a phrase and a field are no name.
        if not any(token[0] in f"-–−{QUOTES}" or ":" in token for token in tail):
            yield " ".join(tokens[:start]), " ".join(tail)


def _reports(number: str, actor: StaffActor, scope: Scope) -> list[Suggestion]:
    between = reference.begun(number, settings.SAWT_REFERENCE_PREFIX)
    if between is None:
        return []
    # First who they are, in the index of the numbers alone, and then which of those one sees: a database that
    # is asked both at once may begin with all that one sees.
    begun = Report.objects.filter(reference__range=between).order_by("reference")
    ids = list(begun.values_list("pk", flat=True)[:MOST_BEGUN])
    if not ids:
        return []
    seen: Any = Report.objects.filter(pk__in=ids).visible_to(actor, scope, few=True)
    rows = seen.annotate(excerpt=Left("text", EXCERPT)).only("reference", "public_id", "title")
    return [
        Suggestion(
            one.reference,
            subject_of(one.title, one.excerpt),
            address=reverse("desk:report", args=[one.public_id]),
        )
        for one in rows.order_by("reference")[:MOST]
    ]


def _saved(typed: str, actor: StaffActor, at: datetime) -> list[Suggestion]:
    said = _said(typed)
    if not said:
        return []
    rows = [(search, (search.name,)) for search in saved.readable(actor.user, at)]
    return [
        Suggestion(
            search.name,
            "" if search.person_id == actor.user.pk else search.person.name,
            address=f"{reverse('desk:search')}?{search.query}",
        )
        for search in _named(said, rows)[:MOST]
    ]


def _filters(name: str, tails: Iterable[tuple[str, str]], cat: Catalogue, find: Any) -> list[Suggestion]:
    for rest, tail in tails:
        if (said := _said(tail)) and (rows := find(said, cat)):
            return [
                Suggestion(row.name, note, name=name, value=row.code, rest=rest) for row, note in rows[:MOST]
            ]
    return []


def _places(said: Sequence[Word], cat: Catalogue) -> list[tuple[Place, str]]:
    # A governorate before the quarters whose names begin alike.
    places = sorted(cat.places, key=lambda place: place.depth)
    found = _named(said, [(place, (place.name_ar, place.name_en)) for place in places])
    # Two of one name are told apart by where they lie.
    return [(place, above[-1].name if (above := cat.ancestors(place)) else "") for place in found]


def _services(said: Sequence[Word], cat: Catalogue) -> list[tuple[Service, str]]:
    """By their names, those that are given up too; then by what people call what they are for."""
    rows: list[Any] = cat.services_ever
    found = _named(said, [(service, (service.name_ar, service.name_en)) for service in rows])
    if len(found) < MOST:
        of_each = [set(cat.find_services(word.folded)) for word in said]
        together = cat.find_services(" ".join(word.folded for word in said))
        found += [one for one in together if one not in found and all(one in those for those in of_each)]
    return [(service, service.category.name) for service in found]


class Word(NamedTuple):
    """A word as it was typed. `begins`: what names may hold, behind a space; `forms`: or one of these."""

    folded: str
    begins: tuple[str, str, str]
    forms: frozenset[str]


@lru_cache(maxsize=20_000)
def _word(folded: str) -> Word:
    stem, plain = meant(folded), folded.replace("ة", "ه")
    bare = skeleton(stem)
    forms = {stem, f"~{bare}"} if bare else {stem}
    return Word(plain, (f" {plain}", f" ال{plain}", f" {whole(folded)}"), frozenset(forms))


@lru_cache(maxsize=20_000)
def _written(names: tuple[str, ...]) -> tuple[str, frozenset[str]]:
    """The words of a thing's names, a line for each, and their forms: once, for all that is ever typed."""
    lines = [[_word(word) for word in words(name)] for name in names]
    spelt = "\n".join("".join(word.begins[0] + word.begins[2] for word in line) for line in lines)
    return spelt, frozenset().union(*(word.forms for line in lines for word in line))


def _said(typed: str) -> list[Word]:
    """The words that name something; none where that is less than two letters, or more than a name has."""
    told = [_word(word) for word in words(typed) if word not in STOP_WORDS]
    return told if len(told) <= MOST_WORDS and sum(len(word.folded) for word in told) >= LEAST else []


def _named(said: Sequence[Word], rows: Iterable[tuple[Row, tuple[str, ...]]]) -> list[Row]:
    """Rows in whose names each word begins one, first those that have a name which begins so; where there are
    none, those that have a form of each.
    """
    names = [(row, *_written(each)) for row, each in rows]
    if begun := [(spelt, row) for row, spelt, _ in names if all(_begins(word, spelt) for word in said)]:
        first = said[0].begins
        begun.sort(key=lambda one: not any(line.startswith(first) for line in one[0].split("\n")))
        return [row for _, row in begun]
    return [
        row for row, spelt, forms in names if all(word.forms & forms or _begins(word, spelt) for word in said)
    ]


def _begins(word: Word, spelt: str) -> bool:
    plain, with_article, without = word.begins
    return plain in spelt or with_article in spelt or without in spelt
