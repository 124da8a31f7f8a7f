"""What is asked, in the words of the index: codes and names, as they were typed, become ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from cms.entities.models import Entity, Place
from cms.entities.snapshot import Catalogue
from cms.reports.workflow import OPEN, State

from .analysis import fold, stem, words
from .asking import Asked, Filter, Order
from .queries import Query, Term

# Facet → whose field of a document it counts. `places` counts by what lies right below the region.
FACETS = ("services", "entities", "places", "states", "kinds", "channels", "priorities", "late")
# Of an open report whether its time has passed; of any other whether it had, when it was answered or closed.
LATENESS = LATE, ON_TIME, ENDED_LATE = "late", "on_time", "ended_late"


@dataclass(frozen=True)
class Limit:
    """One of these keys in this field; `chosen` from the facet of that name, which counts without it."""

    field: str
    keys: frozenset[str]
    chosen: bool = False


@dataclass(frozen=True)
class Wanted:
    """`limits` must all hold. `after` is what the backend itself said of the page before."""

    terms: tuple[Term, ...] = ()
    limits: tuple[Limit, ...] = ()
    reference: str | None = None
    late: frozenset[str] = frozenset()
    since: datetime | None = None
    before: datetime | None = None
    order: Order = Order.relevance
    size: int = 25
    after: dict[str, Any] | None = None
    facets: tuple[str, ...] = ()
    histogram: str = ""
    highlights: bool = True
    # Place → what it lies in right below the region: what the facet of places counts by.
    below_region: dict[int, int] = field(default_factory=dict)

    @property
    def has_words(self) -> bool:
        return any(not term.without for term in self.terms)


def wanted(asked: Asked, cat: Catalogue, *, after: dict[str, Any] | None = None) -> Wanted:
    query, chosen = asked.query, asked.filter
    limits, unknown = _named_in(query, cat)
    limits += _chosen(chosen, cat)
    since, before = _bounds(query, chosen)
    return Wanted(
        # What names nothing that there is was meant as words, perhaps.
        terms=(*query.terms, *(Term(text) for text in unknown)),
        limits=tuple(limits),
        reference=query.reference,
        late=frozenset(chosen.late),
        since=since,
        before=before,
        order=asked.order,
        size=max(1, min(asked.size, 100)),
        after=after,
        facets=tuple(dict.fromkeys(name for name in asked.facets if name in FACETS)),
        histogram=asked.histogram if asked.histogram in ("day", "week", "month") else "",
        highlights=asked.highlights,
        below_region=below_region(cat),
    )


def _named_in(query: Query, cat: Catalogue) -> tuple[list[Limit], list[str]]:
    """What the fields name, and what was typed in them and names nothing."""
    limits: list[Limit] = []
    unknown: list[str] = []
    for name in ("services", "entities", "places", "states"):
        keys: set[str] = set()
        for typed in getattr(query, name):
            found = set(_resolved(name, typed, cat))
            keys |= found
            unknown += [] if found else [typed]
        if keys:
            limits.append(Limit(name, frozenset(keys)))
    return limits, unknown


def not_understood(query: Query, cat: Catalogue) -> list[str]:
    """What was typed after the name of a field and is searched as words, since it says nothing there."""
    return [*query.unread, *_named_in(query, cat)[1]]


def _chosen(chosen: Filter, cat: Catalogue) -> Iterator[Limit]:
    """What was chosen by its code; a code of nothing is no limit that could be met."""
    for name in ("services", "entities", "places", "states", "kinds", "channels", "priorities"):
        codes = getattr(chosen, name)
        if codes:
            keys = {key for code in codes for key in _by_code(name, code, cat)}
            yield Limit(name, frozenset(keys), chosen=True)


def _by_code(name: str, code: str, cat: Catalogue) -> Iterable[str]:
    if name == "services":
        return [str(one.pk) for one in cat.services_ever if one.code == code or one.category.code == code]
    if name == "entities":
        return _below((one for one in cat.entities_ever if one.code == code), cat.entities_ever)
    if name == "places":
        return _below((one for one in cat.places if one.code == code), cat.places)
    if name == "states" and code == "open":
        return list(OPEN)
    return [code]


def _below(tops: Iterable[Entity | Place], tree: Iterable[Entity | Place]) -> list[str]:
    """Ids of these and of all below them."""
    paths = tuple(top.path for top in tops)
    return [str(one.pk) for one in tree if paths and one.path.startswith(paths)]


def _resolved(name: str, typed: str, cat: Catalogue) -> Iterable[str]:
    """By the code, or by a name in either language as people write it."""
    if by_code := list(_by_code(name, typed, cat)) if name != "states" else []:
        return by_code
    said = " ".join(words(typed))
    if not said:
        return ()
    if name == "states":
        return _states(said)
    if name == "services":
        rows: list[Any] = cat.services_ever
        return [str(one.pk) for one in rows if _named(said, (*_names(one), *_names(one.category)))]
    rows = cat.entities_ever if name == "entities" else list(cat.places)
    named = [one for one in rows if _named(said, _names(one))]
    exact = [one for one in named if said in (" ".join(words(each)) for each in _names(one))]
    return _below(exact or named, rows)


def _names(row: Any) -> tuple[str, ...]:
    names = (row.name_ar, row.name_en)
    return (*names, row.short_name_ar, row.short_name_en) if isinstance(row, Entity) else names


def _named(said: str, names: Iterable[str]) -> bool:
    """Whether the words stand in one of the names, in order."""
    return any(f" {said} " in f" {' '.join(words(name))} " for name in names)


STATE_WORDS: dict[str, frozenset[str]] = {
    "open": frozenset(OPEN),
    "مفتوح": frozenset(OPEN),
    "ended": frozenset(State) - OPEN,
    "منته": frozenset(State) - OPEN,
    # A state is called “not accepted”, and people say refused.
    "مرفوض": frozenset({State.REJECTED}),
}


def _in_any_form(text: str) -> tuple[str, ...]:
    """مغلق, مغلقة and المغلقة are one; of a report one says the first, of a complaint the second."""
    return tuple(map(stem, words(text)))


def _states(said: str) -> list[str]:
    from django.utils import translation

    forms = _in_any_form(said)
    found = [state for word, those in STATE_WORDS.items() if forms == _in_any_form(word) for state in those]
    for state in State:
        labels = [state.value.replace("_", " ")]
        for language in ("ar", "en"):
            with translation.override(language):
                labels.append(str(state.label))
        if forms in map(_in_any_form, labels) or fold(said) == state.value:
            found.append(state.value)
    return found


def _bounds(query: Query, chosen: Filter) -> tuple[datetime | None, datetime | None]:
    """From the beginning of a day, inclusive, until that of another, exclusive.

    `after:` names the first day that counts, `before:` the first that does not; a filter's `until` counts.
    """
    starts = [_begins(day) for day in (query.after, chosen.since) if day]
    ends = [_begins(query.before)] if query.before else []
    if chosen.until and chosen.until < date.max:
        ends.append(_begins(chosen.until + timedelta(days=1)))
    return max(starts, default=None), min(ends, default=None)


def _begins(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(max(day, date(1900, 1, 1)), time.min))


def below_region(cat: Catalogue) -> dict[int, int]:
    """Place → itself or what it lies in, right below the region; the region's own to itself."""
    found = {}
    for place in cat.places:
        line = [*cat.ancestors(place), place]
        inside = [one for one in line if one.kind != Place.Kind.REGION]
        found[place.pk] = (inside or line)[0].pk
    return found
