"""The filters in the queue's address: state, service, place, entity, assignee, and a typed reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity, Place, Service
from cms.entities.snapshot import Catalogue
from cms.reports import reference
from cms.reports.errors import Code, DomainError
from cms.reports.workflow import State
from permissions.policy import Scope

NOBODY, ME = "none", "me"
# For who looks for somebody else's report; the domain's own words are for its sender.
REFERENCE_ERRORS = {
    Code.REFERENCE_TYPO: _(
        "One character of this number is mistyped. Compare it with what the sender gave you."
    ),
    Code.REFERENCE_MALFORMED: _(
        "This is not a report number. One looks like QS-26-7K4MQ2P-X, in any spelling."
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
    typed: str = ""
    found: str = ""
    error: str | Promise = ""

    @classmethod
    def of(cls, query: QueryDict, catalogue: Catalogue) -> Filters:
        known = set(State.values)
        filters = cls(
            states=[state for state in query.getlist("state") if state in known],
            service=catalogue.service(query.get("service", "")),
            place=catalogue.place(query.get("place", "")),
            entity=catalogue.entity(query.get("entity", "")),
            assignee=_assignee(query.get("assignee", "")),
            typed=query.get("q", "").strip()[:500],
        )
        if filters.typed:
            try:
                filters.found = reference.parse(filters.typed, settings.SAWT_REFERENCE_PREFIX)
            except DomainError as error:
                filters.error = REFERENCE_ERRORS.get(error.code, error.message)
        return filters

    @property
    def any(self) -> bool:
        return bool(self.states or self.service or self.place or self.entity or self.assignee or self.typed)

    def narrow(self, rows: Any, scope: Scope, catalogue: Catalogue) -> Any:
        if self.error:
            return rows.none()
        if self.found:
            rows = rows.filter(reference=self.found)
        if self.states:
            rows = rows.filter(state__in=self.states)
        if self.service:
            rows = rows.filter(service_id=self.service.pk)
        if self.place:
            path = self.place.path
            rows = rows.filter(place_id__in=[p.pk for p in catalogue.places if p.path.startswith(path)])
        if self.entity:
            path = self.entity.path
            rows = rows.filter(entity_id__in=[e.pk for e in catalogue.entities if e.path.startswith(path)])
        if self.assignee == NOBODY:
            rows = rows.filter(responsible_id=None)
        elif self.assignee == ME:
            rows = rows.filter(responsible_id=scope.user_id)
        elif self.assignee:
            rows = rows.filter(responsible_id=int(self.assignee))
        return rows


def _assignee(value: str) -> str:
    if value in (NOBODY, ME):
        return value
    return value if value.isascii() and value.isdigit() and len(value) < 18 else ""


def state_choices(filters: Filters) -> list[dict[str, Any]]:
    return [
        {"value": state.value, "label": state.label, "checked": state.value in filters.states}
        for state in State
    ]


def service_groups(catalogue: Catalogue) -> list[tuple[str, list[Service]]]:
    groups: dict[str, list[Service]] = {}
    for service in catalogue.services:
        groups.setdefault(service.category.name, []).append(service)
    return list(groups.items())


def place_choices(catalogue: Catalogue) -> list[tuple[str, str]]:
    """(code, name indented by its depth)."""
    return [(place.code, "\u2003" * (place.depth - 1) + place.name) for place in catalogue.places]


def entity_choices(catalogue: Catalogue, scope: Scope) -> list[tuple[str, str]]:
    """The entities whose reports this person may see; one alone is no choice."""
    everywhere = scope.everywhere("view_reports")
    held = scope.at("view_reports") | scope.at("view_assigned_reports")
    own = [entity for entity in catalogue.entities if everywhere or entity.pk in held]
    if len(own) < 2:
        return []
    shallowest = min(entity.depth for entity in own)
    return [(entity.code, "\u2003" * (entity.depth - shallowest) + entity.short_name) for entity in own]


def assignee_choices(filters: Filters, rows: list[Any], scope: Scope) -> list[tuple[str, str]]:
    """Me, nobody, and who is responsible on this page: no query of its own."""
    people = {
        str(row.responsible_id): row.responsible.name
        for row in rows
        if row.responsible_id and row.responsible_id != scope.user_id
    }
    if filters.assignee not in ("", ME, NOBODY):
        people.setdefault(filters.assignee, gettext("The chosen person"))
    named = sorted(people.items(), key=lambda item: item[1])
    return [(ME, gettext("Me")), (NOBODY, gettext("Not assigned")), *named]
