"""Who hears of something: audiences by codename and relation, never by person.

An audience is the direct members of the report's entity who hold the codename there; with none, the parent's,
and so on up; at last the supervisors. Permissions climb down the tree, messages do not. Only who may see the
report counts as somebody. Of a confidential one those are the grantees at its entity, and then the region's
confidential triage. Source: domain.md, 'Who may do what' and 'Confidential reports'.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from cms.entities.models import Entity, EntityUserObjectPermission, Membership
from cms.reports.actors import StaffActor
from cms.reports.models import Assignment, Report
from permissions import audit
from permissions.models import User
from permissions.policy import Scope, scope_of
from permissions.roles import ENTITY_CODENAMES, REGION_CODENAMES

from .audiences import Audience

CONFIDENTIAL, TRIAGE = "view_confidential", "triage_reports"
NOBODY_TO_TELL = "nobody_to_tell"


@dataclass(frozen=True)
class By:
    """How an audience is found: a codename at the entity, or region-wide, or a relation to the report."""

    codename: str = ""
    everywhere: bool = False
    responsible_only: bool = False


AUDIENCES: dict[str, By] = {
    Audience.COORDINATOR: By("assign_reports"),
    Audience.ENTITY_LEADER: By("direct_reports"),
    Audience.SUPERVISOR: By(TRIAGE, everywhere=True),
    Audience.EMIRATE_LEADER: By("direct_reports", everywhere=True),
    Audience.STAFF: By(CONFIDENTIAL),
    Audience.KEEPER: By("manage_configuration", everywhere=True),
    Audience.SPECIALIST: By(),
    Audience.RESPONSIBLE: By(responsible_only=True),
    # Told by name: whoever calls them says who they are.
    Audience.MENTIONED: By(),
    Audience.WATCHER: By(),
    Audience.FOLLOWER: By(),
}

BY_NAME = frozenset({Audience.MENTIONED, Audience.WATCHER, Audience.FOLLOWER})


def found_by(audience: str) -> By:
    """An audience's code, or a codename itself. Raises LookupError for one that nobody is found by."""
    if audience in AUDIENCES:
        return AUDIENCES[audience]
    if audience in ENTITY_CODENAMES:
        return By(audience)
    if audience in REGION_CODENAMES:
        return By(audience, everywhere=True)
    raise LookupError(audience)


