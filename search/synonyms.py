"""Words that are said for one another, beside those that the catalogue knows (`cms.entities.wording`).

They are asked with each question, by both backends, so that a change needs no index to be made anew. Each
process keeps them under the catalogue's stamp, which every change of them renews and every search reads.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cms.entities.snapshot import Catalogue
from cms.entities.wording import meant

from .analysis import STOP_WORDS, words
from .models import Synonym

# Of one row; and of all that are asked beside one word, which may stand in several.
MOST_WORDS, MOST_BESIDE = 20, 40
LONGEST = 40


@dataclass(frozen=True)
class _Kept:
    """`beside`: by stem the stems of all that stand in a row with it."""

    stamp: uuid.UUID | None
    beside: Mapping[str, tuple[str, ...]]


_kept = _Kept(None, {})


def keep_up(cat: Catalogue) -> None:
    """Read again what changed. One statement after a change, none otherwise."""
    global _kept
    if _kept.stamp != cat.stamp:
        rows = Synonym.objects.filter(is_active=True).order_by("pk")
        _kept = _Kept(cat.stamp, _beside(row.words for row in rows))


def _beside(rows: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        stems = stems_of(row)
        for stem in stems:
            found[stem] |= stems - {stem}
    return {stem: tuple(sorted(others)[:MOST_BESIDE]) for stem, others in found.items()}


def stems_of(row: Iterable[str]) -> frozenset[str]:
    return frozenset(meant(word) for said in row for word in words(said))


def said_otherwise(stem: str) -> tuple[str, ...]:
    """Stems that are looked for beside this one."""
    return _kept.beside.get(stem, ())


def rows_with(stems: Iterable[str]) -> dict[str, list[Synonym]]:
    """The rows in use that each of these stems stands in. One statement."""
    found: dict[str, list[Synonym]] = {stem: [] for stem in stems}
    for row in Synonym.objects.filter(is_active=True).order_by("pk"):
        for stem in stems_of(row.words) & found.keys():
            found[stem].append(row)
    return found


def faults(
    arabic: Sequence[str], english: Sequence[str], *, besides: int | None = None
) -> Iterator[tuple[str, ValidationError]]:
    """What is wrong with a row, each with the field that it is told at; `besides`: the row that it is."""
    given = {"words_ar": arabic, "words_en": english}
    wrong = [(name, error) for name, said in given.items() for word in said for error in _of_word(word)]
    if wrong:
        yield from wrong
        return
    stems = stems_of((*arabic, *english))
    if not stems:
        yield "words_ar", ValidationError(_("Write words that mean the same."), code="empty")
    elif len(arabic) + len(english) == 1:
        yield (
            "words_ar" if arabic else "words_en",
            ValidationError(_("One word alone: write another that means the same."), code="one_word"),
        )
    elif len(stems) == 1:
        yield (
            "words_ar" if arabic else "words_en",
            ValidationError(_("To the search these are forms of one word already."), code="same_already"),
        )
    elif len(arabic) + len(english) > MOST_WORDS:
        yield (
            "words_ar" if len(arabic) >= len(english) else "words_en",
            ValidationError(
                _("At most %(n)s words: what so many have in common is hardly one meaning."),
                code="too_many",
                params={"n": MOST_WORDS},
            ),
        )
    else:
        for row in Synonym.objects.exclude(pk=besides or 0):
            if stems_of(row.words) == stems:
                yield (
                    "words_ar",
                    ValidationError(
                        _("There is such a row already: %(row)s"), code="twice", params={"row": str(row)}
                    ),
                )
                return


def _of_word(word: str) -> Iterator[ValidationError]:
    said = words(word)
    about = {"word": word[:LONGEST]}
    if not any(part.isalpha() for part in said):
        yield ValidationError(_("“%(word)s” is no word."), code="no_word", params=about)
    elif len(said) > 1:
        yield ValidationError(
            _("“%(word)s” is several words. Each is looked for by itself: separate them by a comma."),
            code="several_words",
            params=about,
        )
    elif len(word) > LONGEST:
        yield ValidationError(_("“%(word)s…” is too long for a word."), code="too_long", params=about)
    elif said[0] in STOP_WORDS:
        yield ValidationError(
            _("“%(word)s” is in every text, and is never looked for."), code="stop_word", params=about
        )
