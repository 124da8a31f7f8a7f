"""The engine: what codenames an actor holds, where, right now. Knows no model above it.

`scope_of` costs one query. Everything else is arithmetic on its result, so the cost of a check grows with the
entities one serves (a handful) and never with the reports (millions).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from .models import User


@dataclass(frozen=True)
class Scope:
    """What one actor holds at one moment.

    `region`: codenames held for every entity and for what has none. `entities`: codename → ids of entities,
    children included. `kin`: every entity at or above one that the actor serves, for rules that subtract: a
    complaint about an entity is hidden from those who serve it or one below it. Its parent may handle it.
    """

    user_id: int | None
    region: frozenset[str] = frozenset()
    entities: dict[str, frozenset[int]] = field(default_factory=dict)
    kin: frozenset[int] = frozenset()

    def everywhere(self, codename: str) -> bool:
        return codename in self.region

    def at(self, codename: str) -> frozenset[int]:
        """Ids of the entities where the codename is held by object; region-wide holders are not listed."""
        return self.entities.get(codename, frozenset())

    def has(self, codename: str, entity_id: int | None) -> bool:
        """Held region-wide, or on this entity. Where there is no entity, region-wide alone counts."""
        return codename in self.region or (entity_id is not None and entity_id in self.at(codename))

    def anywhere(self, codename: str) -> bool:
        return codename in self.region or bool(self.at(codename))


NOBODY = Scope(user_id=None)

# Set by `cms.entities`, which owns the tables of memberships and grants.
_resolver: Callable[[int, datetime], list[tuple[str, int | None]]] | None = None
KIN = "~kin"


def register_resolver(resolver: Callable[[int, datetime], list[tuple[str, int | None]]]) -> None:
    """`resolver(user_id, at)` gives (codename, entity id or None for region-wide) rows; KIN marks kin."""
    global _resolver
    _resolver = resolver


def scope_of(user: Any, *, at: datetime | None = None) -> Scope:
    """The scope of a user at a moment (now by default): one query; anonymous and inactive users hold nothing.

    Never asks `is_superuser`. Not cached here: a request keeps it with `scope_for_request`, an action asks
    again after its lock, so that access ends at once.
    """
    if not isinstance(user, User) or not user.is_active or user.pk is None:
        return NOBODY
    if _resolver is None:
        raise RuntimeError("cms.entities has not registered its grants")
    region: set[str] = set()
    entities: dict[str, set[int]] = {}
    kin: set[int] = set()
    for codename, entity_id in _resolver(user.pk, at or timezone.now()):
        if codename == KIN:
            if entity_id is not None:
                kin.add(entity_id)
        elif entity_id is None:
            region.add(codename)
        else:
            entities.setdefault(codename, set()).add(entity_id)
    return Scope(
        user_id=user.pk,
        region=frozenset(region),
        entities={codename: frozenset(ids) for codename, ids in entities.items()},
        kin=frozenset(kin),
    )


def scope_for_request(request: Any) -> Scope:
    """The scope of the request's user, asked once per request."""
    scope: Scope | None = getattr(request, "_sawt_scope", None)
    user = getattr(request, "user", None)
    if scope is None or scope.user_id != getattr(user, "pk", None):
        scope = scope_of(user)
        request._sawt_scope = scope
    return scope
