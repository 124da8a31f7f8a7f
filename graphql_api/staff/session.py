"""Whose session a request carries: staff of our own pages, who send the page's CSRF token with it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from cms.reports.actors import StaffActor
from permissions.models import User


class _Check(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)


def staff_of(request: HttpRequest) -> StaffActor | None:
    """None for a cookie that comes without its token: a page of another site could have sent it."""
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return None
    check = _Check(lambda _request: HttpResponse())
    check.process_request(request)
    refused = check.process_view(request, lambda _request: HttpResponse(), (), {})
    return None if refused is not None else StaffActor(user)
