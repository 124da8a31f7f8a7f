"""The statements: which reports of a scope have which of the words, and what is counted of them.

Whom a report is shown to is asked of the reports themselves, by `visible_to`, in the same statement. Of each
word no more than the newest `MOST` that are shown are looked at, and of all words together no more than those
`MOST` that have the rarest of them: a rare one is found wherever it stands. Who is told of a number is told
that there may be more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, F, FloatField, Func, OuterRef, Q, QuerySet

from cms.reports.models import Deadline, Report
from cms.reports.workflow import OPEN

from ...asking import Order
from ...scope import Scope
from ...wanted import ENDED_LATE, LATE, ON_TIME, Limit, Wanted
from . import tables
from .tables import Held, Said
from .wording import IN_ONE, Sentence, ways_of

MOST = 1000
# For a list of all, which nobody waits for in front of a page.
MOST_LISTED = 2000
# Without words.
MOST_PLAIN = 3000
# So few reports are looked up faster than each of the words' is asked for.
FEW = 5000
COLUMNS = (
    *("pk", "revision", "service_id", "entity_id", "place_id", "state", "kind", "channel", "priority"),
    *("submitted", "due", "missed"),
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


DAY = 86400


class Seconds(Func):
    """Since 1970. A thousand moments cost more to make, and then to compare, than to look up."""

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        said = "((julianday(%(expressions)s) - 2440587.5) * 86400.0)"
        return self.as_sql(compiler, connection, template=said, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        said = "EXTRACT(EPOCH FROM %(expressions)s)::float8"
        return self.as_sql(compiler, connection, template=said, **context)


class Row(NamedTuple):
    """`submitted`, `due`: seconds since 1970.

    `many`: how many were looked at for the most frequent word it was found by.
    """

    id: int
    revision: int
    service: int
    entity: int | None
    place: int
    state: str
    kind: str
    channel: str
    priority: str
    submitted: float
    due: float | None
    missed: bool
    indexed: int
    elsewhere: tuple[int, ...]
    first: int = 0
    second: int = 0
    many: int = 0

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


def lateness(late: frozenset[str], at: datetime) -> Q:
    """Any of these."""
    is_open, passed = Q(state__in=OPEN), Q(next_due_at__lt=at)
    each = {LATE: is_open & passed, ON_TIME: is_open & ~passed, ENDED_LATE: ~is_open & Q(missed=True)}
    return reduce(or_, (condition for key, condition in each.items() if key in late))


def _with_missed(rows: QuerySet[Report]) -> QuerySet[Report]:
    """With whether the promise of an answer was broken at any time."""
    broken = Deadline.objects.filter(
        report=OuterRef("pk"), promise=Deadline.Promise.RESOLUTION, outcome=Deadline.Outcome.MISSED
    )
    return rows.annotate(missed=Exists(broken))


def _as_rows(rows: QuerySet[Report]) -> Any:
    seconds = {"submitted": Seconds("submitted_at"), "due": Seconds("next_due_at")}
    return _with_missed(rows).annotate(**seconds).values_list(*COLUMNS)


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
    if wanted.late and "late" not in wanted.facets:
        rows = _with_missed(rows).filter(lateness(wanted.late, at))
    return rows


def is_counted_without(limit: Limit, wanted: Wanted) -> bool:
    return limit.chosen and limit.field in wanted.facets


def is_narrow(scope: Scope, wanted: Wanted) -> bool:
    """Whether an index of the reports says which they may be, before any word does."""
    fields = {limit.field for limit in wanted.limits if not is_counted_without(limit, wanted)}
    return not scope.everywhere or bool(fields & {"services", "entities", "places"})


def found(
    rows: QuerySet[Report], said: Sentence, order: Order, most: int, *, narrow: bool = False
) -> list[Row]:
    """The reports that have one of the words, with how they have each of them; one statement."""
    direction = "ASC" if order == Order.oldest else "DESC"
    few, shown_one = _is_shown(rows, narrow=narrow)
    begins = [few] if few else [] if narrow else tables.times(direction)
    some: list[str] = []
    params: list[Any] = [param for _, given in begins for param in given]
    for one in said.wanted:
        for source, asked in tables.first(
            ways_of(one, said.columns), direction, most, shown_one, narrow=narrow
        ):
            # A rare word says more, so who has it is among those that are looked at however old it is.
            some.append(f"SELECT id, COUNT(*) OVER () AS many FROM ({source}) AS c{len(some)}")  # noqa: S608
            params += asked
    if not some:
        return []
    ways = [(one.number, way) for one in said.sought for way in ways_of(one, said.columns)]
    held, held_params = tables.held(ways)
    shown, shown_params = _sql(_as_rows(rows.order_by()))
    elsewhere = "NULL" if said.all_notes or "elsewhere" not in said.columns else "e.elsewhere_entities"
    statement = (
        f"WITH {''.join(f'{one}, ' for one, _ in begins)}those(id, many) AS MATERIALIZED ("  # noqa: S608
        f"SELECT id, MAX(many) FROM ({' UNION ALL '.join(some)}) AS each_word "
        f"GROUP BY id ORDER BY SUM(1.0 / many) DESC, id {direction} LIMIT {most}) "
        f"SELECT r.*, e.revision, {elsewhere}, many, {held} FROM {tables.source(ways)} "
        f"CROSS JOIN search_entry e CROSS JOIN ({shown}) AS r "
        "WHERE e.report_id = f.rowid AND r.pk = f.rowid"
    )
    return _read(statement, [*params, *held_params, *shown_params], tables.reader(ways))


def _is_shown(rows: QuerySet[Report], *, narrow: bool) -> tuple[Said | None, Said]:
    """What the statement begins with, if anything, and the condition that a row called f is one of these."""
    # The outer statement's row; what is typed is in none of these texts, only among the parameters.
    this_one, params = _sql(rows.extra(where=[f"{_reports()}.id = f.rowid"]).order_by().values("pk"))  # noqa: S610
    if not (narrow and tables.is_sqlite()):
        return None, (f"EXISTS ({this_one})", params)
    # SQLite does not know how many they are: where few, they are looked up once, and not for each word.
    few, few_params = _sql(rows.order_by().values("pk")[: FEW + 1])
    condition = (
        f"CASE WHEN (SELECT COUNT(*) FROM few) <= {FEW} THEN f.rowid IN (SELECT id FROM few) "  # noqa: S608
        f"ELSE EXISTS ({this_one}) END"
    )
    return (f"few(id) AS MATERIALIZED ({few})", few_params), (condition, params)


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


def _read(
    statement: str, params: Sequence[Any], held: Callable[[Sequence[Any]], tuple[int, int]]
) -> list[Row]:
    with connection.cursor() as cursor:
        return [_row(row, held) for row in tables.told(cursor, statement, params)]


def _row(told: Sequence[Any], held: Held) -> Row:
    missed, indexed, elsewhere, many = told[11:15]
    entities = () if elsewhere in (None, "[]") else tuple(json.loads(elsewhere))
    first, second = held(told[15:])
    return Row._make((*told[:11], bool(missed), indexed, entities, first, second, many))


def plain(rows: QuerySet[Report], order: Order) -> list[Row]:
    """Without words: the first of them in their order. What has no promise to keep comes last."""
    by: Any = {
        Order.oldest: F("submitted_at").asc(),
        Order.due: F("next_due_at").asc(nulls_last=True),
    }.get(order, F("submitted_at").desc())
    # SQLite would look up the promise of each before it sorts them.
    those = Report.objects.filter(pk__in=rows.order_by(by, "-pk").values("pk")[:MOST_PLAIN])
    return [Row._make((*row, row[1], (), 0, 0, 0)) for row in _as_rows(those.order_by(by, "-pk"))]


def chosen(rows: QuerySet[Report], wanted: Wanted, at: datetime) -> QuerySet[Report]:
    """What was chosen in facets, too."""
    rows = limited(rows, [limit for limit in wanted.limits if is_counted_without(limit, wanted)])
    if wanted.late and "late" in wanted.facets:
        rows = _with_missed(rows).filter(lateness(wanted.late, at))
    return rows
