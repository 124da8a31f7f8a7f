"""What is looked for when somebody writes something: for whoever keeps the words that are said for another.

The answer is of what the search itself asks (`backends.embedded.wording.sentence`), whichever backend does.
"""

from __future__ import annotations

from dataclasses import dataclass

from cms.entities.snapshot import catalogue

from . import synonyms
from .backends.embedded.tokens import split
from .backends.embedded.wording import sentence
from .models import Synonym
from .queries import parse
from .scope import Scope


@dataclass(frozen=True)
class Looked:
    """One word or phrase. `stem` is what it is looked for by, `beside` are the stems of other words."""

    said: str
    stem: str
    beside: tuple[str, ...]
    rows: tuple[Synonym, ...]
    phrase: bool
    without: bool
    # A time of day or a courtesy: weighs less.
    light: bool


@dataclass(frozen=True)
class Explained:
    """`passed_over`: words that nothing is looked for by."""

    looked: tuple[Looked, ...]
    passed_over: tuple[str, ...]


def explained(typed: str) -> Explained:
    synonyms.keep_up(catalogue())
    terms = parse(typed).terms
    sought = sentence(Scope(None), terms).sought
    rows = synonyms.rows_with(one.stems[0] for one in sought if one.stems)
    looked = tuple(
        Looked(
            said=" ".join(one.said),
            stem=one.stems[0] if one.stems else "",
            beside=one.stems[1:],
            rows=tuple(rows[one.stems[0]]) if one.stems else (),
            phrase=one.phrase,
            without=one.without,
            light=one.light,
        )
        for one in sought
    )
    known = {word for one in sought for word in one.said}
    said = dict.fromkeys(word for term in terms for word in split(term.text))
    return Explained(looked, tuple(word for word in said if word not in known))
