"""The words' table of each database: FTS5 on SQLite, `tsvector` on PostgreSQL; nothing else knows which.

It is made after migrations rather than by one, as it is no model's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, connections

from .tokens import COLUMNS, Tokens
from .wording import Way

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


def expression(way: Way) -> str:
    """As each database asks it. Words are letters and digits alone."""
    if is_sqlite():
        said = (
            f'"{" ".join(way.words)}"' if way.side_by_side else " OR ".join(f'"{one}"' for one in way.words)
        )
        return f"{{{' '.join(way.columns)}}} : ({said})"
    if way.side_by_side:
        return f"({' <-> '.join(_quoted(one) for one in way.words)})"
    weights = "".join(_WEIGHTS.get(name, "") for name in way.columns)
    return f"({' | '.join(_quoted(one) + (f':{weights}' if weights else '') for one in way.words)})"


def _quoted(word: str) -> str:
    return f"'{word}'"


def either(expressions: Sequence[str]) -> str:
    return (" OR " if is_sqlite() else " | ").join(f"({one})" for one in expressions)


def vector_of(columns: Sequence[str]) -> str:
    """What is asked of one: on SQLite all columns are."""
    return TABLE if is_sqlite() else _VECTOR[columns[0]]


def asks(asked: str, columns: Sequence[str], alias: str) -> tuple[str, list[Any]]:
    """The condition that a row of the words' table, called so, answers."""
    if is_sqlite():
        return f"{alias}.{TABLE} MATCH %s", [asked]
    return f"{alias}.{vector_of(columns)} @@ %s::tsquery", [asked]


def unpacked(alias: str) -> str:
    """The vectors of PostgreSQL as they are read, rather than as they lie."""
    return ", ".join(f"{alias}.{name} || ''::tsvector AS {name}" for name in sorted({*_VECTOR.values()}))


def unindexed(column: str) -> str:
    """SQLite would look up each of the others by its number, in the words of all."""
    return f"+{column}" if is_sqlite() else column
