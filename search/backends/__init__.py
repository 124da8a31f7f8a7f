"""What a backend of the search must do. Two do it: Elasticsearch, and the database itself (`embedded`).

Both are filled with the same documents by the same hand (`search.indexing`), and asked by the one door
(`search.searching`), which gives them a scope, and asks the rule again about what they find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from ..documents import Document, Stamp
from ..results import Piece
from ..scope import Scope
from ..wanted import Wanted


@dataclass(frozen=True)
class FoundHit:
    id: int
    revision: int
    score: float = 0.0
    highlights: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Counted:
    """Key → how many, the most first; `other`: how many are in none of these."""

    buckets: tuple[tuple[str, int], ...]
    other: int = 0


@dataclass(frozen=True)
class Found:
    """`exact`: whether `total` is all there are, or as many as were counted. Of a later page `total` is the
    first one's, and facets and histogram are not counted again. `after`: what the next page goes on from;
    `before`: what the page before this one does, None for the first.
    `corrected`: typed words that nothing here says, of the first page; what is nearly the same was found.
    """

    hits: tuple[FoundHit, ...] = ()
    total: int = 0
    exact: bool = True
    # Keys of services, entities and places are ids.
    facets: Mapping[str, Counted] = field(default_factory=dict)
    # First day of each span, ISO.
    histogram: tuple[tuple[str, int], ...] = ()
    after: dict[str, Any] | None = None
    before: dict[str, Any] | None = None
    corrected: tuple[str, ...] = ()


@dataclass(frozen=True)
class Like:
    """What similar ones are looked for: words, and where and when it happened.

    Those within `metres` and `days` of it come first; what has ended and came in more than `lately` days
    before it is left out. `besides`: not this one.
    """

    text: str
    service: int | None = None
    places: tuple[int, ...] = ()
    point: tuple[float, float] | None = None
    about: datetime | None = None
    besides: int | None = None
    metres: int = 500
    days: int = 14
    lately: int = 90
    open_alone: bool = False

    @property
    def since(self) -> datetime | None:
        return self.about - timedelta(days=self.lately) if self.about is not None else None


class Unavailable(Exception):
    """The backend does not answer, or answers that it cannot: the other one is asked.

    `slow`: it may be the question's fault; `answered`: it is, and the server is well. `gone`: what a page was
    to go on from is there no more.
    """

    def __init__(
        self, reason: str, *, slow: bool = False, answered: bool = False, gone: bool = False
    ) -> None:
        self.slow, self.answered, self.gone = slow, answered, gone
        super().__init__(reason)


class Finder(Protocol):
    name: str

    def find(self, scope: Scope, wanted: Wanted, *, at: datetime) -> Found: ...

    def ids(self, scope: Scope, wanted: Wanted, *, at: datetime, batch: int = 500) -> Iterator[list[int]]:
        """All, in the order that was asked for; the scope is the beginning's, and the caller asks again."""
        ...

    def similar(self, scope: Scope, like: Like, *, at: datetime, limit: int) -> list[FoundHit]: ...

    def rising(self, scope: Scope, wanted: Wanted, *, at: datetime, limit: int) -> list[tuple[str, int]]:
        """Words that the last days' reports have more often than earlier ones, with how many have them."""
        ...


class Store(Protocol):
    """Where documents are kept. A write of an earlier revision than the one that is there changes nothing."""

    name: str

    def put(self, documents: Sequence[Document]) -> Mapping[int, str]:
        """Id → why this one was refused; the others are there. Raises Unavailable."""
        ...

    def drop(self, ids: Sequence[int]) -> None: ...

    def settle(self) -> None:
        """What was written is seen from now on."""
        ...

    def forget_dropped(self) -> None:
        """What was dropped may come back with an earlier revision, as after a restored backup."""
        ...

    def stamps(self, first: int, last: int) -> dict[int, Stamp]:
        """Of all documents with ids from `first` to `last`, both included."""
        ...
