"""Finding a service by what people type: colloquial, without hamza, ه for ة, with a slip of the finger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Protocol, TypeVar

from search.analysis import fold, stems

LONGEST = 200
MOST_WORDS = 12
NAME, KEYWORD, DESCRIPTION = 3.0, 3.0, 1.0
# How much of a full match a begun word and a mistyped one are worth.
BEGUN, MISTYPED = 0.8, 0.6
# Of the words typed, so much has to be found.
ENOUGH = 0.5


class Searchable(Protocol):
    name_ar: str
    name_en: str
    description_ar: str
    description_en: str
    keywords_ar: list[str]
    keywords_en: list[str]


Found = TypeVar("Found", bound=Searchable)


@dataclass(frozen=True)
class Entry:
    """What is compared of one service: its stems, weighted by where they stand, and its phrases."""

    weights: dict[str, float]
    phrases: frozenset[str]


@lru_cache(maxsize=4096)
def _entry(names: tuple[str, ...], keywords: tuple[str, ...], descriptions: tuple[str, ...]) -> Entry:
    weights: dict[str, float] = {}
    for texts, weight in ((descriptions, DESCRIPTION), (keywords, KEYWORD), (names, NAME)):
        for text in texts:
            for stem in stems(text):
                weights[stem] = max(weight, weights.get(stem, 0))
    phrases = frozenset(" ".join(stems(text)) for text in (*names, *keywords))
    return Entry(weights, phrases)


def _entry_of(service: Searchable) -> Entry:
    return _entry(
        (service.name_ar, service.name_en),
        (*service.keywords_ar, *service.keywords_en),
        (service.description_ar, service.description_en),
    )


def _mistyped(typed: str, stem: str) -> bool:
    """One slip in a word long enough to tell: the first letter is usually right."""
    if min(len(typed), len(stem)) < 4 or abs(len(typed) - len(stem)) > 1 or typed[0] != stem[0]:
        return False
    return SequenceMatcher(None, typed, stem).ratio() >= (0.75 if len(typed) < 6 else 0.8)


def _word_score(typed: str, entry: Entry) -> float:
    if typed in entry.weights:
        return entry.weights[typed]
    best = 0.0
    for stem, weight in entry.weights.items():
        if len(typed) >= 3 and stem.startswith(typed):
            best = max(best, weight * BEGUN)
        elif best < weight * MISTYPED and _mistyped(typed, stem):
            best = weight * MISTYPED
    return best


def search_services(query: str, services: Iterable[Found]) -> list[Found]:
    """The services that fit, best first; those that fit equally keep their order."""
    typed = list(dict.fromkeys(stems(query[:LONGEST])))[:MOST_WORDS]
    if not typed or not fold(query).strip():
        return []
    phrase = " ".join(typed)
    ranked: list[tuple[float, int, Found]] = []
    for order, service in enumerate(services):
        entry = _entry_of(service)
        scores = [_word_score(word, entry) for word in typed]
        found = sum(1 for score in scores if score)
        if not found or found / len(typed) < ENOUGH:
            continue
        # The share of the words found counts more than where they stand.
        score = sum(scores) * (found / len(typed))
        if phrase in entry.phrases:
            score += 2 * NAME
        ranked.append((-score, order, service))
    ranked.sort(key=lambda row: row[:2])
    best = -ranked[0][0] if ranked else 0.0
    # What fits far worse than the best is noise on a phone's screen.
    return [service for score, _, service in ranked if -score >= best * 0.25]
