"""A question to the search, as every surface asks it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from .queries import Query


@dataclass(frozen=True)
class Filter:
    """What was chosen, by codes; several of one name mean any of them. `until` is the last day; `late` is of
    `wanted.LATENESS`.
    """

    services: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


class Order(StrEnum):
    relevance = "relevance"
    newest = "newest"
    oldest = "oldest"
    due = "due"


@dataclass(frozen=True)
class Asked:
    """`after` is what the page before gave, signed. `facets` and `histogram` are counted where asked for."""

    query: Query = field(default_factory=Query)
    filter: Filter = field(default_factory=Filter)
    order: Order = Order.relevance
    size: int = 25
    after: str = ""
    facets: tuple[str, ...] = ()
    histogram: str = ""
    highlights: bool = True
