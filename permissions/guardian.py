"""The only file that talks to guardian's tables.

guardian answers True for superusers and knows neither validity nor the tree, so its shortcuts are not asked
for decisions; its direct foreign-key tables hold the grants, and one SQL statement reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models

from .policy import KIN
from .roles import NEED_CONFIRMATION, PROPOSED_BY_NAME
from .statements import prepared_cursor

# Of a closed entity, whoever goes on with its work holds this codename and no other.
FOLLOWS = "submit_on_behalf"


@dataclass(frozen=True)
class Tables:
    """Where the grants live: the models of `cms.entities` that guardian's direct foreign keys point to."""

    entity: type[models.Model]
    group_grants: type[models.Model]
    user_grants: type[models.Model]
    memberships: type[models.Model]

    def sql(self) -> str:
        q = connection.ops.quote_name

        def table(model: type[models.Model]) -> str:
            return q(model._meta.db_table)

        valid = "(m.valid_until IS NULL OR m.valid_until > %(at)s) AND m.valid_from <= %(at)s"
        # As `MembershipQuerySet.valid` says it. The codes are ours, so they are written out.
        two = ", ".join(f"'{code}'" for code in sorted(NEED_CONFIRMATION))
        member_valid = f"{valid} AND (m.confirmed_at <= %(at)s OR m.role NOT IN ({two}))"
        # As `GrantQuerySet.valid` says it.
        proposed = ", ".join(f"'{code}'" for code in sorted(PROPOSED_BY_NAME))
        grant_valid = f"{valid} AND (m.confirmed_at <= %(at)s OR p.codename NOT IN ({proposed}))"
        entity, member = table(self.entity), table(self.memberships)
        below = f"JOIN {entity} e ON e.path LIKE root.path || '%%'"
        # Whose work became theirs: what it sent they follow, and complaints about it are kept from them.
        closed = f"JOIN {entity} c ON c.continued_by_id = e.id AND NOT c.is_active"
        return f"""
            SELECT p.codename, e.id FROM {member} m
              JOIN {table(self.group_grants)} g ON g.group_id = m.group_id
              JOIN {table(Permission)} p ON p.id = g.permission_id
              JOIN {entity} root ON root.id = g.content_object_id {below}
             WHERE m.person_id = %(user)s AND m.entity_id IS NOT NULL AND {member_valid}
            UNION SELECT p.codename, e.id FROM {table(self.user_grants)} m
              JOIN {table(Permission)} p ON p.id = m.permission_id
              JOIN {entity} root ON root.id = m.content_object_id {below}
             WHERE m.user_id = %(user)s AND {grant_valid}
            UNION SELECT p.codename, NULL FROM {member} m
              JOIN {q(Group.permissions.through._meta.db_table)} gp ON gp.group_id = m.group_id
              JOIN {table(Permission)} p ON p.id = gp.permission_id
             WHERE m.person_id = %(user)s AND m.entity_id IS NULL AND {member_valid}
            UNION SELECT '{KIN}', e.id FROM {member} m
              JOIN {entity} root ON root.id = m.entity_id
              JOIN {entity} e ON root.path LIKE e.path || '%%'
             WHERE m.person_id = %(user)s AND {member_valid}
            UNION SELECT '{KIN}', c.id FROM {member} m
              JOIN {entity} root ON root.id = m.entity_id
              JOIN {entity} e ON root.path LIKE e.path || '%%' {closed}
             WHERE m.person_id = %(user)s AND {member_valid}
            UNION SELECT p.codename, c.id FROM {member} m
              JOIN {table(self.group_grants)} g ON g.group_id = m.group_id
              JOIN {table(Permission)} p ON p.id = g.permission_id
              JOIN {entity} root ON root.id = g.content_object_id {below} {closed}
             WHERE m.person_id = %(user)s AND m.entity_id IS NOT NULL AND p.codename = '{FOLLOWS}'
               AND {member_valid}
            UNION SELECT p.codename, c.id FROM {table(self.user_grants)} m
              JOIN {table(Permission)} p ON p.id = m.permission_id
              JOIN {entity} root ON root.id = m.content_object_id {below} {closed}
             WHERE m.user_id = %(user)s AND p.codename = '{FOLLOWS}' AND {grant_valid}
        """  # noqa: S608  (table names of our own models; values are parameters)

    def resolve(self, user_id: int, at: datetime) -> list[tuple[str, int | None]]:
        with prepared_cursor() as cursor:
            cursor.execute(self.sql(), {"user": user_id, "at": connection.ops.adapt_datetimefield_value(at)})
            return [(codename, entity_id) for codename, entity_id in cursor.fetchall()]


def set_group_codenames(group: Group, entity: Any, codenames: frozenset[str]) -> None:
    """Make the group hold exactly these codenames on this entity. At most four statements, however many.

    Raises Permission.DoesNotExist for a codename that the entity's model does not declare.
    """
    grants = type(entity)._meta.apps.get_model("entities", "EntityGroupObjectPermission")._default_manager
    held = grants.filter(group=group, content_object=entity)
    present = set(held.values_list("permission__codename", flat=True))
    if absent := codenames - present:
        content_type = ContentType.objects.get_for_model(entity)
        permissions = Permission.objects.filter(content_type=content_type, codename__in=absent)
        found = {permission.codename: permission for permission in permissions}
        if unknown := absent - found.keys():
            raise Permission.DoesNotExist(", ".join(sorted(unknown)))
        # Ours to write, as guardian's assign_perm asks for each row several times what is known here.
        grants.bulk_create(
            [
                grants.model(group=group, content_object=entity, permission=permission)
                for permission in found.values()
            ],
            ignore_conflicts=True,
        )
    if surplus := present - codenames:
        held.filter(permission__codename__in=surplus).delete()
