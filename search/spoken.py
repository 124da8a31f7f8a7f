"""Words of the index as people write them: what is folded to compare is nothing that one reads. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from .analysis import WORD, fold, stem


def as_written(found: Sequence[tuple[str, int]], texts: Iterable[str]) -> list[tuple[str, int]]:
    """Folded words with how many reports have each, in the spelling that most of these texts have.

    One word for all that say the same (`نفق`, `النفق`): the first, with the greatest of their numbers, which
    are not added up, since a report may have both. A word that stands in none of the texts stays as it is.
    """
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    wanted = {word for word, _ in found}
    for text in texts:
        for written in set(WORD.findall(text)):
            folded = fold(written)
            if folded in wanted:
                spellings[folded][written] += 1
    merged: dict[str, tuple[str, int]] = {}
    for word, count in found:
        shown = min(spellings[word].items(), key=lambda one: (-one[1], one[0]), default=(word, 0))[0]
        first, most = merged.setdefault(stem(word), (shown, count))
        merged[stem(word)] = (first, max(most, count))
    return list(merged.values())