class Audiences:
    """Audiences at one moment. What was asked once is kept, so that a batch of reports of one entity asks for
    its people once, and for each of them once which of the batch they see.

    `reports`: the batch; others may be asked about too, and cost a statement more for each person.
    """

    def __init__(self, at: datetime, reports: Iterable[Report] = ()) -> None:
        self.at = at
        self._batch = {report.pk for report in reports}
        self._levels: dict[tuple[str, str], list[list[User]]] = {}
        self._everywhere: dict[str, list[User]] = {}
        self._grantees: dict[int, list[User]] = {}
        self._assigned: dict[int, list[tuple[User, bool]]] = {}
        self._seen: dict[tuple[int, int], bool] = {}

    def of(self, audience: str, about: Report | Entity) -> list[User]:
        """Active people, in a stable order; none where nobody is left to tell, or a relation is nobody's."""
        by = found_by(audience)
        if isinstance(about, Entity):
            if not by.codename:
                return []
            steps = [] if by.everywhere else self._at_and_above(about, by.codename)
            return next((people for people in [*steps, *self._last(by)] if people), [])
        if audience in BY_NAME:
            return []
        if not by.codename:
            related = self._related(about)
            wanted = [who for who, responsible in related if responsible or not by.responsible_only]
            return [who for who in wanted if self._sees(who, about)]
        for people in self._steps(by, about):
            if seeing := [who for who in people if self._sees(who, about)]:
                return seeing
        return []

    def _steps(self, by: By, report: Report) -> Iterable[list[User]]:
        entity = report.entity
        if report.is_confidential:
            # The triage group stands where the supervisors and leaders of the region do for others.
            if entity is not None and not by.everywhere:
                yield self._named(entity)
            yield self._holders(CONFIDENTIAL)
            return
        if entity is not None and not by.everywhere:
            yield from self._at_and_above(entity, by.codename)
        yield from self._last(by)

    def _last(self, by: By) -> Iterable[list[User]]:
        if by.everywhere:
            yield self._holders(by.codename)
        yield self._holders(TRIAGE)

    def _at_and_above(self, entity: Entity, codename: str) -> list[list[User]]:
        """Of the entity and each one above it, upwards: its own members who hold the codename there."""
        known = self._levels.get((entity.path, codename))
        if known is None:
            paths = [entity.path[:end] for end in range(Entity.steplen, len(entity.path) + 1, Entity.steplen)]
            rows = (
                Membership.objects.valid(self.at)
                .filter(
                    entity__path__in=paths,
                    person__is_active=True,
                    group__entitygroupobjectpermission__permission__codename=codename,
                    group__entitygroupobjectpermission__content_object=F("entity"),
                )
                .select_related("person", "entity")
                .order_by("person_id")
            )
            at_path: dict[str, dict[int, User]] = {}
            for row in rows:
                if row.entity is not None:
                    at_path.setdefault(row.entity.path, {})[row.person_id] = row.person
            known = [list(at_path[path].values()) for path in reversed(paths) if path in at_path]
            self._levels[entity.path, codename] = known
        return known

    def _holders(self, codename: str) -> list[User]:
        if codename not in self._everywhere:
            members = Membership.objects.valid(self.at).filter(
                entity=None, group__permissions__codename=codename
            )
            people = User.objects.filter(is_active=True, pk__in=members.values("person_id"))
            self._everywhere[codename] = list(people.order_by("pk"))
        return self._everywhere[codename]

    def _named(self, entity: Entity) -> list[User]:
        if entity.pk not in self._grantees:
            rows = EntityUserObjectPermission.objects.valid(self.at).filter(
                permission__codename=CONFIDENTIAL, content_object=entity
            )
            people = User.objects.filter(is_active=True, pk__in=rows.values("user_id"))
            self._grantees[entity.pk] = list(people.order_by("pk"))
        return self._grantees[entity.pk]

    def _related(self, report: Report) -> list[tuple[User, bool]]:
        """Who works on it now, and whether as the responsible one."""
        if report.pk not in self._assigned:
            wanted = {report.pk} | (self._batch - self._assigned.keys())
            self._assigned |= {pk: [] for pk in wanted}
            rows = Assignment.objects.filter(report_id__in=wanted, until=None, person__is_active=True)
            for row in rows.select_related("person").order_by("person_id"):
                self._assigned[row.report_id].append((row.person, row.is_responsible))
        return self._assigned[report.pk]

    def _sees(self, person: User, report: Report) -> bool:
        if (person.pk, report.pk) not in self._seen:
            wanted = {report.pk} | self._batch
            found = Report.objects.filter(pk__in=wanted)
            scope = scope_of(person, at=self.at)
            seen = set(found.visible_to(StaffActor(person), scope).values_list("pk", flat=True))
            self._seen |= {(person.pk, pk): pk in seen for pk in wanted}
        return self._seen[person.pk, report.pk]


def audience_of(audience: str, about: Report | Entity, at: datetime) -> list[User]:
    """The people of one audience for one report or entity; `Audiences` for many at one moment."""
    return Audiences(at).of(audience, about)


def sees_now(person: User, report: Report, at: datetime) -> bool:
    """Asked again when a message is to leave: roles end, reports move."""
    if not person.is_active:
        return False
    rows = Report.objects.filter(pk=report.pk)
    return bool(rows.visible_to(StaffActor(person), scope_of(person, at=at)).exists())


def serves_now(person: User, audience: str, entity_id: int | None, at: datetime) -> bool:
    """The same for news of an entity, or of the whole region where there is none."""
    return holds(scope_of(person, at=at), audience, entity_id)


def holds(scope: Scope, audience: str, entity_id: int | None) -> bool:
    """Whether who holds this is of the audience, or one whom its messages climb to: they see the reports."""
    sees = ("view_reports", "view_assigned_reports") if audience == Audience.WATCHER else ("view_reports",)
    return any(scope.has(name, entity_id) for name in (found_by(audience).codename, *sees) if name)


def alert_nobody(event: str, audience: str, about: Report | Entity, *, at: datetime) -> None:
    """There was nobody to tell: kept in the audit trail, where the auditor finds it."""
    if isinstance(about, Report):
        # Of a confidential one not even its entity is said.
        entity_id = None if about.is_confidential else about.entity_id
        subject = f"report:{about.pk}"
    else:
        entity_id, subject = about.pk, f"entity:{about.pk}"
    data = {"of": event, "audience": str(audience), "entity": entity_id}
    audit.record(NOBODY_TO_TELL, actor=None, subject=subject, data=data, at=at)
