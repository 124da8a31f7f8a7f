"""Who can see a report, and why: the rule of `policies.visible_to`, asked person by person and put in words.

For a screen of one report: the people are those whom a role, a grant or an assignment could let see it, so
their number grows with the entity's staff and never with the reports.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from cms.entities.models import Entity, EntityUserObjectPermission, Membership, Privacy
from permissions.models import User
from permissions.policy import Scope, scope_of
from permissions.roles import ROLES

from .actors import EntitySender, StaffActor
from .models import Report

LETS_SEE = ("view_reports", "view_assigned_reports")
LETS_FOLLOW = ("submit_on_behalf",)


@dataclass
class Sight:
    """`sees` is the rule's own answer; `because` and `in_spite` are sentences, of why and of why not."""

    person: User
    sees: bool = False
    because: list[str] = field(default_factory=list)
    in_spite: list[str] = field(default_factory=list)


def who_can_see(report: Report, *, at: datetime) -> list[Sight]:
    """Everybody who sees it, and then who would but for its privacy or whom it is about."""
    sights = [_judged(sight, report, at) for sight in _found(report, at).values() if sight.person.is_active]
    return sorted(sights, key=lambda sight: (not sight.sees, sight.person.name))


def sight_of(person: User, report: Report, *, at: datetime) -> Sight:
    """Whether this person sees it, and why or why not."""
    return _judged(_found(report, at, person).get(person.pk, Sight(person)), report, at)


def who_follows(report: Report, *, at: datetime) -> list[Sight]:
    """Of what an entity sent: those who follow it there, as its sender. `sees` says whether they do."""
    sender = report.sender_entity
    # Where that one was closed, who goes on with its work follows it too.
    above = [pk for one in (sender.with_successor() if sender else ()) for pk in _at_or_above(one)]
    found: dict[int, Sight] = {}
    for membership in _memberships(above, at, LETS_FOLLOW):
        sight = found.setdefault(membership.person_id, Sight(membership.person))
        sight.because.append(_role(membership, report.sender_entity))
    for grant in _grants(above, at, LETS_FOLLOW):
        sight = found.setdefault(grant.user_id, Sight(grant.user))
        sight.because.append(_granted(grant))
    for sight in found.values():
        sight.sees = sight.person.is_active and _follows(sight.person, report, scope_of(sight.person, at=at))
    return sorted((sight for sight in found.values() if sight.sees), key=lambda sight: sight.person.name)


def _follows(person: User, report: Report, scope: Scope) -> bool:
    return Report.objects.filter(pk=report.pk).visible_to(EntitySender(person), scope).exists()


def _found(report: Report, at: datetime, person: User | None = None) -> dict[int, Sight]:
    """Person → what could let them see it, of everybody or of this person alone."""
    found: dict[int, Sight] = {}

    def about(someone: User) -> Sight:
        return found.setdefault(someone.pk, Sight(someone))

    above = _at_or_above(report.entity)
    memberships, grants = _memberships(above, at), _grants(above, at)
    assignments = report.assignments.filter(until=None).select_related("person")
    if person is not None:
        memberships, assignments = memberships.filter(person=person), assignments.filter(person=person)
        grants = grants.filter(user=person)
    for membership in memberships:
        about(membership.person).because.append(_role(membership, report.entity))
    for row in assignments:
        about(row.person).because.append(_("Responsible for it") if row.is_responsible else _("Works on it"))
    for grant in grants:
        about(grant.user).because.append(_granted(grant))
    return found


def _judged(sight: Sight, report: Report, at: datetime) -> Sight:
    scope = scope_of(sight.person, at=at)
    sight.sees = Report.objects.filter(pk=report.pk).visible_to(StaffActor(sight.person), scope).exists()
    sight.in_spite = [] if sight.sees else _why_not(sight.person, report, scope)
    if report.sender_entity is not None and _follows(sight.person, report, scope):
        follows = _("Follows it as a sender, for %(entity)s, and reads nothing internal by that.")
        said = sight.because if sight.sees else sight.in_spite
        said.append(follows % {"entity": report.sender_entity.name})
    return sight


def _at_or_above(entity: Entity | None) -> list[int]:
    if entity is None:
        return []
    return [entity.pk, *entity.get_ancestors().values_list("pk", flat=True)]


def _memberships(above: list[int], at: datetime, codenames: tuple[str, ...] = LETS_SEE) -> Any:
    """Region roles that hold one of the codenames, and roles that hold it at the entity or above it."""
    everywhere = Q(entity=None, group__permissions__codename__in=codenames)
    there = Q(
        entity_id__in=above,
        group__entitygroupobjectpermission__permission__codename__in=codenames,
        group__entitygroupobjectpermission__content_object_id__in=above,
    )
    rows = Membership.objects.valid(at).filter(everywhere | there).distinct()
    return rows.select_related("person", "entity").order_by("pk")


def _grants(
    above: list[int], at: datetime, codenames: tuple[str, ...] = (*LETS_SEE, "view_confidential")
) -> Any:
    rows = EntityUserObjectPermission.objects.valid(at).filter(
        content_object_id__in=above, permission__codename__in=codenames
    )
    return rows.select_related("user", "content_object", "permission")


def _granted(grant: EntityUserObjectPermission) -> str:
    where = {"entity": grant.content_object.name}
    if grant.permission.codename == "view_confidential":
        return _("Named for confidential reports at %(entity)s") % where
    if grant.permission.codename in LETS_FOLLOW:
        return _("Named to send for %(entity)s") % where
    return _("Named for the reports of %(entity)s") % where


def _role(membership: Membership, entity: Entity | None) -> str:
    role = str(ROLES[membership.role].label)
    if membership.entity is None:
        return _("%(role)s, for the whole region") % {"role": role}
    if entity is not None and membership.entity_id != entity.pk:
        return _("%(role)s at %(entity)s, which is above") % {"role": role, "entity": membership.entity.name}
    return _("%(role)s at %(entity)s") % {"role": role, "entity": membership.entity.name}


def _why_not(person: User, report: Report, scope: Scope) -> list[str]:
    if not person.is_active:
        return [_("This account is closed.")]
    reasons = []
    if report.privacy == Privacy.CONFIDENTIAL and not scope.has("view_confidential", report.entity_id):
        reasons.append(_("The report is confidential, and this person is not named for such reports."))
    if report.about_entity_id is not None and report.about_entity_id in scope.kin:
        reasons.append(_("The report is about an entity that this person serves."))
    if not scope.has("view_reports", report.entity_id):
        if scope.has("view_assigned_reports", report.entity_id):
            reasons.append(_("This role sees only what is assigned to the person."))
        elif report.entity_id is None:
            reasons.append(_("The report is in triage, where only those who serve the whole region see it."))
        else:
            reasons.append(_("No role of this person reaches the report's entity."))
    return reasons
