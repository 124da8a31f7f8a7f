"""Where confidential reports may go, and to whom: where two people may see them, and to those who may."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone

from cms.entities.memberships import people_of
from cms.entities.models import Entity, EntityUserObjectPermission, Privacy
from permissions.models import User

from .models import Report

MINIMUM_GRANTEES = 2


def grantees(entity: Entity) -> set[int]:
    """Ids of the active people who hold view_confidential directly at this entity, now."""
    now = timezone.now()
    grants = EntityUserObjectPermission.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=now),
        valid_from__lte=now,
        content_object=entity,
        permission__codename="view_confidential",
        user__is_active=True,
    )
    return set(grants.values_list("user_id", flat=True))


def has_enough_grantees(entity: Entity) -> bool:
    return len(grantees(entity)) >= MINIMUM_GRANTEES


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
