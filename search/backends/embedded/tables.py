"""The words' table of each database: FTS5 on SQLite, `tsvector` on PostgreSQL; nothing else knows which.

It is made after migrations rather than by one, as it is no model's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, connections

from .tokens import COLUMNS, Tokens
from .wording import IN_ONE, Way

# With the number of the word that each is of.
Ways = Sequence[tuple[int, Way]]
# From what was read of a row to the bits of its words.
Held = Callable[[Sequence[Any]], tuple[int, int]]
# A part of a statement with its parameters.
Said = tuple[str, list[Any]]
TABLE = "search_words"
# Weights of PostgreSQL, where the stems of these columns stand in one vector.
_WEIGHTS = {"title": "A", "said": "B", "about": "C", "place": "D"}
COMMON = "common"
_VECTOR = {**dict.fromkeys((*_WEIGHTS, "exact"), COMMON), "inside": "inside", "elsewhere": "elsewhere"}
_FURTHEST = 16_000
# So many reports, as a power of two, are of one time. Among the newest a common word is found often enough,
# and all that have it need not be read to know which are the newest.
_TIME = 13
_DATED = f"(common || array_to_tsvector(ARRAY['#' || (rowid >> {_TIME})]))"
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
        # With the time of each as one of its words, which nobody can type.
        f"CREATE INDEX IF NOT EXISTS {TABLE}_dated ON {TABLE} USING gin ({_DATED})",
        *(
            f"CREATE INDEX IF NOT EXISTS {TABLE}_{name} ON {TABLE} USING gin ({name})"
            for name in ("inside", "elsewhere")
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


def first(ways: Sequence[Way], direction: str, most: int, shown: Said, *, narrow: bool = False) -> list[Said]:
    """For each index, so many of who has any of these and is shown: the newest or the oldest, in order.

    `shown`: a condition of a row called f. `narrow`: few are; otherwise the statement begins with `times`.
    """
    columns_of: dict[tuple[str, tuple[str, ...], bool], list[str]] = {}
    for way in ways:
        where = TABLE if is_sqlite() else _VECTOR[way.columns[0]]
        columns_of.setdefault((where, way.words, way.side_by_side), []).extend(way.columns)
    asked: dict[str, list[str]] = {}
    for (where, words, side_by_side), columns in columns_of.items():
        # What is known of weights is not in PostgreSQL's index: it would unpack every vector to see.
        asked.setdefault(where, []).append(_asked(words, side_by_side, columns))

    def those(has: str, condition: str = "TRUE") -> str:
        # PostgreSQL would rather walk all rows in this order, and so it is not told that they have one; and
        # ask of all of them to whom they are shown, where some are enough.
        source = (
            f"(SELECT rowid FROM {TABLE} WHERE {has})"  # noqa: S608
            if is_sqlite()
            else f"(SELECT rowid FROM (SELECT rowid FROM {TABLE} WHERE {has} OFFSET 0) AS g "  # noqa: S608
            f"WHERE {condition} ORDER BY rowid {direction} OFFSET 0)"
        )
        return (
            f"SELECT f.rowid AS id FROM {source} AS f "  # noqa: S608
            f"WHERE {shown[0]} ORDER BY f.rowid {direction} LIMIT {most}"
        )

    if is_sqlite():
        return [(those(f"{TABLE} MATCH %s"), [" OR ".join(each), *shown[1]]) for each in asked.values()]
    found: list[Said] = []
    for vector, each in asked.items():
        params = [" | ".join(each), *shown[1]]
        has = f"{_DATED if vector == COMMON else vector} @@ %s::tsquery"
        if narrow or vector != COMMON:
            found.append((those(has), params))
            continue
        # As long as these are too few, those of the next time.
        lately = those(f"{_DATED} @@ (%s::tsquery && times.has)")
        lately = f"SELECT id FROM times CROSS JOIN LATERAL ({lately}) AS lately"  # noqa: S608
        before = "<" if direction == "DESC" else ">"
        earlier = those(has, f"rowid >> {_TIME} {before} (SELECT last FROM times LIMIT 1)")  # noqa: S608
        found.append((f"({lately}) UNION ALL ({earlier}) LIMIT {most}", params * 2))
    return found


def times(direction: str) -> list[Said]:
    """Words that stand for the newest times, or the oldest: two, then some more; and the last of these."""
    if is_sqlite():
        return []
    end, step = ("MAX", "t - n") if direction == "DESC" else ("MIN", "t + n")
    # The newest is seldom whole.
    of_time = f"SELECT string_agg(quote_literal('#' || {step}), '|')::tsquery FROM unnest(each.n) AS n"  # noqa: S608
    told = (
        f"times(has, last) AS MATERIALIZED (SELECT ({of_time}), {step.replace('n', '5')} "  # noqa: S608
        f"FROM (SELECT {end}(rowid) >> {_TIME} AS t FROM {TABLE}) AS ended "
        "CROSS JOIN (VALUES (1, ARRAY[0, 1]), (2, ARRAY[2, 3, 4, 5])) AS each(place, n) ORDER BY place)"
    )
    return [(told, [])]


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


def told(cursor: Any, statement: str, params: Sequence[Any], *, before: str = "") -> list[Sequence[Any]]:
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
    return cursor.fetchall()


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
