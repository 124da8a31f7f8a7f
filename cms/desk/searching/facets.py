"""The facets as they are drawn: what each key is called, how many it has, and what is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Priority, ReportKind
from cms.entities.snapshot import Catalogue
from cms.reports.models import Channel
from cms.reports.workflow import OPEN as OPEN_STATES
from cms.reports.workflow import State
from search import results
from search.wanted import ENDED_LATE, LATE, ON_TIME

from .. import words
from ..queue.filters import called
from .address import FACETS, OPEN, Links, Reading

TITLES: dict[str, Promise] = {
    "entity": _("Entity"),
    "place": pgettext_lazy("facet", "Governorate"),
    "state": _("State"),
    "late": _("Lateness"),
    "service": _("Service"),
    "kind": _("Kind"),
    "channel": _("Channel"),
    "priority": _("Priority"),
}
# Those that are unfolded although nothing in them is chosen.
# So many of a facet are in sight, and whatever is chosen.
FIRST = 7
UNFOLDED = ("entity", "place", "state", "late", "service")


@dataclass(frozen=True)
class Choice:
    """`count` is None where it was not counted; `before`: in the period that is compared with."""

    value: str
    label: str
    count: int | None
    chosen: bool
    before: int | None = None

    @property
    def grown(self) -> str:
        """`+12`, by how much it differs from the period before; '' where nothing is compared."""
        if self.before is None or self.count is None:
            return ""
        return f"{self.count - self.before:+,}".replace("-", "\u2212")


@dataclass(frozen=True)
class Group:
    name: str
    title: str
    choices: list[Choice]
    other: int
    unfolded: bool

    @property
    def first(self) -> list[Choice]:
        return [choice for place, choice in enumerate(self.choices) if place < FIRST or choice.chosen]

    @property
    def rest(self) -> list[Choice]:
        return [choice for place, choice in enumerate(self.choices) if place >= FIRST and not choice.chosen]


@dataclass(frozen=True)
class Names:
    """What a value of the address is called in the reader's language."""

    cat: Catalogue
    _entities: dict[str, str] = field(default_factory=dict)
    _services: dict[str, str] = field(default_factory=dict)

    def of(self, name: str, value: str) -> str:
        match name:
            case "entity":
                if not self._entities:
                    self._entities.update({one.code: called(one) for one in self.cat.entities_ever})
                return self._entities.get(value, value)
            case "place":
                place = self.cat.place(value)
                return place.name if place is not None else value
            case "service":
                if not self._services:
                    for one in self.cat.services_ever:
                        self._services.setdefault(one.category.code, one.category.name)
                        self._services[one.code] = one.name
                return self._services.get(value, value)
            case "state":
                return gettext("Open, in any state") if value == OPEN else _label(State.choices, value)
            case "late":
                return str(LATENESS.get(value, value))
            case "kind":
                return _label(ReportKind.choices, value)
            case "channel":
                return _label(Channel.choices, value)
            case _:
                return _label(Priority.choices, value)


LATENESS = {
    LATE: pgettext_lazy("reports", "Late"),
    ON_TIME: _("Within the deadline"),
    ENDED_LATE: pgettext_lazy("reports", "Answered or closed late"),
}


def _label(choices: object, value: str) -> str:
    return str(dict(choices).get(value, value))  # type: ignore[call-overload]


def groups(
    reading: Reading,
    found: Mapping[str, results.Facet],
    names: Names,
    before: Mapping[str, results.Facet] | None = None,
) -> list[Group]:
    drawn = []
    for name, key in FACETS.items():
        facet = found.get(key) or results.Facet(key)
        chosen = reading.chosen.get(name, ())
        counts = {bucket.key: bucket.count for bucket in facet.buckets}
        earlier = None
        if before is not None:
            of_before = before.get(key) or results.Facet(key)
            earlier = {bucket.key: bucket.count for bucket in of_before.buckets}
            if name == "state":
                earlier = _with_open(earlier)
        if name == "state":
            counts = _with_open(counts)
        values = [*counts, *(value for value in chosen if value not in counts)]
        choices = [
            Choice(
                value,
                names.of(name, value),
                # A chosen one that is in no bucket may be among the others.
                counts.get(value, None if facet.other else 0),
                value in chosen,
                earlier.get(value, 0) if earlier is not None else None,
            )
            for value in values
        ]
        if choices or facet.other:
            unfolded = name in UNFOLDED or bool(chosen)
            drawn.append(Group(name, str(TITLES[name]), choices, facet.other, unfolded))
    return drawn


def _with_open(counts: dict[str, int]) -> dict[str, int]:
    """The open ones together, before each state alone."""
    total = sum(count for key, count in counts.items() if key in OPEN_STATES)
    return {OPEN: total, **counts} if total else counts


@dataclass(frozen=True)
class Chip:
    label: str
    address: str


def chips(reading: Reading, links: Links, names: Names) -> list[Chip]:
    """What is chosen, each with the way to do without it."""
    drawn = [
        Chip(names.of(name, value), links.without(name, value))
        for name, values in reading.chosen.items()
        for value in values
    ]
    if reading.since or reading.until:
        drawn.append(Chip(_period(reading), links.to(since="", until="")))
    return drawn


def _period(reading: Reading) -> str:
    if reading.since and reading.until:
        return words.days_between(reading.since, reading.until)
    if reading.since:
        return gettext("from %(day)s on") % {"day": words.days_between(reading.since, reading.since)}
    assert reading.until is not None  # noqa: S101 (asked for only where one of the two is given)
    return gettext("until %(day)s") % {"day": words.days_between(reading.until, reading.until)}
