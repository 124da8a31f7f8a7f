"""Who has a word, the newest or the oldest first: of the newest times, of those before, and of all others."""

from __future__ import annotations

import pytest
from django.db import connection

from search.backends.embedded import tables
from search.backends.embedded.tokens import COLUMNS, Tokens
from search.backends.embedded.wording import ways_of, word_sought

pytestmark = pytest.mark.django_db

HAVE = [5, 8_191, 8_192, 40_000, 49_151, 49_152, 57_343, 65_535, 65_536, 90_000, 98_303, 98_304]
# One has another word, and one is not shown.
OTHER, HIDDEN = 98_305, 65_537


@pytest.fixture
def held() -> None:
    def one(pk: int, word: str) -> Tokens:
        return Tokens(pk, tuple(word if name == "title" else "" for name in COLUMNS))

    tables.write([one(OTHER, "غير"), *(one(pk, "سور") for pk in (*HAVE, HIDDEN))])


@pytest.mark.parametrize("narrow", [False, True], ids=["of all", "of a few"])
@pytest.mark.parametrize("direction", ["DESC", "ASC"])
@pytest.mark.parametrize("most", [1, 3, 6, 9, 11, 12, 13])
def test_no_time_is_forgotten_and_none_told_twice(
    held: None, most: int, direction: str, *, narrow: bool
) -> None:
    ways = ways_of(word_sought(0, "سور"), frozenset({"title", "exact"}))
    shown = ("f.rowid <> %s", [HIDDEN])

    [(those, params)] = tables.first(ways, direction, most, shown, narrow=narrow)
    begins = [] if narrow else tables.times(direction)
    before = f"WITH {', '.join(said for said, _ in begins)} " if begins else ""
    with connection.cursor() as cursor:
        told = tables.told(cursor, f"{before}SELECT id FROM ({those}) AS c", params)  # noqa: S608

    assert [pk for (pk,) in told] == sorted(HAVE, reverse=direction == "DESC")[:most]


def test_those_of_earlier_times_are_not_looked_at_where_the_newest_are_enough(held: None) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite stops by itself")
    ways = ways_of(word_sought(0, "سور"), frozenset({"title", "exact"}))
    [(those, params)] = tables.first(ways, "DESC", 2, ("f.rowid <> %s", [HIDDEN]))
    [(begins, _)] = tables.times("DESC")
    with connection.cursor() as cursor:
        explain = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) "
        asked = f"WITH {begins} SELECT id FROM ({those}) AS c"  # noqa: S608
        told = tables.told(cursor, asked, params, before=explain)
    looked_at = [line for (line,) in told if "Bitmap Index Scan on search_words_dated" in line]

    # The newest two times have two. They were asked once, and for the next ones not again.
    assert [line.rpartition("(")[2].rpartition(" ")[2] for line in looked_at] == ["loops=1)", "executed)"]
