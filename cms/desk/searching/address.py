"""The search's address: what is asked, in which order, drawn how. What names nothing is dropped, and said."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Priority, ReportKind
from cms.entities.snapshot import Catalogue
from cms.reports.models import Channel
from cms.reports.workflow import State
from search.asking import Asked, Filter, Order
from search.queries import Query, parse
from search.wanted import LATENESS

from ..queue.filters import day

SIZE, SIZES = 20, (20, 50, 100)
LONGEST = 1000
MOST_VALUES = 50
OPEN = "open"
# Parameter of the address → name of the filter, in the order of the facets.
FACETS = {
    "entity": "entities",
    "place": "places",
    "state": "states",
    "late": "late",
    "service": "services",
    "kind": "kinds",
    "channel": "channels",
    "priority": "priorities",
}
ORDERS: dict[str, Promise] = {
    Order.relevance: _("Relevance"),
    Order.newest: _("Newest"),
    Order.oldest: _("Oldest"),
    Order.due: _("Most late"),
}
SPANS: dict[str, Promise] = {"day": _("By day"), "week": _("By week"), "month": _("By month")}
# What stands above the hits.
PANELS: dict[str, Promise] = {
    "time": _("Over time"),
    "compare": _("Against last year"),
    "rising": _("Rising words"),
    "map": _("By governorate"),
}
LAYOUTS: dict[str, Promise] = {"hits": _("Excerpts"), "table": _("Table")}
# Of an address, what a saved search and an export keep.
KEPT = ("q", *FACETS, "since", "until", "sort", "bars", "show", "layout", "col")
CURSOR = re.compile(r"[\w\-:.=]{1,4000}", re.ASCII)


@dataclass(frozen=True)
class Reading:
    """What an address asks. `chosen`: parameter → its values; `dropped`: how many values named nothing."""

    typed: str = ""
    query: Query = field(default_factory=Query)
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    since: date | None = None
    until: date | None = None
    order: Order = Order.relevance
    size: int = SIZE
    bars: str = ""
    show: str = "time"
    layout: str = "hits"
    columns: tuple[str, ...] = ()
    after: str = ""
    dropped: int = 0
    turned: bool = False

    @property
    def any(self) -> bool:
        return bool(self.typed or self.chosen or self.since or self.until)

    @property
    def unclosed(self) -> bool:
        """A quotation mark that nothing closes: the words are looked for one by one."""
        marks = sum(self.typed.count(mark) for mark in '"“”«»')
        return marks % 2 == 1

    @property
    def filter(self) -> Filter:
        given = {FACETS[name]: values for name, values in self.chosen.items()}
        return Filter(since=self.since, until=self.until, **given)

    def asked(self, **more: object) -> Asked:
        asked = Asked(
            query=self.query, filter=self.filter, order=self.order, size=self.size, after=self.after
        )
        return replace(asked, **more)  # type: ignore[arg-type]


def read(given: QueryDict, cat: Catalogue) -> Reading:
    dropped = 0
    chosen: dict[str, tuple[str, ...]] = {}
    for name in FACETS:
        values = [value for value in dict.fromkeys(given.getlist(name)) if value][:MOST_VALUES]
        known = tuple(value for value in values if is_known(name, value, cat))
        dropped += len(values) - len(known)
        if known:
            chosen[name] = known
    since, until = day(given.get("since", "")), day(given.get("until", ""))
    dropped += sum(
        bool(given.get(name, "").strip()) and not is_day
        for name, is_day in (("since", since), ("until", until))
    )
    turned = bool(since and until and since > until)
    if turned:
        since, until = until, since
    typed = clean(given.get("q", ""))
    query = parse(typed)
    sort = given.get("sort", "")
    fallback = Order.relevance if query.terms else Order.newest
    after = given.get("after", "")
    return Reading(
        typed=typed,
        query=query,
        chosen=chosen,
        since=since,
        until=until,
        order=Order(sort) if sort in ORDERS else fallback,
        size=next((n for n in SIZES if str(n) == given.get("size")), SIZE),
        bars=given.get("bars", "") if given.get("bars") in SPANS else "",
        show=given.get("show", "") if given.get("show") in PANELS else "time",
        layout=given.get("layout", "") if given.get("layout") in LAYOUTS else "hits",
        columns=tuple(dict.fromkeys(given.getlist("col")))[:30],
        after=after if CURSOR.fullmatch(after) else "",
        dropped=dropped,
        turned=turned,
    )


def clean(typed: str) -> str:
    return " ".join(typed.replace("\0", " ").split())[:LONGEST]


def is_known(name: str, value: str, cat: Catalogue) -> bool:
    match name:
        case "entity":
            return any(one.code == value for one in cat.entities_ever)
        case "place":
            return cat.place(value) is not None
        case "service":
            return any(one.code == value or one.category.code == value for one in cat.services_ever)
        case "state":
            return value == OPEN or value in State.values
        case "late":
            return value in LATENESS
        case "kind":
            return value in ReportKind.values
        case "channel":
            return value in Channel.values
        case _:
            return value in Priority.values


class Links:
    """This question with something else asked. A page's cursor belongs to its own question alone."""

    def __init__(self, given: QueryDict) -> None:
        self.kept = QueryDict(mutable=True)
        for name in (*KEPT, "size"):
            values = [value for value in given.getlist(name) if value][:MOST_VALUES]
            if values:
                self.kept.setlist(name, values)

    def to(self, **asked: str | tuple[str, ...]) -> str:
        query = self.kept.copy()
        for name, value in asked.items():
            values = [value] if isinstance(value, str) else list(value)
            if any(values):
                query.setlist(name, values)
            else:
                query.pop(name, None)
        return "?" + query.urlencode()

    def without(self, name: str, value: str) -> str:
        return self.to(**{name: tuple(one for one in self.kept.getlist(name) if one != value)})


def cleaned(query: str) -> str:
    """Of an address, what is kept, in one order."""
    given = QueryDict(query[:4000])
    kept = QueryDict(mutable=True)
    for name in KEPT:
        values = [value.replace("\0", "") for value in given.getlist(name) if value][:MOST_VALUES]
        if values:
            kept.setlist(name, [value[:LONGEST] for value in values])
    return kept.urlencode()
