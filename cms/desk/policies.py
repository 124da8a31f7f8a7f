"""Wagtail's question 'may this user …?' answered by a codename, and by nothing else.

Wagtail's generic views ask the model-wide permission only; ours are guarded again one by one
(`viewsets/guarded.py`), so that no view of a model is open to who lacks its codename.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from wagtail.permission_policies import BasePermissionPolicy

from permissions.policy import Scope, scope_of

READ = frozenset({"view"})
KEEP = frozenset({"view", "add", "change"})
KEEP_AND_DELETE = KEEP | {"delete"}


def scope_of_user(user: Any) -> Scope:
    """Once per user object, which lives as long as its request."""
    scope: Scope | None = getattr(user, "_sawt_backend_scope", None)
    return scope if scope is not None else scope_of(user)


class CodenamePolicy(BasePermissionPolicy):
    """`actions` of a model are open to who holds `codename` region-wide; being a superuser is no codename."""

    def __init__(self, model: Any, codename: str, actions: frozenset[str] = KEEP) -> None:
        super().__init__(model)
        self.codename = codename
        self.actions = actions

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in self.actions and scope_of_user(user).everywhere(self.codename)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def users_with_any_permission(self, actions: Any) -> Any:
        people = get_user_model()._default_manager.filter(is_active=True)
        if not self.actions.intersection(actions):
            return people.none()
        return people.filter(pk__in=[p.pk for p in people if scope_of(p).everywhere(self.codename)])
