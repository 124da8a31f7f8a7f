"""Who may search: whoever may see reports at the desk, each within what they see."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from permissions.policy import Scope

from ..access import scope_of_request, sees_reports


def guarded(request: HttpRequest) -> Scope:
    scope = scope_of_request(request)
    if not sees_reports(scope):
        raise PermissionDenied
    return scope
