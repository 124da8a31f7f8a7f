"""What the search gives back, whichever backend answered. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Piece:
    """Of a text that was found: never markup."""

    text: str
    marked: bool = False


@dataclass(frozen=True)
class Hit:
    """`report` is the row, as the database has it now; `highlights` by the field of its document."""

    report: Any
    score: float = 0.0
    highlights: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Bucket:
    """`key`: a code, or the first day of a span."""

    key: str
    count: int


@dataclass(frozen=True)
class Facet:
    """`other`: how many are in none of the buckets."""

    name: str
    buckets: tuple[Bucket, ...] = ()
    other: int = 0


@dataclass(frozen=True)
class Result:
    """`exact`: whether `total` is all there are. `after` leads to the next page, and is empty
    on the last; `before` to the one before, and is empty on the first.

    `degraded`: Elasticsearch is configured and did not answer; the database did. `corrected`: typed words
    that nothing here says, where those that are a letter away were found in their place. Which these are the
    hits show: not each word of the index is one that whoever asks may see.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    exact: bool = True
    facets: Mapping[str, Facet] = field(default_factory=dict)
    histogram: tuple[Bucket, ...] = ()
    after: str = ""
    before: str = ""
    degraded: bool = False
    corrected: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublicCase:
    """All that a stranger is told of a report of normal privacy (domain.md, 'What is public').

    `month` is its first day; `point` is rounded to about 200 metres; `key` names it, and opens nothing.
    """

    service: Any
    state: str
    place: Any
    month: date
    point: tuple[float, float] | None
    key: str
