"""Groups per (entity, role) with the role's codenames; memberships that say who belongs, from and until."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission

from permissions.guardian import set_group_codenames
from permissions.roles import ROLES, SPECIALIST, SPECIALISTS_REPLY, SPECIALISTS_SEE_ALL

from .models import Entity


def group_for(role_code: str, entity: Entity | None) -> Group:
    """The group of a role at an entity, or of a region role; made with its codenames when it is new."""
    name = f"entity:{entity.pk}:{role_code}" if entity else f"region:{role_code}"
    group, new = Group.objects.get_or_create(name=name)
    if new:
        refresh_group(group, role_code, entity)
    return group


def refresh_group(group: Group, role_code: str, entity: Entity | None) -> None:
    """Bring the group's codenames in line with the role and the entity's settings."""
    codenames = ROLES[role_code].codenames
    if entity is None:
        group.permissions.set(
            Permission.objects.filter(content_type__app_label="entities", codename__in=codenames)
        )
        return
    if role_code == SPECIALIST:
        extra: set[str] = set()
        if entity.specialists_see_all:
            extra.add(SPECIALISTS_SEE_ALL)
        if entity.specialists_reply:
            extra.add(SPECIALISTS_REPLY)
        codenames = codenames | extra
    set_group_codenames(group, entity, frozenset(codenames))


def refresh_entity_groups(entity: Entity) -> None:
    """After an entity's settings changed."""
    prefix = f"entity:{entity.pk}:"
    for group in Group.objects.filter(name__startswith=prefix):
        refresh_group(group, group.name.removeprefix(prefix), entity)


def refresh_all_groups() -> None:
    """Bring every group of a role in line with `permissions.roles`, after a release."""
    entities = {str(entity.pk): entity for entity in Entity.objects.all()}
    for group in Group.objects.filter(name__regex=r"^(entity:|region:)"):
        where, _, role_code = group.name.rpartition(":")
        entity = entities.get(where.removeprefix("entity:"))
        if role_code in ROLES and (entity is not None or where == "region"):
            refresh_group(group, role_code, entity)


def people_of(entity: Entity, codename: str) -> Any:
    """Active people who hold the codename directly at this entity, now (not by inheritance)."""
    from django.contrib.auth import get_user_model

    from .models import EntityGroupObjectPermission, Membership

    groups = EntityGroupObjectPermission.objects.filter(
        content_object=entity, permission__codename=codename
    ).values("group_id")
    members = Membership.objects.valid().filter(group_id__in=groups, entity=entity).values("person_id")
    return get_user_model().objects.filter(is_active=True, pk__in=members).order_by("name_ar", "pk")


def absent_at(entity_id: int, at: datetime) -> set[int]:
    """Ids of the people who are recorded absent from this entity at that moment."""
    from .models import Membership

    return set(Membership.objects.absent(at).filter(entity_id=entity_id).values_list("person_id", flat=True))


def people_everywhere(codename: str) -> Any:
    """Active people who hold the codename for the whole region by a role, now."""
    from django.contrib.auth import get_user_model

    from .models import Membership

    members = Membership.objects.valid().filter(entity=None, group__permissions__codename=codename)
    return get_user_model().objects.filter(is_active=True, pk__in=members.values("person_id"))
