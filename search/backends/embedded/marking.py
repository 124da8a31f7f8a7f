"""Where in a report's texts the words stand, as pieces. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from cms.entities.wording import APART, meant, skeleton

from ...analysis import bare
from ...analysis import stem as stemmed
from ...results import Piece
from .tokens import SKELETON, split, whole
from .wording import Sentence

# A word with the marks on its letters.
_WORD = re.compile(r"[^\W_]+(?:[\u0610-\u061a\u0640\u064b-\u065f\u0670]+[^\W_]*)*")
LEFT_OUT = Piece("…")
EACH, BEFORE, MOST = 160, 50, 2
LONGEST = 20_000
INTERNAL = ("notes", "directives")
_LONG = re.compile("(?<=.)[اوي](?=.)")


@lru_cache(maxsize=20_000)
def _said(written: str) -> tuple[tuple[str, str, str], ...]:
    """Folded, what it means, and its letters alone. The same few words stand in most texts."""
    return tuple((word, stem := meant(word), SKELETON + skeleton(stem)) for word in split(written))


@lru_cache(maxsize=20_000)
def _shape(word: str) -> str:
    """What a word and its plural share: مدرس of مدرسة and مدارس, عمل of عامل and عمال (not عملاء)."""
    if (stem := meant(word)) in APART:
        return stem
    said = bare(word)
    # What is written together with it besides the article, as the stemmer knows it.
    if len(said) > 3 and stemmed(said) == stemmed(said[1:]):
        said = bare(said[1:])
    return _LONG.sub("", said.rstrip("ةه"))


@dataclass(frozen=True, slots=True)
class _Met:
    """A word of a text that is a wanted one, or shares a root with it."""

    span: tuple[int, int]
    word: str
    stem: str
    form: str


class Marker:
    """What is marked: the words that were wanted, in any form they were found in.

    A word that only shares its root is marked where the wanted one does not stand itself: of a report that
    says مدرسة not its دراسة.
    """

    def __init__(self, said: Sentence) -> None:
        wanted = said.wanted
        self.plain = [one for one in wanted if not one.phrase]
        self.stems = {stem for one in self.plain for stem in one.stems}
        self.forms = {form for one in self.plain for form in one.forms}
        self.shapes = {_shape(word) for one in self.plain for word in one.said}
        self.phrases = [[whole(word) for word in one.said] for one in wanted if one.phrase]
        self.internal = "inside" in said.columns

    def of(self, texts: Mapping[str, Sequence[str]]) -> dict[str, tuple[Piece, ...]]:
        read = {
            name: [(text[:LONGEST], self._met(text[:LONGEST])) for text in several]
            for name, several in texts.items()
            if self.internal or name not in INTERNAL
        }
        here = {one.stem for several in read.values() for _, met in several for one in met}
        # Of the words that do not stand here themselves, what others are marked by.
        roots = {form for one in self.plain if here.isdisjoint(one.stems) for form in one.forms}
        found: dict[str, tuple[Piece, ...]] = {}
        for name, several in read.items():
            pieces: list[Piece] = []
            for text, met in several:
                if marks := self._marks(text, met, roots):
                    # The next text begins with a sign of its own.
                    if pieces and pieces[-1] == LEFT_OUT:
                        pieces.pop()
                    pieces += _cut(text, marks, whole_text=name == "title", first=not pieces)
            if pieces:
                found[name] = tuple(pieces)
        return found

    def _met(self, text: str) -> list[_Met]:
        return [
            _Met(match.span(), word, stem, form)
            for match in _WORD.finditer(text)
            for word, stem, form in _said(match[0])
            if stem in self.stems or form in self.forms
        ]

    def _marks(self, text: str, met: Sequence[_Met], roots: Set[str]) -> list[tuple[int, int]]:
        marks = {one.span for one in met if self._is_meant(one, roots)}
        if self.phrases:
            words = [(match.span(), _said(match[0])) for match in _WORD.finditer(text)]
            held = [whole(said[0][0]) if said else "" for _, said in words]
            for phrase in self.phrases:
                for at in range(len(held) - len(phrase) + 1):
                    if held[at : at + len(phrase)] == phrase:
                        marks.update(span for span, _ in words[at : at + len(phrase)])
        return sorted(marks)

    def _is_meant(self, met: _Met, roots: Set[str]) -> bool:
        return met.stem in self.stems or met.form in roots or _shape(met.word) in self.shapes


def _cut(text: str, marks: Sequence[tuple[int, int]], *, whole_text: bool, first: bool) -> list[Piece]:
    """What stands around the marks; where something is left out, it says so."""
    if whole_text:
        return _pieces(text, marks, 0, len(text))
    made: list[Piece] = []
    until, parts = -1, 0
    for start, _ in marks:
        if start < until:
            continue
        if parts == MOST:
            break
        parts += 1
        begin = max(0, start - BEFORE, until)
        begin = text.find(" ", begin) + 1 if begin and 0 <= text.find(" ", begin) < start else begin
        until = min(len(text), begin + EACH)
        if until < len(text) and (space := text.rfind(" ", start + 1, until)) > start:
            until = space
        until = max(until, max(end for mark, end in marks if mark == start))
        if made or not first:
            made.append(Piece(" … "))
        elif begin:
            made.append(LEFT_OUT)
        made += _pieces(text, marks, begin, until)
    return [*made, LEFT_OUT] if until < len(text.rstrip()) else made


def _pieces(text: str, marks: Sequence[tuple[int, int]], begin: int, until: int) -> list[Piece]:
    made: list[Piece] = []
    at = begin
    for start, end in marks:
        if start < at or end > until:
            continue
        if start > at:
            made.append(Piece(text[at:start]))
        made.append(Piece(text[start:end], marked=True))
        at = end
    if at < until:
        made.append(Piece(text[at:until]))
    return made
