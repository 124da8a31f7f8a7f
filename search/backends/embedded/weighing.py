"""How well a report answers: what it has of the words, where, and how rare these are. Pure.

How rare a word is, is counted in what was found of the asker's own scope: a score tells of nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import log
from typing import NamedTuple

from cms.reports.workflow import OPEN as STILL_OPEN

from ...scope import Scope
from .asking import DAY, Row
from .wording import BITS, Sentence, Sought

WEIGHTS = {
    "title": 3.0,
    "said": 2.0,
    "place": 1.6,
    "about": 1.0,
    "form": 1.0,
    "inside": 0.8,
    "elsewhere": 0.5,
}
# What another column that has the word adds, and being written as it was typed.
BESIDE, EXACT = 0.2, 0.5
PHRASE = 3.0
LIGHT, MISTYPED = 0.35, 0.8
# What part of what was said a report must have, and what is enough where only a few have it.
ENOUGH, LEAST, FEW = 0.4, 0.2, 10
OPEN, FRESH, FRESH_DAYS = 1.03, 0.05, 400
_STRENGTH = [0.0] * 256
for _mask in range(256):
    _held = sorted((weight for name, weight in WEIGHTS.items() if _mask & BITS[name]), reverse=True)
    if _held:
        _STRENGTH[_mask] = _held[0] + BESIDE * sum(_held[1:]) + (EXACT if _mask & BITS["exact"] else 0)
    elif _mask & BITS["exact"]:
        _STRENGTH[_mask] = WEIGHTS["said"]


class Weighed(NamedTuple):
    row: Row
    score: float
    share: float


def readable(row: Row, one: Sought, scope: Scope) -> int:
    """How the report has the word, for who reads all that was written, or what these entities wrote."""
    held = row.bits(one.number)
    if (
        held & BITS["elsewhere"]
        and not scope.reads_all_notes
        and not scope.notes_of.issuperset(row.elsewhere)
    ):
        held &= ~BITS["elsewhere"]
    return held


def weighed(rows: Sequence[Row], said: Sentence, scope: Scope, at: datetime) -> list[Weighed]:
    """Those that answer, in no order."""
    held = [[readable(row, one, scope) for one in said.sought] for row in rows]
    rarity = [
        log(1 + (len(rows) + 1) / (0.5 + sum(1 for each in held if each[place])))
        * (LIGHT if one.light else 1.0)
        for place, one in enumerate(said.sought)
    ]
    whole = sum(rare for rare, one in zip(rarity, said.sought, strict=True) if not one.without) or 1.0
    made = [
        weighed_one
        for row, each in zip(rows, held, strict=True)
        if (weighed_one := _one(row, each, said, rarity, whole, at.timestamp())) is not None
    ]
    enough = [one for one in made if one.share >= ENOUGH]
    return enough if len(enough) >= FEW else [one for one in made if one.share >= LEAST]


def _one(
    row: Row, held: Sequence[int], said: Sentence, rarity: Sequence[float], whole: float, now: float
) -> Weighed | None:
    score = share = 0.0
    for one, bits, rare in zip(said.sought, held, rarity, strict=True):
        if one.without:
            if bits:
                return None
        elif one.phrase:
            if not bits:
                return None
            score += rare * PHRASE
            share += rare
        elif bits:
            sure = MISTYPED if one.corrected else 1.0
            score += rare * _STRENGTH[bits] * sure
            share += rare
    days = max((now - row.submitted) / DAY, 0)
    score *= 1 + FRESH * max(0.0, 1 - days / FRESH_DAYS)
    if row.state in STILL_OPEN:
        score *= OPEN
    return Weighed(row, score, share / whole)
