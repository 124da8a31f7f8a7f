"""What Django refuses before a view is asked, such as a foreign Host: programs get a code."""

from __future__ import annotations

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from cms.content import views
from cms.language import API


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """400: coded JSON for the API, else the site's page. It asks neither host nor database."""
    prefix = next((one for one in API if f"{request.path_info}/".startswith(f"{one}/")), "")
    if not prefix:
        return views.bad_request(request, exception)
    code, message = "BAD_REQUEST", _("The request cannot be read.")
    if isinstance(exception, DisallowedHost):
        code, message = "HOST_REFUSED", _("This site does not go by the name in “Host”.")
    error = {"message": message, "extensions": {"code": code}}
    if prefix != "/graphql":
        error = {"code": code, "message": message}
    response = JsonResponse({"errors": [error]}, status=400, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
