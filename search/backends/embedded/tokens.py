"""A document as the words that it is found by. Pure.

Each column holds stems, and in what was said beside each its skeleton, for plurals that are broken; `exact`
holds every word in its order, for phrases and for true matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cms.entities.wording import meant, skeleton

from ...analysis import STOP_WORDS, bare, fold, words
from ...documents import Document

# What a word begins with that is no stem.
SKELETON, EXACT = "y", "x"
# Between two texts: a phrase ends there.
GAP = "0"
# Of one report; nobody finds it by its ten-thousandth word.
MOST_WORDS = 5000
# Nobody says so long a word; PostgreSQL takes none of more than 2046 bytes.
LONGEST = 60
_DIGIT = re.compile(r"\d")
THOUSANDS = re.compile(r"(?<=[0-9])[,٬،](?=[0-9]{3}(?![0-9]))")
COLUMNS = ("title", "said", "about", "place", "exact", "inside", "elsewhere")


@dataclass(frozen=True)
class Tokens:
    """By column; the last part of each internal column is in order."""

    id: int
    columns: tuple[str, ...]


@lru_cache(maxsize=2000)
def split(text: str) -> tuple[str, ...]:
    """Folded words; 2,340 is one of them. Of one without an end, its beginning.

    Kept for a little while: a text stands in several columns, the catalogue's words in many documents.
    """
    said = words(THOUSANDS.sub("", fold(text)) if _DIGIT.search(text) else text)
    return tuple([word[:LONGEST] for word in said])


@lru_cache(maxsize=50_000)
def whole(word: str) -> str:
    return EXACT + bare(word).replace("ة", "ه")


@lru_cache(maxsize=2000)
def _found_by(texts: tuple[str, ...], *, in_any_form: bool = False) -> str:
    """Kept for a little while too: what the catalogue says of a service or a place is the same for many."""
    said = [meant(word) for text in texts for word in split(text) if word not in STOP_WORDS]
    stems = dict.fromkeys(said[:MOST_WORDS])
    if not in_any_form:
        return " ".join(stems)
    forms = dict.fromkeys([SKELETON + bones for bones in map(skeleton, stems) if bones])
    return " ".join((*stems, *forms))


def _in_order(texts: Iterable[str]) -> str:
    said: list[str] = []
    for text in texts:
        said += map(whole, split(text))
        said.append(GAP)
    return " ".join(said[:MOST_WORDS])


def tokens(document: Document) -> Tokens:
    said = (document.text, *document.conversation, *document.answers)
    inside = (*document.notes, *document.directives)
    return Tokens(
        document.id,
        (
            _found_by((document.title,), in_any_form=True),
            _found_by(said, in_any_form=True),
            _found_by((*document.about, *document.whom)),
            _found_by(document.where),
            _in_order((document.title, *said, *document.where)),
            f"{_found_by(inside)} {GAP} {_in_order(inside)}" if inside else "",
            f"{_found_by(document.elsewhere)} {GAP} {_in_order(document.elsewhere)}"
            if document.elsewhere
            else "",
        ),
    )


def vocabulary(document: Document) -> set[str]:
    """What may be meant by a mistyped word: of what a sender and the office wrote to each other."""
    texts = (document.title, document.text, *document.conversation, *document.answers)
    found = {bare(word) for text in texts for word in split(text) if not word[0].isdigit()}
    return {word for word in found if 4 <= len(word) <= 20}
