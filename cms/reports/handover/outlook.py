"""What a handover would move, end and leave: everything that hangs on the entity, read before it happens.

Reports are counted by state and person, never named: whoever plans it need not see one. Confidential ones are
counted nowhere. The statements are as many for ten reports as for ten thousand.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from cms.entities.models import (
    Entity,
    EntityUserObjectPermission,
    Handover,
    Membership,
    Place,
    Privacy,
    RoutingRule,
)
from permissions.models import User

from ..models import Directive, Report
from ..querysets import ReportQuerySet
from ..workflow import State
from .sight import Change, changes


@dataclass(frozen=True)
class Held:
    """So many open reports in this state with this person (None: with nobody)."""

    state: str
    person: User | None
    n: int

    @property
    def label(self) -> str:
        return str(State(self.state).label)


@dataclass(frozen=True)
class Outlook:
    """`refused`: of the open ones, those that the target may not have; `directives`: open ones on them.
    `sent`: open reports that the entity sent, `about`: open ones about it, `answered`: those that their
    sender may still reopen. `heirs`: who serves the target, and works on what goes there.
    """

    reports: list[Held] = field(default_factory=list)
    refused: int = 0
    directives: int = 0
    sent: int = 0
    about: int = 0
    answered: int = 0
    rules: list[RoutingRule] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    grants: list[EntityUserObjectPermission] = field(default_factory=list)
    heirs: list[Membership] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    below: list[Entity] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def open(self) -> int:
        return sum(held.n for held in self.reports)

    @property
    def hangs(self) -> bool:
        """Whether anything would be left behind, were the entity closed without more ado."""
        return bool(self.open or self.sent or self.rules or self.memberships or self.grants or self.below)

    def seen(self) -> str:
        """The same for whoever saw the same lists: what is confirmed is what was read. Reports come and go
        with the day's work and are no part of it.
        """
        parts = [
            [[rule.pk, rule.version] for rule in self.rules],
            [row.pk for row in self.memberships],
            [row.pk for row in self.grants],
            [entity.pk for entity in self.below],
            [[one.person.pk, one.entity.pk, one.gains, sorted(one.codenames)] for one in self.changes],
        ]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def unended(at: datetime) -> Q:
    return Q(valid_until=None) | Q(valid_until__gt=at)


def of_normal_privacy(rows: ReportQuerySet) -> ReportQuerySet:
    return rows.filter(privacy=Privacy.NORMAL)


def outlook(handover: Handover, *, at: datetime) -> Outlook:
    entity, target = handover.entity, handover.target
    below = list(entity.get_descendants().filter(is_active=True).order_by("path"))
    if handover.is_move:
        return Outlook(
            reports=_held(Report.objects.open().filter(entity__path__startswith=entity.path)),
            rules=_rules(entity),
            memberships=_memberships(entity, at),
            below=below,
            changes=changes(entity, target, at=at),
        )
    normal = of_normal_privacy(Report.objects.all())
    reopenable = normal.filter(state=State.ANSWERED, reopen_until__gt=at)
    return Outlook(
        reports=_held(Report.objects.open().filter(entity=entity)),
        refused=normal.open().filter(_refused(entity, target)).count() if target else 0,
        directives=Directive.objects.filter(
            outcome=Directive.Outcome.OPEN, report__entity=entity, report__privacy=Privacy.NORMAL
        ).count(),
        sent=normal.open().filter(sender_entity=entity).count(),
        about=normal.open().filter(about_entity=entity).count(),
        answered=reopenable.filter(entity=entity).count(),
        rules=_rules(entity),
        memberships=_memberships(entity, at),
        grants=list(
            EntityUserObjectPermission.objects.filter(unended(at), content_object=entity)
            .select_related("user", "permission")
            .order_by("user__name_ar", "pk")
        ),
        heirs=_memberships(target, at) if target else [],
        places=list(entity.jurisdiction.order_by("path")),
        below=below,
    )


def _refused(entity: Entity, target: Entity) -> Q:
    """Open reports here that are about the target or who stands above it, or that it sent itself; and there,
    those about the entity or sent by it, which would then be its own.
    """
    above = [target.pk, *target.get_ancestors().values_list("pk", flat=True)]
    here = Q(entity=entity) & (Q(about_entity__in=above) | Q(sender_entity=target))
    return here | becomes_its_own(entity, target)


def becomes_its_own(entity: Entity, target: Entity) -> Q:
    about = Q(about_entity=entity, entity__path__startswith=target.path)
    return about | Q(sender_entity=entity, entity=target)


def _held(rows: ReportQuerySet) -> list[Held]:
    counted = list(
        of_normal_privacy(rows).order_by().values_list("state", "responsible").annotate(n=Count("pk"))
    )
    people = User.objects.in_bulk({person for _, person, _ in counted if person})
    order = {state.value: place for place, state in enumerate(State)}
    found = [Held(state, people.get(person), n) for state, person, n in counted]
    return sorted(found, key=lambda one: (order[one.state], one.person.name if one.person else "", one.n))


def _rules(entity: Entity) -> list[RoutingRule]:
    rows = RoutingRule.objects.filter(entity=entity).select_related("service", "category", "place")
    return list(rows.order_by("place__path", "pk"))


def _memberships(entity: Entity, at: datetime) -> list[Membership]:
    rows: Any = Membership.objects.filter(unended(at), entity=entity).select_related("person", "entity")
    return list(rows.order_by("role", "person__name_ar", "pk"))
