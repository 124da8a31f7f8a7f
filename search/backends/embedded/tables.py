"""The words' table of each database: FTS5 on SQLite, `tsvector` on PostgreSQL; nothing else knows which.

It is made after migrations rather than by one, as it is no model's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection, connections

from .tokens import COLUMNS, Tokens
from .wording import IN_ONE, Way

# With the number of the word that each is of.
Ways = Sequence[tuple[int, Way]]
# From what was read of a row to the bits of its words.
Held = Callable[[Sequence[Any]], tuple[int, int]]
TABLE = "search_words"
# Weights of PostgreSQL, where the stems of these columns stand in one vector.
_WEIGHTS = {"title": "A", "said": "B", "about": "C", "place": "D"}
_VECTOR = {**dict.fromkeys((*_WEIGHTS, "exact"), "common"), "inside": "inside", "elsewhere": "elsewhere"}
_FURTHEST = 16_000
_MADE = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} "
        f"USING fts5({', '.join(COLUMNS)}, tokenize='unicode61 remove_diacritics 0', detail='full')",
    ),
    "postgresql": (
        f"CREATE TABLE IF NOT EXISTS {TABLE} (rowid bigint PRIMARY KEY, common tsvector, inside tsvector, "
        "elsewhere tsvector)",
        # Beside the row, and as they are: who looks for rows reads none, and none is unpacked.
        f"ALTER TABLE {TABLE} ALTER common SET STORAGE EXTERNAL, ALTER inside SET STORAGE EXTERNAL, "
        "ALTER elsewhere SET STORAGE EXTERNAL, SET (toast_tuple_target = 128)",
        *(
            f"CREATE INDEX IF NOT EXISTS {TABLE}_{name} ON {TABLE} USING gin ({name})"
            for name in ("common", "inside", "elsewhere")
        ),
    ),
}


def make(using: str) -> None:
    """Once; it stays as it is where it is there."""
    made = connections[using]
    with made.cursor() as cursor:
        for statement in _MADE[made.vendor]:
            cursor.execute(statement)


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def write(rows: Sequence[Tokens]) -> None:
    forget([row.id for row in rows])
    with connection.cursor() as cursor:
        if is_sqlite():
            marks = ", ".join(["%s"] * (len(COLUMNS) + 1))
            cursor.executemany(
                f"INSERT INTO {TABLE} (rowid, {', '.join(COLUMNS)}) VALUES ({marks})",  # noqa: S608
                [(row.id, *row.columns) for row in rows],
            )
        else:
            cursor.executemany(
                f"INSERT INTO {TABLE} VALUES (%s, %s::tsvector, %s::tsvector, %s::tsvector)",  # noqa: S608
                [(row.id, *_vectors(row)) for row in rows],
            )


def forget(ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", [(pk,) for pk in ids])  # noqa: S608


def _vectors(row: Tokens) -> tuple[str, str, str]:
    by_name = dict(zip(COLUMNS, row.columns, strict=True))
    common: dict[str, list[str]] = {}
    for place, (name, weight) in enumerate(_WEIGHTS.items(), start=1):
        for word in by_name[name].split():
            common.setdefault(word, []).append(f"{place}{weight}")
    _placed(common, by_name["exact"])
    inside: dict[str, list[str]] = {}
    elsewhere: dict[str, list[str]] = {}
    _placed(inside, by_name["inside"])
    _placed(elsewhere, by_name["elsewhere"])
    return _literal(common), _literal(inside), _literal(elsewhere)


def _placed(vector: dict[str, list[str]], text: str) -> None:
    for place, word in enumerate(text.split()[:_FURTHEST], start=10):
        vector.setdefault(word, []).append(str(place))


def _literal(vector: dict[str, list[str]]) -> str:
    return " ".join(f"'{word}':{','.join(places[:250])}" for word, places in vector.items())


def anywhere(ways: Sequence[Way]) -> list[tuple[str, list[Any]]]:
    """Conditions that a row of the words' table answers where it has any of these; each by an index
    alone.
    """
    columns_of: dict[tuple[str, tuple[str, ...], bool], list[str]] = {}
    for way in ways:
        where = TABLE if is_sqlite() else _VECTOR[way.columns[0]]
        columns_of.setdefault((where, way.words, way.side_by_side), []).extend(way.columns)
    asked: dict[str, list[str]] = {}
    for (where, words, side_by_side), columns in columns_of.items():
        # What is known of weights is not in PostgreSQL's index: it would unpack every vector to see.
        asked.setdefault(where, []).append(_asked(words, side_by_side, columns))
    if is_sqlite():
        return [(f"{TABLE} MATCH %s", [" OR ".join(each)]) for each in asked.values()]
    return [(f"{where} @@ %s::tsquery", [" | ".join(each)]) for where, each in asked.items()]


def having(condition: str, direction: str) -> str:
    """Who answers it, the newest or the oldest first."""
    if is_sqlite():
        return f"(SELECT rowid FROM {TABLE} WHERE {condition})"  # noqa: S608
    # PostgreSQL would rather walk all rows in this order, and so it is not told that they have one; and ask
    # of all of them to whom they are shown, where some are enough.
    return (
        f"(SELECT rowid FROM (SELECT rowid FROM {TABLE} WHERE {condition} OFFSET 0) AS g "  # noqa: S608
        f"ORDER BY rowid {direction} OFFSET 0)"
    )


def _asked(words: Sequence[str], side_by_side: bool, columns: Sequence[str]) -> str:
    """As each database asks it. Words are letters and digits alone."""
    if is_sqlite():
        said = f'"{" ".join(words)}"' if side_by_side else " OR ".join(f'"{one}"' for one in words)
        return f"{{{' '.join(dict.fromkeys(columns))}}} : ({said})"
    return f"({(' <-> ' if side_by_side else ' | ').join(_quoted(one) for one in words)})"


def _quoted(word: str) -> str:
    return f"'{word}'"


def _weighted(way: Way) -> str:
    if way.side_by_side:
        return _asked(way.words, True, way.columns)
    weights = "".join(_WEIGHTS.get(name, "") for name in way.columns)
    return " | ".join(_quoted(one) + (f":{weights}" if weights else "") for one in way.words)


def held(ways: Ways) -> tuple[str, list[Any]]:
    """What is read of the words' table, called f, to know how a row has each word."""
    if is_sqlite():
        return ", ".join(f"f.{name}" for name in _columns(ways)), []
    columns, params = [], []
    by_word: dict[int, list[Way]] = {}
    for number, way in ways:
        by_word.setdefault(number, []).append(way)
    for first in (True, False):
        parts = ["0::bigint"]
        for number, each in by_word.items():
            if (number < IN_ONE) != first:
                continue
            for vector in dict.fromkeys(_VECTOR[way.columns[0]] for way in each):
                here = [way for way in each if _VECTOR[way.columns[0]] == vector]
                # Most rows have few of the words: one look for each that is not there.
                parts.append(
                    f"CASE WHEN f.{vector} @@ %s::tsquery THEN "
                    + " + ".join(
                        f"CASE WHEN f.{vector} @@ %s::tsquery THEN {_bits(number, way)}::bigint ELSE 0 END"
                        for way in here
                    )
                    + " ELSE 0 END"
                )
                params.append(" | ".join(_asked(way.words, way.side_by_side, way.columns) for way in here))
                params += [_weighted(way) for way in here]
        columns.append(" + ".join(parts))
    return ", ".join(columns), params


