"""Lets Wagtail and Django ask for region-wide codenames and for entry to the admin."""

from __future__ import annotations

from typing import Any

from .policy import Scope, scope_of


class MembershipBackend:
    """Whoever serves an entity or the region, today, may enter the admin; what they find there is theirs.

    It signs nobody in. Without `get_user`, so that allauth, which takes the first backend that has one, gives
    the session of who has shown a second factor to Django's.
    """

    def authenticate(self, request: Any, **credentials: Any) -> None:
        return None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if obj is not None or not getattr(user_obj, "is_active", False):
            return False
        if perm == "wagtailadmin.access_admin":
            scope = self._scope(user_obj)
            return bool(scope.region or scope.entities)
        app, _, codename = perm.partition(".")
        return app == "entities" and self._scope(user_obj).everywhere(codename)

    @staticmethod
    def _scope(user_obj: Any) -> Scope:
        # The user object lives as long as its request, so this asks once per request.
        scope: Scope | None = getattr(user_obj, "_sawt_backend_scope", None)
        if scope is None:
            scope = scope_of(user_obj)
            user_obj._sawt_backend_scope = scope
        return scope
