"""Finding a service by what people type: colloquial, without hamza, ه for ة, with a slip of the finger.

Whole sentences too: words that are rare in the catalogue weigh more, those that it does not know weigh
nothing, so that a good match stays one whatever else is said around it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from math import log
from typing import Generic, Protocol, TypeVar

from .wording import SAME, skeleton, telling

LONGEST = 200
MOST_WORDS = 24
NAME, KEYWORD, DESCRIPTION, CATEGORY = 3.0, 2.5, 1.3, 0.4
# What a word weighs at least as a part of a keyword or a name.
PART = 0.7
# What each further keyword or name that has the word adds, and how many count.
OFTEN, MOST_OFTEN = 0.05, 3
# How much of a full match a begun word, another form of the word and a mistyped one are worth.
BEGUN, FORM, MISTYPED = 0.6, 0.5, 0.4
# A keyword or a name that stands in the sentence: as it is, or all its words somewhere.
AS_IT_IS, ALL_WORDS, ONE_WORD = 0.8, 0.3, 0.4
# How sure the surest word has to be (a mistyped one of a keyword is, one of a description is not), and which
# part of the best score the others have to reach, to be more than noise on a phone's screen.
ENOUGH, NEAR = 0.9, 0.3
FEW_WORDS = 2
NO_LIMIT = 1e9


class Named(Protocol):
    name_ar: str
    name_en: str


class Searchable(Protocol):
    name_ar: str
    name_en: str
    description_ar: str
    description_en: str
    keywords_ar: list[str]
    keywords_en: list[str]

    @property
    def category(self) -> Named: ...


Found = TypeVar("Found", bound=Searchable)


def mistyped(typed: str, stem: str) -> bool:
    """One letter wrong, missing, too many or swapped with the next, in a word long enough to tell."""
    if min(len(typed), len(stem)) < 4 or abs(len(typed) - len(stem)) > 1:
        return False
    at = next((at for at, (one, other) in enumerate(zip(typed, stem, strict=False)) if one != other), -1)
    if at < 0:
        return True
    rest, other = typed[at:], stem[at:]
    return (
        rest[1:] == other[1:]
        or rest[1:] == other
        or rest == other[1:]
        or (rest[:2] == other[1::-1] and rest[2:] == other[2:])
    )


def _texts_of(service: Searchable) -> Iterator[tuple[float, tuple[str, ...]]]:
    for weight, texts in (
        (NAME, (service.name_ar, service.name_en)),
        (KEYWORD, (*service.keywords_ar, *service.keywords_en)),
        (DESCRIPTION, (service.description_ar, service.description_en)),
        (CATEGORY, (service.category.name_ar, service.category.name_en)),
    ):
        for text in texts:
            yield weight, tuple(telling(text))


class Index(Generic[Found]):
    """What is compared of the services; made once for a reading of the catalogue."""

    def __init__(self, services: Iterable[Found]) -> None:
        self.services: list[Found] = list(services)
        texts = [list(_texts_of(service)) for service in self.services]
        services_with = Counter(
            stem for told in texts for stem in {stem for _, phrase in told for stem in phrase}
        )
        self._rarity = {stem: log(1 + len(texts) / count) for stem, count in services_with.items()}
        # Of every stem, the services that have it, with the weight of where it stands.
        self._holders: dict[str, dict[int, float]] = defaultdict(dict)
        # Of every service, its names and keywords.
        self._phrases: list[list[tuple[str, ...]]] = []
        for at, told in enumerate(texts):
            for weight, phrase in told:
                self._weigh(at, weight, phrase)
            self._add_for_phrases(at, told)
            self._phrases.append(
                list(dict.fromkeys(phrase for weight, phrase in told if phrase and weight >= KEYWORD))
            )
        # All that may be begun or mistyped, and the stem it stands for.
        self._meant = {stem: stem for stem in self._holders}
        self._meant.update((stem, other) for stem, other in SAME.items() if other in self._holders)
        self._spelt = sorted(self._meant)
        self._skeletons: dict[str, list[str]] = defaultdict(list)
        for stem in self._spelt:
            if bare := skeleton(stem):
                self._skeletons[bare].append(stem)

    def _weigh(self, at: int, weight: float, phrase: tuple[str, ...]) -> None:
        whole = sum(self._rarity[stem] for stem in phrase)
        for stem in phrase:
            share = 1.0
            if weight >= KEYWORD:
                # The school of “school bus” tells less of the matter than the one keyword “school”.
                share = PART + (1 - PART) * self._rarity[stem] / whole
            held = self._holders[stem]
            held[at] = max(held.get(at, 0.0), weight * share)

    def _add_for_phrases(self, at: int, told: Sequence[tuple[float, tuple[str, ...]]]) -> None:
        """What stands in several names and keywords is what the service is about, more than in passing."""
        phrases = {phrase for weight, phrase in told if weight >= KEYWORD}
        for stem, times in Counter(stem for phrase in phrases for stem in set(phrase)).items():
            self._holders[stem][at] *= 1 + OFTEN * min(times - 1, MOST_OFTEN)

    def _like(self, typed: str, last: bool) -> dict[str, float]:
        """The stems that the word may stand for, and how surely."""
        like: dict[str, float] = {}
        if typed not in self._holders:
            # The first letter is usually right.
            for spelt in self._from(typed[0]):
                if mistyped(typed, spelt):
                    like[self._meant[spelt]] = MISTYPED
        for spelt in self._skeletons.get(skeleton(typed), ()):
            like[self._meant[spelt]] = FORM
        # Only the last word may still be in the writing.
        if len(typed) >= (3 if last else 4):
            for spelt in self._from(typed):
                like[self._meant[spelt]] = BEGUN
        if typed in self._holders:
            like[typed] = 1.0
        return like

    def _from(self, beginning: str) -> Iterator[str]:
        for at in range(bisect_left(self._spelt, beginning), len(self._spelt)):
            if not self._spelt[at].startswith(beginning):
                return
            yield self._spelt[at]

    def search(self, query: str, among: Collection[Found] | None = None) -> list[Found]:
        """The services that fit, best first; those that fit equally keep their order."""
        typed = telling(query[:LONGEST])[:MOST_WORDS]
        scores: dict[int, float] = defaultdict(float)
        surest: dict[int, float] = defaultdict(float)
        meant: dict[str, float] = {}
        # In a sentence some word always looks like a mistyped one.
        unsure = MISTYPED if len(typed) > FEW_WORDS else 0.0
        for word in dict.fromkeys(typed):
            best: dict[int, float] = {}
            for stem, sure in self._like(word, word == typed[-1]).items():
                meant[stem] = max(sure, meant.get(stem, 0.0))
                # What a word may stand for besides tells no more than the word does.
                worth = sure * min(self._rarity[stem], self._rarity.get(word, NO_LIMIT))
                for at, weight in self._holders[stem].items():
                    best[at] = max(best.get(at, 0.0), worth * weight)
                    if sure > unsure:
                        surest[at] = max(surest[at], sure * weight)
            for at, score in best.items():
                scores[at] += score
        fit = {
            at: score + self._said(at, typed, meant) for at, score in scores.items() if surest[at] >= ENOUGH
        }
        return self._cut(fit, among)

    def _said(self, at: int, typed: Sequence[str], meant: dict[str, float]) -> float:
        """What it adds that a whole keyword or name was said."""
        most = 0.0
        sentence = f" {' '.join(typed)} "
        for phrase in self._phrases[at]:
            if not all(stem in meant for stem in phrase):
                continue
            worth = sum(self._rarity[stem] * meant[stem] for stem in phrase)
            as_it_is = f" {' '.join(phrase)} " in sentence
            worth *= NAME * (AS_IT_IS if as_it_is else ALL_WORDS)
            if len(phrase) == 1:
                worth *= ONE_WORD
            most = max(most, worth)
        return most

    def _cut(self, scores: dict[int, float], among: Collection[Found] | None) -> list[Found]:
        ranked = sorted((-score, at) for at, score in scores.items())
        if among is not None:
            kept = {id(service) for service in among}
            ranked = [(score, at) for score, at in ranked if id(self.services[at]) in kept]
        least = -ranked[0][0] * NEAR if ranked else 0.0
        return [self.services[at] for score, at in ranked if -score >= least]
