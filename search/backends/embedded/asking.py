"""The statements: which reports of a scope have which of the words, and what is counted of them.

Whom a report is shown to is asked of the reports themselves, by `visible_to`, in the same statement. Of each
word no more than the newest `MOST` that are shown are looked at, and of all words together no more than those
`MOST` that have the rarest of them: a rare one is found wherever it stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q, QuerySet

from cms.reports.models import Report
from cms.reports.workflow import OPEN

from ...asking import Order
from ...scope import Scope
from ...wanted import Limit, Wanted
from . import tables
from .wording import IN_ONE, Sentence, ways_of

MOST = 2000
# Without words, where the database's own indexes do the work.
MOST_PLAIN = 10_000
COLUMNS = (
    *("pk", "revision", "service_id", "entity_id", "place_id", "state", "kind", "channel", "priority"),
    *("submitted_at", "next_due_at"),
)
FIELDS = {
    "services": "service_id",
    "entities": "entity_id",
    "places": "place_id",
    "states": "state",
    "kinds": "kind",
    "channels": "channel",
    "priorities": "priority",
}


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    revision: int
    service: int
    entity: int | None
    place: int
    state: str
    kind: str
    channel: str
    priority: str
    submitted_at: datetime
    next_due_at: datetime | None
    indexed: int
    elsewhere: tuple[int, ...]
    first: int = 0
    second: int = 0

    def bits(self, number: int) -> int:
        """Of the word with this number."""
        held = self.first if number < IN_ONE else self.second
        return (held >> (8 * (number % IN_ONE))) & 0xFF


def visible(scope: Scope) -> QuerySet[Report]:
    """The rule itself, and less what is on its way to being somebody else's."""
    rows: QuerySet[Report] = Report.objects.all()
    if scope.public:
        rows = rows.filter(privacy="normal", about_entity=None, erased_at=None)
    elif scope.actor is None or scope.nobody:
        return rows.none()
    else:
        rows = Report.objects.visible_to(scope.actor, scope.held)
    return rows.exclude(pk__in=scope.left_out) if scope.left_out else rows


def limited(rows: QuerySet[Report], limits: Sequence[Limit]) -> QuerySet[Report]:
    for limit in limits:
        name = FIELDS[limit.field]
        keys: Any = limit.keys if not name.endswith("_id") else [int(key) for key in limit.keys]
        rows = rows.filter(**{f"{name}__in": sorted(keys)})
    return rows


def lateness(late: bool, at: datetime) -> Q:
    passed = Q(state__in=OPEN, next_due_at__lt=at)
    return passed if late else Q(state__in=OPEN) & ~Q(next_due_at__lt=at)


def always(scope: Scope, wanted: Wanted, at: datetime) -> QuerySet[Report]:
    """What holds for hits and counts alike; not what a facet counts without."""
    rows = limited(
        visible(scope), [limit for limit in wanted.limits if not is_counted_without(limit, wanted)]
    )
    if wanted.reference:
        rows = rows.filter(reference=wanted.reference)
    if wanted.since:
        rows = rows.filter(submitted_at__gte=wanted.since)
    if wanted.before:
        rows = rows.filter(submitted_at__lt=wanted.before)
    if wanted.late is not None and "late" not in wanted.facets:
        rows = rows.filter(lateness(wanted.late, at))
    return rows


def is_counted_without(limit: Limit, wanted: Wanted) -> bool:
    return limit.chosen and limit.field in wanted.facets


def found(rows: QuerySet[Report], said: Sentence, order: Order = Order.relevance) -> list[Row]:
    """The reports that have one of the words, with how they have each of them; one statement."""
    direction = "ASC" if order == Order.oldest else "DESC"
    # The outer statement's row; what is typed is in none of these texts, only among the parameters.
    this_one = rows.extra(where=[f"{_reports()}.id = f.rowid"])  # noqa: S610
    shown_one, shown_one_params = _sql(this_one.values("pk"))
    some: list[str] = []
    params: list[Any] = []
    for condition, asked in _candidates(said):
        # A rare word says more, so who has it is among those that are looked at however old it is.
        some.append(
            f"SELECT id, 1.0 / COUNT(*) OVER () AS tells FROM (SELECT f.rowid AS id FROM {tables.TABLE} f "  # noqa: S608
            f"WHERE {condition} AND EXISTS ({shown_one}) ORDER BY f.rowid {direction} LIMIT {MOST}) "
            f"AS c{len(some)}"
        )
        params += [*asked, *shown_one_params]
    if not some:
        return []
    ways, ways_params = _masks(said)
    shown, shown_params = _sql(rows.order_by().values_list(*COLUMNS))
    statement = (
        f"WITH those(id) AS (SELECT id FROM ({' UNION ALL '.join(some)}) AS each_word "  # noqa: S608
        f"GROUP BY id ORDER BY SUM(tells) DESC, id {direction} LIMIT {MOST}), "
        f"held(id, one, two) AS ({ways}) "
        f"SELECT r.*, e.revision, e.elsewhere_entities, h.one, h.two FROM held h "
        f"JOIN search_entry e ON e.report_id = h.id JOIN ({shown}) AS r ON r.pk = h.id"
    )
    return _read(statement, [*params, *ways_params, *shown_params])


