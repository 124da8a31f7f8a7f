"""Where confidential reports may go, and to whom: where two people may see them, and to those who may."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from cms.entities.memberships import people_of
from cms.entities.models import Entity, EntityUserObjectPermission, Privacy
from permissions.models import User

from .models import Report

MINIMUM_GRANTEES = 2


def _named() -> QuerySet[EntityUserObjectPermission]:
    """The grants by which active people hold view_confidential directly at an entity, now."""
    rows: QuerySet[EntityUserObjectPermission] = EntityUserObjectPermission.objects.valid().filter(
        permission__codename="view_confidential", user__is_active=True
    )
    return rows


def grantees(entity: Entity) -> set[int]:
    """Ids of the active people who hold view_confidential directly at this entity, now."""
    return set(_named().filter(content_object=entity).values_list("user_id", flat=True))


def has_enough_grantees(entity: Entity) -> bool:
    return len(grantees(entity)) >= MINIMUM_GRANTEES


def with_enough_grantees() -> set[int]:
    """Ids of all entities where enough are named, in one query."""
    rows = _named().order_by().values("content_object_id").annotate(people=Count("user_id", distinct=True))
    return set(rows.filter(people__gte=MINIMUM_GRANTEES).values_list("content_object_id", flat=True))


def assignable(report: Report) -> QuerySet[User]:
    """The specialists of its entity to whom it may be given; none where it has no entity.

    Whoever could not see a confidential report could not work on it, and would hold it up unseen.
    """
    if report.entity is None:
        return User.objects.none()
    people: QuerySet[User] = people_of(report.entity, "handle_assigned_reports")
    if report.privacy == Privacy.CONFIDENTIAL:
        people = people.filter(pk__in=grantees(report.entity))
    return people
