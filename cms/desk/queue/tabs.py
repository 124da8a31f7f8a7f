"""The saved views of the queue: what waits for this person, and what is late, due, to approve, returned.

A tab is drawn only for who holds the codename that gives it a meaning. Its count comes from the same
queryset as its rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from cms.reports.actors import EntitySender, StaffActor
from cms.reports.models import Assignment, Report
from cms.reports.workflow import OPEN, State
from permissions.policy import Scope

from ..access import works_on_reports
from ..promises import end_of_today

# Counts are exact up to here; a cost that grows with the table is not worth the last digit.
EXACT = 1000


@dataclass(frozen=True)
class Tab:
    code: str
    label: Promise
    shown: Callable[[Scope], bool]
    narrow: Callable[[Any, Scope, datetime], Any]
    tone: str = ""


def assigned_to(scope: Scope) -> Q:
    mine = Assignment.objects.filter(person_id=scope.user_id, until=None).values("report_id")
    return Q(pk__in=mine)


def _mine(rows: Any, scope: Scope, now: datetime) -> Any:
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


def _returned(rows: Any, scope: Scope, now: datetime) -> Any:
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
        lambda rows, scope, now: rows.filter(state=State.RECEIVED),
    ),
    Tab(
        "today",
        pgettext_lazy("view", "Due today"),
        _anyone,
        lambda rows, scope, now: rows.open().filter(next_due_at__gte=now, next_due_at__lt=end_of_today(now)),
        tone="soon",
    ),
    Tab(
        "late",
        pgettext_lazy("view", "Late"),
        _anyone,
        lambda rows, scope, now: rows.overdue(now),
        tone="late",
    ),
    Tab(
        "approve",
        pgettext_lazy("view", "Replies to approve"),
        lambda scope: scope.anywhere("reply_to_sender"),
        lambda rows, scope, now: rows.filter(state=State.REPLY_DRAFTED),
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
        lambda rows, scope, now: rows.filter(state=State.AWAITING_SENDER),
    ),
    Tab(
        "open",
        pgettext_lazy("view", "All open"),
        _anyone,
        lambda rows, scope, now: rows.filter(state__in=OPEN),
    ),
    Tab("all", pgettext_lazy("view", "Everything"), _anyone, lambda rows, scope, now: rows),
)


def tabs_for(scope: Scope) -> list[Tab]:
    return [tab for tab in TABS if tab.shown(scope)]


def default_tab(scope: Scope) -> str:
    """Who works starts at their own; who follows starts at what is late."""
    return "mine" if works_on_reports(scope) else "late"


def counts(tabs: list[Tab], actor: StaffActor | EntitySender, scope: Scope, now: datetime) -> dict[str, int]:
    """How many each tab holds, up to EXACT + 1, in one statement."""
    return counts_and(tabs, actor, scope, now)[0]


def counts_and(
    tabs: list[Tab], actor: StaffActor | EntitySender, scope: Scope, now: datetime, beside: Any = None
) -> tuple[dict[str, int], Any]:
    """The counts, and in the same statement the one value that the queryset `beside` selects, or None."""
    parts, params, codes = [], [], []
    seen = Report.objects.visible_to(actor, scope)
    for tab in tabs:
        rows = tab.narrow(seen, scope, now).order_by()
        try:
            sql, values = rows.values("pk")[: EXACT + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS {connection.ops.quote_name('t_' + tab.code)})")  # noqa: S608
        params.extend(values)
        codes.append(tab.code)
    if beside is not None:
        sql, values = beside.query.sql_with_params()
        parts.append(f"({sql})")
        params.extend(values)
        codes.append("")
    if not parts:
        return {tab.code: 0 for tab in tabs}, None
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), params)
        found = dict(zip(codes, cursor.fetchone(), strict=True))
    return {tab.code: found.get(tab.code, 0) for tab in tabs}, found.get("")


def shown_count(count: int) -> str:
    return f"{EXACT:,}+" if count > EXACT else f"{count:,}"
