"""Other words for the same thing, beside those that the catalogue knows (`cms.entities.wording`).

The embedded search asks them with each question. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from cms.entities.wording import meant

from .analysis import words
from .wordlist import ALSO

_also: dict[str, frozenset[str]] | None = None


def _of_lists(lists: Iterable[str]) -> dict[str, frozenset[str]]:
    """By stem all stems that are in a list with it. Lists do not run together: a word may be in two."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in lists:
        stems = {meant(word) for word in words(line)}
        for stem in stems:
            found[stem] |= stems - {stem}
    return {stem: frozenset(others) for stem, others in found.items()}


def _built_in() -> dict[str, frozenset[str]]:
    global _also
    if _also is None:
        _also = _of_lists(ALSO)
    return _also


def said_otherwise(word: str, stem: str) -> tuple[str, ...]:
    """Stems that are looked for beside this one."""
    return tuple(sorted(_built_in().get(stem, frozenset())))
