"""What was typed, as the words' table is asked for it: of each word a bit for each way it is found in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cms.entities.wording import NOISE, meant, skeleton

from ...analysis import STOP_WORDS
from ...queries import Term
from ...scope import Scope
from ...synonyms import said_otherwise
from .tokens import SKELETON, split, whole

# Each costs the database a look at every column; who types more has said enough by then.
MOST_TERMS = 8
MOST_IN_PHRASE = 12
# Way → the columns that it looks at.
WAYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("title", ("title",)),
    ("said", ("said",)),
    ("about", ("about",)),
    ("place", ("place",)),
    ("form", ("title", "said")),
    ("exact", ("exact",)),
    ("inside", ("inside",)),
    ("elsewhere", ("elsewhere",)),
)
BITS = {name: 1 << number for number, (name, _) in enumerate(WAYS)}
# Of two whole numbers of 63 bits.
IN_ONE = 63 // len(WAYS)


@dataclass(frozen=True)
class Sought:
    """One word with all that means the same, or a phrase; `number` is its place in the bits."""

    number: int
    said: tuple[str, ...]
    stems: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    phrase: bool = False
    without: bool = False
    # Says little: a time of day, a courtesy.
    light: bool = False
    corrected: bool = False


@dataclass(frozen=True)
class Sentence:
    sought: tuple[Sought, ...] = ()
    columns: frozenset[str] = field(default_factory=frozenset)
    # Whose an internal text is does not matter.
    all_notes: bool = False

    @property
    def wanted(self) -> tuple[Sought, ...]:
        return tuple(one for one in self.sought if not one.without)


def readable(scope: Scope) -> frozenset[str]:
    ways = {name for name, _ in WAYS} - {"inside", "elsewhere"}
    if scope.reads_notes:
        ways.add("inside")
    if scope.reads_all_notes or scope.notes_of:
        ways.add("elsewhere")
    return frozenset(ways)


def sentence(scope: Scope, terms: Iterable[Term]) -> Sentence:
    sought: dict[tuple[object, ...], Sought] = {}
    # What must not be there is not forgotten over the many words that may.
    each = [(term, split(term.text)) for term in sorted(terms, key=lambda term: not term.without)]
    tell = {word for term, said in each if not term.phrase for word in said if word not in STOP_WORDS}
    for term, said in each:
        if len(sought) >= MOST_TERMS:
            break
        if term.phrase and said:
            said = said[:MOST_IN_PHRASE]
            _keep(sought, Sought(len(sought), tuple(said), phrase=True, without=term.without))
            continue
        for word in said:
            if word not in STOP_WORDS or not tell:
                _keep(sought, word_sought(len(sought), word, without=term.without))
    return Sentence(tuple(list(sought.values())[:MOST_TERMS]), readable(scope), scope.reads_all_notes)


def _keep(sought: dict[tuple[object, ...], Sought], one: Sought) -> None:
    sought.setdefault((one.stems or one.said, one.phrase, one.without), one)


def word_sought(number: int, word: str, *, without: bool = False, corrected: bool = False) -> Sought:
    stem = meant(word)
    stems = tuple(dict.fromkeys((stem, *said_otherwise(stem))))
    # Another form of it is as good only where the word has one.
    bones = skeleton(stem)
    return Sought(
        number,
        (word,),
        stems=stems,
        forms=(SKELETON + bones,) if bones and not without else (),
        without=without,
        light=word in NOISE,
        corrected=corrected,
    )


@dataclass(frozen=True)
class Way:
    """One of these words in one of these columns, or all side by side."""

    name: str
    bit: int
    columns: tuple[str, ...]
    words: tuple[str, ...]
    side_by_side: bool = False


def ways_of(one: Sought, columns: frozenset[str]) -> list[Way]:
    found: list[Way] = []
    as_written = tuple(whole(word) for word in one.said)
    for name, where in WAYS:
        if name not in columns:
            continue
        if one.phrase:
            if name in ("exact", "inside", "elsewhere"):
                found.append(Way(name, BITS[name], where, as_written, side_by_side=True))
        elif name == "form":
            if one.forms:
                found.append(Way(name, BITS[name], where, one.forms))
        elif name == "exact":
            found.append(Way(name, BITS[name], where, as_written))
        else:
            found.append(Way(name, BITS[name], where, one.stems))
    return found
