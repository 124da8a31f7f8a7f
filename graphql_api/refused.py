"""What is answered outside of a view, as to a foreign Host or without a database: programs get a code."""

from __future__ import annotations

import sys
from typing import Any

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from cms.content import views
from cms.language import API
from cms.outbox import correlation

from .masking import UNAVAILABLE, bug, unavailable


def _prefix(request: HttpRequest) -> str:
    return next((one for one in API if f"{request.path_info}/".startswith(f"{one}/")), "")


def _coded(prefix: str, status: int, message: str, **extensions: Any) -> JsonResponse:
    """The answer in the shape that the address's other errors have."""
    error = {"message": message, "extensions": extensions}
    if prefix != "/graphql":
        error = {"message": message, **extensions}
    response = JsonResponse({"errors": [error]}, status=status, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """400: coded JSON for the API, else the site's page. It asks neither host nor database."""
    prefix = _prefix(request)
    if not prefix:
        return views.bad_request(request, exception)
    if isinstance(exception, DisallowedHost):
        return _coded(prefix, 400, _("This site does not go by the name in “Host”."), code="HOST_REFUSED")
    return _coded(prefix, 400, _("The request cannot be read."), code="BAD_REQUEST")


def server_error(request: HttpRequest) -> HttpResponseBase:
    """500, or 503 while the database is away: coded JSON for the API, else the site's page."""
    prefix = _prefix(request)
    if not prefix:
        return views.server_error(request)
    if not isinstance(sys.exc_info()[1], views.DATABASE_AWAY):
        return _coded(prefix, 500, bug(), code="INTERNAL", correlationId=correlation.present())
    response = _coded(prefix, 503, unavailable(), code=UNAVAILABLE, retryAfter=views.TRY_AGAIN_SECONDS)
    response["Retry-After"] = str(views.TRY_AGAIN_SECONDS)
    return response
