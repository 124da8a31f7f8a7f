"""The queue's address: what is asked for, in which order, and how many at once.

State, service, place, entity, assignee, lateness, channel, period, and a typed reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cms.content.dates import RIYADH
from cms.entities.models import Entity, Place, Service
from cms.entities.snapshot import Catalogue
from cms.reports import reference
from cms.reports.errors import Code, DomainError
from cms.reports.models import Channel
from cms.reports.workflow import State
from permissions.policy import Scope

from ..promises import end_of_today
from .paging import DUE, ORDERS, SIZE, SIZES, Order
from .rows import Row

NOBODY, ME = "none", "me"
# What of the address is the person's wish, and may be kept as a view; a page's cursor is none.
KEPT = (
    "view",
    "state",
    "service",
    "place",
    "entity",
    "assignee",
    "due",
    "channel",
    "days",
    "since",
    "until",
    "sort",
    "size",
)
LATENESS = {
    "late": _("Late"),
    "today": _("Due today"),
    "stopped": _("The clock is stopped"),
}
# Received within so many days.
PERIODS = (1, 7, 30, 90, 365)
DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
# For who looks for somebody else's report; the domain's own words are for its sender.
REFERENCE_ERRORS = {
    Code.REFERENCE_TYPO: _(
        "One character of this number is mistyped. Compare it with what the sender gave you."
    ),
    Code.REFERENCE_MALFORMED: _(
        "This is not a report number. One looks like QS-26-7K4MQ2P-0, in any spelling."
    ),
}


@dataclass
class Filters:
    """What the address asks for. Values that name nothing are dropped: an old link still opens a list."""

    states: list[str] = field(default_factory=list)
    service: Service | None = None
    place: Place | None = None
    entity: Entity | None = None
    assignee: str = ""
    due: str = ""
    channels: list[str] = field(default_factory=list)
    days: int = 0
    since: date | None = None
    until: date | None = None
    typed: str = ""
    found: str = ""
    error: str | Promise = ""
    order: Order = DUE
    size: int = SIZE

    @classmethod
    def of(cls, query: QueryDict, catalogue: Catalogue) -> Filters:
        known = set(State.values)
        filters = cls(
            states=[state for state in query.getlist("state") if state in known],
            service=catalogue.service(query.get("service", "")),
            place=catalogue.place(query.get("place", "")),
            entity=_entity(catalogue, query.get("entity", "")),
            assignee=_assignee(query.get("assignee", "")),
            due=query.get("due", "") if query.get("due") in LATENESS else "",
            channels=[one for one in query.getlist("channel") if one in Channel.values],
            days=next((n for n in PERIODS if str(n) == query.get("days")), 0),
            since=day(query.get("since", "")),
            until=day(query.get("until", "")),
            typed=query.get("q", "").strip()[:500],
            order=ORDERS.get(query.get("sort", ""), DUE),
            size=next((n for n in SIZES if str(n) == query.get("size")), SIZE),
        )
        if filters.typed:
            try:
                filters.found = reference.parse(filters.typed, settings.SAWT_REFERENCE_PREFIX)
            except DomainError as error:
                filters.error = REFERENCE_ERRORS.get(error.code, error.message)
        return filters

    @property
    def any(self) -> bool:
        wishes = (self.states, self.service, self.place, self.entity, self.assignee, self.due, self.channels)
        return any(wishes) or self.has_period or bool(self.typed)

    @property
    def has_period(self) -> bool:
        return bool(self.days or self.since or self.until)

    def bind(self, scope: Scope, catalogue: Catalogue) -> None:
        """An entity whose reports one sees no longer, or never saw, is said to be so and shows none."""
        if self.entity is None or self.error or scope.everywhere("view_reports"):
            return
        held = scope.at("view_reports") | scope.at("view_assigned_reports")
        path = self.entity.path
        if not any(e.pk in held and e.path.startswith(path) for e in catalogue.entities_ever):
            self.error = gettext("You do not see the reports of this entity: %(entity)s.") % {
                "entity": self.entity.name
            }

    def narrow(self, rows: Any, scope: Scope, catalogue: Catalogue, now: datetime) -> Any:
        if self.error:
            return rows.none()
        if self.found:
            # It names one report: what else is asked for would only hide it.
            return rows.filter(reference=self.found)
        rows = self._in_time(rows, now)
        if self.channels:
            rows = rows.filter(channel__in=self.channels)
        if self.states:
            rows = rows.filter(state__in=self.states)
        if self.service:
            rows = rows.filter(service_id=self.service.pk)
        if self.place:
            path = self.place.path
            rows = rows.filter(place_id__in=[p.pk for p in catalogue.places if p.path.startswith(path)])
        if self.entity:
            path = self.entity.path
            rows = rows.filter(
                entity_id__in=[e.pk for e in catalogue.entities_ever if e.path.startswith(path)]
            )
        if self.assignee == NOBODY:
            rows = rows.filter(responsible_id=None)
        elif self.assignee == ME:
            rows = rows.filter(responsible_id=scope.user_id)
        elif self.assignee:
            rows = rows.filter(responsible_id=int(self.assignee))
        return rows

    def _in_time(self, rows: Any, now: datetime) -> Any:
        match self.due:
            case "late":
                rows = rows.overdue(now)
            case "today":
                rows = rows.open().filter(next_due_at__gte=now, next_due_at__lt=end_of_today(now))
            case "stopped":
                rows = rows.filter(state=State.AWAITING_SENDER, next_due_at=None)
        if self.days:
            rows = rows.filter(submitted_at__gte=now - timedelta(days=self.days))
        if self.since:
            rows = rows.filter(submitted_at__gte=_midnight(self.since))
        if self.until:
            rows = rows.filter(submitted_at__lt=_midnight(self.until + timedelta(days=1)))
        return rows


def day(value: str) -> date | None:
    """`2026-11-22` in either digits; anything else asks for nothing."""
    match = DAY.fullmatch(value.strip()[:20])
    try:
        day = date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None
    return day if day is not None and 2000 <= day.year < 2200 else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, RIYADH)


def _assignee(value: str) -> str:
    if value in (NOBODY, ME):
        return value
    return value if value.isascii() and value.isdigit() and len(value) < 18 else ""


def period_choices() -> list[tuple[int, str]]:
    return [(n, ngettext("Within %(n)d day", "Within %(n)d days", n) % {"n": n}) for n in PERIODS]


class Offered(NamedTuple):
    """What the filters offer of a catalogue, in the words of one language."""

    # (category, its services as (code, name))
    services: list[tuple[str, list[tuple[str, str]]]]
    # (code, name indented by its depth)
    places: list[tuple[str, str]]


def offered(catalogue: Catalogue) -> Offered:
    return _offered(catalogue, get_language() or "")


# A changed catalogue is another object; two of them in each language are enough while one replaces the other.
@lru_cache(maxsize=4)
def _offered(catalogue: Catalogue, language: str) -> Offered:
    return Offered(service_groups(catalogue), place_choices(catalogue))


def service_groups(catalogue: Catalogue) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for service in catalogue.services:
        groups.setdefault(service.category.name, []).append((service.code, service.name))
    return list(groups.items())


def place_choices(catalogue: Catalogue) -> list[tuple[str, str]]:
    return [(place.code, "\u2003" * (place.depth - 1) + place.name) for place in catalogue.places]


def entity_choices(catalogue: Catalogue, scope: Scope) -> list[tuple[str, str]]:
    """The entities whose reports this person may see; one alone is no choice."""
    everywhere = scope.everywhere("view_reports")
    held = scope.at("view_reports") | scope.at("view_assigned_reports")
    own = [entity for entity in catalogue.entities_ever if everywhere or entity.pk in held]
    if len(own) < 2:
        return []
    shallowest = min(entity.depth for entity in own)
    return [(entity.code, "\u2003" * (entity.depth - shallowest) + called(entity)) for entity in own]


def called(entity: Entity) -> str:
    """A closed one stays, with what it has answered."""
    if entity.is_active:
        return entity.short_name
    return gettext("%(entity)s (closed)") % {"entity": entity.short_name}


def _entity(catalogue: Catalogue, code: str) -> Entity | None:
    return next((entity for entity in catalogue.entities_ever if entity.code == code), None)


def assignee_choices(filters: Filters, rows: Iterable[Row], scope: Scope) -> list[tuple[str, str]]:
    """Me, nobody, and who is responsible on this page: no query of its own."""
    people = {
        str(row.report.responsible_id): row.who
        for row in rows
        if row.report.responsible_id not in (None, scope.user_id)
    }
    if filters.assignee not in ("", ME, NOBODY):
        people.setdefault(filters.assignee, gettext("The chosen person"))
    named = sorted(people.items(), key=lambda item: item[1])
    return [(ME, gettext("Me")), (NOBODY, gettext("Not assigned")), *named]
