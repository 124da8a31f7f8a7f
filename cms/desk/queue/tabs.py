"""The saved views of the queue: what waits for this person, and what is late, due, to approve, returned.

A tab is drawn only for who holds the codename that gives it a meaning. Its count comes from the same
queryset as its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import DateTimeField, Q
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from cms.entities.models import CatalogueVersion
from cms.reports import policies
from cms.reports.actors import EntitySender, StaffActor
from cms.reports.compiled import CompiledRow, Parameter
from cms.reports.models import Assignment, Report
from cms.reports.workflow import OPEN, State
from permissions.policy import Scope

from ..access import works_on_reports
from ..promises import end_of_today
from . import views

# Counts are exact up to here; a cost that grows with the table is not worth the last digit.
EXACT = 1000


class Times(NamedTuple):
    """The moment of looking, and the end of its day: moments, or `Parameter`s of a compiled statement."""

    now: Any
    tonight: Any

    @classmethod
    def at(cls, now: datetime) -> Times:
        return cls(now, end_of_today(now))


@dataclass(frozen=True)
class Tab:
    code: str
    label: Promise
    shown: Callable[[Scope], bool]
    narrow: Callable[[Any, Scope, Times], Any]
    tone: str = ""


def assigned_to(scope: Scope) -> Q:
    mine = Assignment.objects.filter(person_id=scope.user_id, until=None).values("report_id")
    return Q(pk__in=mine)


def _mine(rows: Any, scope: Scope, times: Times) -> Any:
    """What cannot go on without this person: to assign, to approve, to triage, or assigned to them."""
    waits, states = Q(pk__in=()), set()
    # Assigned is who serves an entity: nobody else's list pays for the look-up.
    if scope.entities:
        states |= {State.ASSIGNED, State.IN_PROGRESS, State.AWAITING_SENDER}
        waits = Q(state__in=sorted(states)) & assigned_to(scope)
    if here := scope.at("assign_reports"):
        states.add(State.WITH_ENTITY)
        waits |= Q(state=State.WITH_ENTITY, entity_id__in=here)
    if here := scope.at("reply_to_sender"):
        states.add(State.REPLY_DRAFTED)
        waits |= Q(state=State.REPLY_DRAFTED, entity_id__in=here)
    if scope.everywhere("triage_reports"):
        states.add(State.RECEIVED)
        waits |= Q(state=State.RECEIVED)
    # The states once more, all together: an index is entered at them, and not at an OR.
    return rows.filter(waits, state__in=sorted(states))


def _returned(rows: Any, scope: Scope, times: Times) -> Any:
    return rows.filter(
        Q(returned_count__gt=0) | Q(reopened_count__gt=0), state__in=[State.RECEIVED, State.WITH_ENTITY]
    )


def _anyone(scope: Scope) -> bool:
    return True


TABS: tuple[Tab, ...] = (
    Tab("mine", pgettext_lazy("view", "My queue"), works_on_reports, _mine),
    Tab(
        "triage",
        pgettext_lazy("view", "To triage"),
        lambda scope: scope.everywhere("triage_reports"),
        lambda rows, scope, times: rows.filter(state=State.RECEIVED),
    ),
    Tab(
        "today",
        pgettext_lazy("view", "Due today"),
        _anyone,
        lambda rows, scope, times: rows.open().filter(
            next_due_at__gte=times.now, next_due_at__lt=times.tonight
        ),
        tone="soon",
    ),
    Tab(
        "late",
        pgettext_lazy("view", "Late"),
        _anyone,
        lambda rows, scope, times: rows.overdue(times.now),
        tone="late",
    ),
    Tab(
        "approve",
        pgettext_lazy("view", "Replies to approve"),
        lambda scope: scope.anywhere("reply_to_sender"),
        lambda rows, scope, times: rows.filter(state=State.REPLY_DRAFTED),
    ),
    Tab(
        "returned",
        pgettext_lazy("view", "Came back"),
        lambda scope: scope.anywhere("assign_reports") or scope.anywhere("triage_reports"),
        _returned,
    ),
    Tab(
        "waiting",
        pgettext_lazy("view", "Waiting for the sender"),
        _anyone,
        lambda rows, scope, times: rows.filter(state=State.AWAITING_SENDER),
    ),
    Tab(
        "open",
        pgettext_lazy("view", "All open"),
        _anyone,
        lambda rows, scope, times: rows.filter(state__in=OPEN),
    ),
    Tab("all", pgettext_lazy("view", "Everything"), _anyone, lambda rows, scope, times: rows),
)


def tabs_for(scope: Scope) -> list[Tab]:
    return [tab for tab in TABS if tab.shown(scope)]


def default_tab(scope: Scope) -> str:
    """Who works starts at their own; who follows starts at what is late."""
    return "mine" if works_on_reports(scope) else "late"


def counts(tabs: list[Tab], actor: StaffActor | EntitySender, scope: Scope, now: datetime) -> dict[str, int]:
    """How many each tab holds, up to EXACT + 1, in one statement."""
    codes, sql, params = _counting(tabs, Report.objects.visible_to(actor, scope), scope, Times.at(now))
    if not codes:
        return {tab.code: 0 for tab in tabs}
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = dict(zip(codes, cursor.fetchone(), strict=True))
    return {tab.code: found.get(tab.code, 0) for tab in tabs}


def _counting(
    tabs: Iterable[Tab], seen: Any, scope: Scope, times: Times, **beside: Any
) -> tuple[list[str], str, list[Any]]:
    """The codes whose counts one statement gives, the statement, and its parameters.

    `beside`: querysets of one value, which come after the counts under their names.
    """
    parts, params, codes = [], [], []
    for tab in tabs:
        rows = tab.narrow(seen, scope, times).order_by()
        try:
            sql, values = rows.values("pk")[: EXACT + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS {connection.ops.quote_name('t_' + tab.code)})")  # noqa: S608
        params.extend(values)
        codes.append(tab.code)
    for name, rows in beside.items():
        sql, values = rows.query.sql_with_params()
        parts.append(f"({sql})")
        params.extend(values)
        codes.append(name)
    return codes, "SELECT " + ", ".join(parts), params


class Opened(NamedTuple):
    """What one statement tells of a queue: how many each tab holds, and what stands beside the counts."""

    counts: dict[str, int]
    stamp: UUID | None
    views: list[views.Kept]


def opened(scope: Scope, now: datetime, *, counted: bool = True) -> Opened:
    """The counts of all tabs of this person's queue, the catalogue's stamp, and their saved views.

    Not `counted`: without the counts, for a list whose tabs stay where they are.
    """
    held = frozenset(scope.entities.items())
    statement = _of_queue(connection.vendor, scope.user_id, scope.region, held, scope.kin, counted)
    found = statement(**Times.at(now)._asdict())
    counts = {tab.code: found.get(tab.code, 0) for tab in tabs_for(scope)}
    stamp = found["stamp"]
    # SQLite keeps no UUIDs.
    return Opened(counts, UUID(stamp) if isinstance(stamp, str) else stamp, views.read(found["views"]))


@lru_cache(maxsize=500)
def _of_queue(
    vendor: str,
    user_id: int | None,
    region: frozenset[str],
    held: frozenset[tuple[str, frozenset[int]]],
    kin: frozenset[int],
    counted: bool,
) -> CompiledRow:
    """Compiled for who holds this: a role given or ended makes another one. The moment is left open."""
    scope = Scope(user_id, region, dict(held), kin)
    times = Times(Parameter("now", DateTimeField()), Parameter("tonight", DateTimeField()))
    seen = policies.staff_filter(Report.objects.all(), scope)
    stamp = CatalogueVersion.objects.order_by("pk").values("stamp")[:1]
    counting = tabs_for(scope) if counted else ()
    return CompiledRow(*_counting(counting, seen, scope, times, stamp=stamp, views=views.as_one_value(scope)))


def shown_count(count: int) -> str:
    return f"{EXACT:,}+" if count > EXACT else f"{count:,}"
