"""What was meant by a word that no report has: those that are one letter away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.db.models import Q

from cms.entities.catalogue import mistyped

from ...analysis import bare
from ...models import Word
from .wording import Sentence, word_sought

SHORTEST, MOST = 4, 3


def meant_by(words: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Of each, words that there are; nothing for what is there itself. One statement."""
    typed = {word: bare(word) for word in words if SHORTEST <= len(bare(word)) <= 20 and word.isalpha()}
    if not typed:
        return {}
    near = Q()
    for word in typed.values():
        half = len(word) // 2
        # One letter is wrong in one half alone.
        near |= Q(word__startswith=word[:half]) | Q(turned__startswith=word[half:][::-1])
    lengths = [len(word) for word in typed.values()]
    rows = Word.objects.filter(near).values_list("word", flat=True)[:20_000]
    there = [word for word in rows if min(lengths) - 1 <= len(word) <= max(lengths) + 1]
    known = set(there)
    return {
        word: tuple(sorted(one for one in there if mistyped(plain, one))[:MOST])
        for word, plain in typed.items()
        if plain not in known
    }


def corrected(said: Sentence, words: Sequence[str]) -> Sentence:
    """With what was meant by these; the same one where nothing is near them."""
    near = meant_by(words)
    if not any(near.values()):
        return said
    sought = []
    for one in said.sought:
        others = near.get(one.said[0], ()) if not (one.phrase or one.without) else ()
        if others:
            each = [word_sought(one.number, word) for word in others]
            one = replace(
                one, stems=tuple({stem: None for other in each for stem in other.stems}), corrected=True
            )
        sought.append(one)
    return replace(said, sought=tuple(sought))