def _reports() -> str:
    return Report._meta.db_table


def _sql(rows: Any) -> tuple[str, list[Any]]:
    """Where nothing can be found a condition that never holds."""
    try:
        statement, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        statement, params = (
            rows.model.objects.extra(where=["1 = 0"])
            .values_list(*rows.query.values_select)
            .query.get_compiler(connection=connection)
            .as_sql()
        )
    return statement, list(params)


def _candidates(said: Sentence) -> Iterator[tuple[str, list[Any]]]:
    """A condition for each word that is wanted: whoever has it in any column."""
    for one in said.wanted:
        by_vector: dict[str, list[str]] = {}
        columns_of: dict[str, list[str]] = {}
        for way in ways_of(one, said.columns):
            vector = tables.vector_of(way.columns)
            by_vector.setdefault(vector, []).append(tables.expression(way))
            columns_of.setdefault(vector, []).extend(way.columns)
        # Each vector has an index of its own, and one condition over several would use none of them.
        for vector, expressions in by_vector.items():
            yield tables.asks(tables.either(expressions), columns_of[vector], "f")


def _masks(said: Sentence) -> tuple[str, list[Any]]:
    """Of those that are looked at, the bits of each way in which they have each word."""
    parts: list[tuple[int, int, str]] = []
    params: list[Any] = []
    for one in said.sought:
        for way in ways_of(one, said.columns):
            condition, asked = tables.asks(tables.expression(way), way.columns, "f")
            parts.append((one.number, way.bit << (8 * (one.number % IN_ONE)), condition))
            params += asked
    if tables.is_sqlite():
        return _by_way(parts), params
    columns = [
        " + ".join(
            ["0::bigint"]
            + [
                f"CASE WHEN {condition} THEN {bit}::bigint ELSE 0 END"
                for number, bit, condition in parts
                if (number < IN_ONE) == first
            ]
        )
        for first in (True, False)
    ]
    # Each vector is unpacked once, and not once for each of the ways.
    return (
        f"SELECT f.rowid AS id, {columns[0]} AS one, {columns[1]} AS two FROM (SELECT w.rowid, "  # noqa: S608
        f"{tables.unpacked('w')} FROM {tables.TABLE} w JOIN those ON those.id = w.rowid OFFSET 0) AS f"
    ), params


def _by_way(parts: Sequence[tuple[int, int, str]]) -> str:
    """FTS5 is asked for one expression at a time."""
    asked = [
        f"SELECT f.rowid AS id, {bit if number < IN_ONE else 0} AS one, "  # noqa: S608
        f"{0 if number < IN_ONE else bit} AS two FROM {tables.TABLE} f "
        f"WHERE {condition} AND {tables.unindexed('f.rowid')} IN (SELECT id FROM those)"
        for number, bit, condition in parts
    ]
    return f"SELECT id, SUM(one) AS one, SUM(two) AS two FROM ({' UNION ALL '.join(asked)}) AS w GROUP BY id"  # noqa: S608


def _read(statement: str, params: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [_row(row) for row in cursor.fetchall()]


def _row(told: Any) -> Row:
    submitted, due, indexed, elsewhere, first, second = told[9:]
    entities = json.loads(elsewhere) if isinstance(elsewhere, str) else elsewhere
    held: Any = (
        *told[:9],
        _moment(submitted),
        _moment(due),
        indexed,
        tuple(entities),
        int(first),
        int(second),
    )
    return Row(*held)


def _moment(value: Any) -> Any:
    """SQLite gives back what it keeps: of UTC, and without saying so."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def plain(rows: QuerySet[Report], order: Order) -> list[Row]:
    """Without words: the first of them in their order. What has no promise to keep comes last."""
    by: Any = {
        Order.oldest: F("submitted_at").asc(),
        Order.due: F("next_due_at").asc(nulls_last=True),
    }.get(order, F("submitted_at").desc())
    values: Any = rows.order_by(by, "-pk").values_list(*COLUMNS)[:MOST_PLAIN]
    both: list[Any] = [(*row, row[1], ()) for row in values]
    return [Row(*each) for each in both]


def chosen(rows: QuerySet[Report], wanted: Wanted, at: datetime) -> QuerySet[Report]:
    """What was chosen in facets, too."""
    rows = limited(rows, [limit for limit in wanted.limits if is_counted_without(limit, wanted)])
    if wanted.late is not None and "late" in wanted.facets:
        rows = rows.filter(lateness(wanted.late, at))
    return rows
