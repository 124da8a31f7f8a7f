"""Who gains and who loses what when an entity moves in the tree: roles and grants climb down from above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from cms.entities.models import Entity, EntityUserObjectPermission, Membership
from permissions.models import User
from permissions.roles import ENTITY_CODENAMES


@dataclass(frozen=True)
class Change:
    """This person gains (or loses) these codenames, by what they hold at `entity`, which is above."""

    person: User
    entity: Entity
    gains: bool
    codenames: frozenset[str]

    @property
    def words(self) -> list[Promise]:
        return [label for code, label in ENTITY_CODENAMES.items() if code in self.codenames]


Held = dict[int, set[tuple[str, int]]]


def changes(entity: Entity, parent: Entity | None, *, at: datetime) -> list[Change]:
    """Those who lose first; within each, by name. Three statements."""
    before = {one.pk: one for one in entity.get_ancestors()}
    after = {one.pk: one for one in [*parent.get_ancestors(), parent]} if parent is not None else {}
    places = {**before, **after}
    held = _held([entity.pk, *places], at)
    found: list[tuple[int, int, bool, set[str]]] = []
    for person, rows in held.items():
        here = {code for code, where in rows if where == entity.pk}
        had = here | {code for code, where in rows if where in before}
        has = here | {code for code, where in rows if where in after}
        for gains, changed, now_at in ((False, had - has, before), (True, has - had, after)):
            for where in now_at:
                through = {code for code, held_at in rows if held_at == where} & changed
                if through:
                    found.append((person, where, gains, through))
    people = User.objects.filter(is_active=True).in_bulk({person for person, *_ in found})
    made = [
        Change(people[person], places[where], gains, frozenset(codes))
        for person, where, gains, codes in found
        if person in people
    ]
    return sorted(made, key=lambda one: (one.gains, one.person.name, one.person.pk, one.entity.path))


def _held(entities: list[int], at: datetime) -> Held:
    """Person → what they hold by object at these entities, and at which."""
    codename = "group__entitygroupobjectpermission__permission__codename"
    rows = Membership.objects.valid(at).filter(entity_id__in=entities)
    held: Held = {}
    for person, where, code in rows.values_list("person_id", "entity_id", codename):
        if code is not None:
            held.setdefault(person, set()).add((code, where))
    grants = EntityUserObjectPermission.objects.valid(at).filter(content_object_id__in=entities)
    for person, where, code in grants.values_list("user_id", "content_object_id", "permission__codename"):
        held.setdefault(person, set()).add((code, where))
    return held
