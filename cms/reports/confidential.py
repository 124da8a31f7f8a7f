"""Where confidential reports may go: only where at least two people may see them."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from cms.entities.models import Entity, EntityUserObjectPermission

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