def _bits(number: int, way: Way) -> int:
    return way.bit << (8 * (number % IN_ONE))


def source(ways: Ways) -> str:
    """The words' table of `those`, called f, with how many of each."""
    if is_sqlite():
        return f"those CROSS JOIN {TABLE} f ON f.rowid = those.id"
    # Each vector is unpacked once, and not once for each of the ways.
    vectors = dict.fromkeys(_VECTOR[way.columns[0]] for _, way in ways)
    unpacked = ", ".join(f"w.{name} || ''::tsvector AS {name}" for name in vectors)
    return (
        f"(SELECT those.id AS rowid, those.many, {unpacked} FROM those "  # noqa: S608
        f"JOIN {TABLE} w ON w.rowid = those.id OFFSET 0) AS f"
    )


# PostgreSQL thinks that asking a vector costs as little as comparing two numbers, and would rather read all
# of them, or compile a program for it, than ask the index.
_ADVICE = {"enable_seqscan": "off", "max_parallel_workers_per_gather": "0", "jit": "off"}


def told(cursor: Any, statement: str, params: Sequence[Any], *, before: str = "") -> Iterator[Sequence[Any]]:
    """The rows of a statement over the words' table; one journey to the database. `before`: EXPLAIN."""
    statement = f"{before}{statement}"
    if is_sqlite():
        cursor.execute(statement, params)
    else:
        off = "".join(f"SET LOCAL {name} = {value}; " for name, value in _ADVICE.items())
        on = "".join(f"; SET LOCAL {name} TO DEFAULT" for name in _ADVICE)
        cursor.execute(f"{off}{statement}{on}", params)
        for _ in _ADVICE:
            cursor.nextset()
    yield from cursor


def reader(ways: Ways) -> Held:
    if not is_sqlite():
        return lambda told: (int(told[0]), int(told[1]))
    columns = _columns(ways)
    looks = [
        (
            number < IN_ONE,
            _bits(number, way),
            columns.index(name),
            f" {word} ",
        )
        for number, way in ways
        for name in way.columns
        for word in ([" ".join(way.words)] if way.side_by_side else way.words)
    ]

    def read(told: Sequence[Any]) -> tuple[int, int]:
        texts = [f" {text} " for text in told]
        first = second = 0
        for in_first, bit, column, word in looks:
            if word in texts[column]:
                if in_first:
                    first |= bit
                else:
                    second |= bit
        return first, second

    return read


def _columns(ways: Ways) -> list[str]:
    return list(dict.fromkeys(name for _, way in ways for name in way.columns))
