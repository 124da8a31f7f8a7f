"""The demonstration's people: who signs in, whom they serve, and who may see confidential reports."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from wagtail.users.models import UserProfile

from cms.entities.memberships import group_for
from cms.entities.models import (
    Entity,
    EntityGroupObjectPermission,
    EntityUserObjectPermission,
    Membership,
)
from permissions.models import User
from permissions.roles import ROLES

from .source import read

# Everybody has served since before the first report.
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
PASSWORD = "demo"  # noqa: S105 (of demonstration accounts, on loopback only)
EDITORS = "Editors"
CONFIGURATION = "Configuration"
# What Wagtail itself asks of who keeps its configuration; ours is in the role's codenames.
CONFIGURES = {
    "wagtailcore": ("add_site", "change_site", "delete_site", "add_locale", "change_locale"),
    "wagtailredirects": ("add_redirect", "change_redirect", "delete_redirect"),
}


class AccountsRefused(Exception):
    """Accounts with a known password belong to the embedded settings on loopback, and nowhere else."""


def refuse_elsewhere() -> None:
    if not settings.SAWT_DEMO:
        raise AccountsRefused(
            "Demonstration accounts are made under the embedded settings on loopback only (SAWT_DEMO is off)."
        )


def load_people() -> None:
    """Adds the people who are missing, by staff code. Nobody is a superuser."""
    refuse_elsewhere()
    there = set(User.objects.values_list("staff_code", flat=True))
    rows = [row for row in read("staff")["staff"] if row["code"] not in there]
    if not rows:
        return
    users = _create_users(rows)
    _create_memberships(rows, users)
    _grant_confidential(rows, users)
    _join_wagtail_groups(rows, users)


def _create_users(rows: list[dict[str, Any]]) -> dict[str, User]:
    # One hash for all: making each costs more than half a second.
    hashed = make_password(PASSWORD)
    first = User.objects.count()
    users = User.objects.bulk_create(
        User(
            username=row["login"] or row["code"],
            password=hashed if row["login"] else make_password(None),
            staff_code=row["code"],
            name_ar=row["name_ar"],
            # What Wagtail writes beside the account.
            first_name=row["name_ar"].split(" ")[0],
            name_en=row["name_en"],
            email=f"{row['login'] or row['code']}@example.org",
            phone=f"+96650009{first + number:04d}",
            date_joined=SINCE,
        )
        for number, row in enumerate(rows)
    )
    UserProfile.objects.bulk_create(UserProfile(user=user) for user in users)
    return {user.staff_code or "": user for user in users}


def _create_groups(entities: dict[str, Entity]) -> None:
    """The groups of all entity roles at once; `group_for` makes the same one by one, in 4,000 statements."""
    roles = [role for role in ROLES.values() if not role.region]
    staffed = {row["entity"] for row in read("staff")["staff"] if row["entity"]}
    wanted = {
        f"entity:{entities[code].pk}:{role.code}": (entities[code], role)
        for code in staffed
        for role in roles
    }
    there = set(Group.objects.values_list("name", flat=True))
    groups = Group.objects.bulk_create(Group(name=name) for name in wanted if name not in there)
    permissions = dict(
        Permission.objects.filter(content_type__app_label="entities").values_list("codename", "pk")
    )
    EntityGroupObjectPermission.objects.bulk_create(
        EntityGroupObjectPermission(
            group=group, permission_id=permissions[codename], content_object=wanted[group.name][0]
        )
        for group in groups
        for codename in sorted(wanted[group.name][1].codenames)
    )


def _create_memberships(rows: list[dict[str, Any]], users: dict[str, User]) -> None:
    entities = {entity.code: entity for entity in Entity.objects.all()}
    _create_groups(entities)
    groups = {group.name: group for group in Group.objects.all()}

    def group(row: dict[str, Any]) -> Group:
        entity = entities[row["entity"]] if row["entity"] else None
        name = f"entity:{entity.pk}:{row['role']}" if entity else f"region:{row['role']}"
        if name not in groups:
            groups[name] = group_for(row["role"], entity)
        return groups[name]

    Membership.objects.bulk_create(
        Membership(
            person=users[row["code"]],
            entity=entities[row["entity"]] if row["entity"] else None,
            role=row["role"],
            group=group(row),
            valid_from=SINCE,
            confirmed_at=SINCE if ROLES[row["role"]].needs_confirmation else None,
        )
        for row in rows
    )


def _grant_confidential(rows: list[dict[str, Any]], users: dict[str, User]) -> None:
    """Personal grants at an entity. The triage group holds the codename by its role."""
    entities = {entity.code: entity for entity in Entity.objects.all()}
    permission = Permission.objects.get(content_type__app_label="entities", codename="view_confidential")
    EntityUserObjectPermission.objects.bulk_create(
        EntityUserObjectPermission(
            user=users[row["code"]],
            permission=permission,
            content_object=entities[row["entity"]],
            valid_from=SINCE,
            confirmed_at=SINCE,
            reason="يعمل على بلاغات سرية في جهته",
        )
        for row in rows
        if row["view_confidential"] and row["entity"]
    )


def _join_wagtail_groups(rows: list[dict[str, Any]], users: dict[str, User]) -> None:
    editors, _ = Group.objects.get_or_create(name=EDITORS)
    configuration, _ = Group.objects.get_or_create(name=CONFIGURATION)
    for app, codenames in CONFIGURES.items():
        configuration.permissions.add(
            *Permission.objects.filter(content_type__app_label=app, codename__in=codenames)
        )
    for row in rows:
        if row["role"] == "editor":
            users[row["code"]].groups.add(editors)
        elif row["role"] == "admin":
            users[row["code"]].groups.add(configuration)
