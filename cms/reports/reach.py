"""What one person can see, and through what: their memberships and grants, and how far down each reaches.

The other side of `sight`. For a screen of one person: it costs a few queries, and none per entity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity, EntityGroupObjectPermission, EntityUserObjectPermission, Membership
from permissions.models import User
from permissions.roles import CODENAMES, ROLES


class Standing(StrEnum):
    """Of a membership or a grant at one moment; one in force holds its codenames, the others nothing."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    ENDED = "ended"
    UNCONFIRMED = "unconfirmed"

    @property
    def label(self) -> Promise:
        return STANDINGS[self]


STANDINGS: dict[Standing, Promise] = {
    Standing.IN_FORCE: _("In force"),
    Standing.NOT_YET: _("Not yet"),
    Standing.ENDED: _("Ended"),
    Standing.UNCONFIRMED: _("Waits for a second administrator"),
}


@dataclass(frozen=True)
class Source:
    """One membership or personal grant. `entity` None: the whole region and what has no entity.

    `codenames` are what it gives, in force or not; `below` the entities that inherit them from `entity`.
    """

    row: Membership | EntityUserObjectPermission
    label: str
    entity: Entity | None
    codenames: frozenset[str]
    standing: Standing
    below: list[Entity] = field(default_factory=list)

    @property
    def holds(self) -> list[Promise]:
        """What it gives in words, in the order of the table of codenames."""
        return [label for code, label in CODENAMES.items() if code in self.codenames]

    @property
    def absent(self) -> bool:
        return bool(getattr(self.row, "absent_from", None))


@dataclass(frozen=True)
class Reach:
    """Of one person. Who is not active holds nothing, whatever is in force."""

    memberships: list[Source]
    grants: list[Source]

    @property
    def in_force(self) -> list[Source]:
        """What `permissions.policy` counts with."""
        return [one for one in (*self.memberships, *self.grants) if one.standing is Standing.IN_FORCE]


def reach_of(person: User, *, at: datetime) -> Reach:
    """All that was ever given to this person, the latest first, and what of it holds at that moment."""
    rows = Membership.objects.filter(person=person).select_related("person", "entity", "group")
    memberships = list(rows.prefetch_related("group__permissions").order_by("-valid_from", "-pk"))
    valid = set(Membership.objects.valid(at).filter(person=person).values_list("pk", flat=True))
    given = EntityUserObjectPermission.objects.filter(user=person).order_by("-valid_from", "-pk")
    grants = list(given.select_related("content_object", "permission", "granted_by", "confirmed_by"))
    below = _below([*(row.entity for row in memberships), *(row.content_object for row in grants)])
    codenames = _of_groups([row.group_id for row in memberships if row.entity_id])
    return Reach(
        memberships=[
            Source(
                row,
                str(ROLES[row.role].label),
                row.entity,
                codenames.get((row.group_id, row.entity_id), frozenset())
                if row.entity_id
                else frozenset(held.codename for held in row.group.permissions.all()),
                Standing.IN_FORCE if row.pk in valid else _why(row, at),
                below.get(row.entity_id or 0, []),
            )
            for row in memberships
        ],
        grants=[
            Source(
                row,
                str(CODENAMES[row.permission.codename]),
                row.content_object,
                frozenset({row.permission.codename}),
                _why(row, at),
                below.get(row.content_object_id, []),
            )
            for row in grants
        ],
    )


def _why(row: Any, at: datetime) -> Standing:
    if row.valid_until is not None and row.valid_until <= at:
        return Standing.ENDED
    if row.needs_confirmation and row.confirmed_at is None:
        return Standing.UNCONFIRMED
    return Standing.NOT_YET if row.valid_from > at else Standing.IN_FORCE


def _of_groups(groups: list[int]) -> dict[tuple[int, int], frozenset[str]]:
    """(group, entity) → the codenames that the group holds there."""
    rows = EntityGroupObjectPermission.objects.filter(group_id__in=groups)
    found: dict[tuple[int, int], set[str]] = {}
    for group, entity, code in rows.values_list("group_id", "content_object_id", "permission__codename"):
        found.setdefault((group, entity), set()).add(code)
    return {key: frozenset(codes) for key, codes in found.items()}


def _below(entities: Iterable[Entity | None]) -> dict[int, list[Entity]]:
    """Entity → those below it, in the tree's order; of a tenant's whole tree, which is read once."""
    wanted = {entity.pk: entity for entity in entities if entity is not None}
    if not any(entity.numchild for entity in wanted.values()):
        return {}
    tree = list(Entity.objects.order_by("path"))
    return {
        pk: [one for one in tree if one.path.startswith(entity.path) and one.pk != pk]
        for pk, entity in wanted.items()
    }
