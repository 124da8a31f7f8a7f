"""Who may call from a browser: our own pages and the origins of an allow-list. Everybody else is refused.

No cookie authenticates anything here, so this protects no session; it keeps foreign pages from sending
requests through their visitors' browsers and addresses.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from .conf import cors_origins

HEADERS = "Accept, Accept-Language, Authorization, Content-Type"
EXPOSED = "RateLimit, RateLimit-Policy, Retry-After, X-Correlation-Id"


def origin_of(request: HttpRequest) -> str:
    return request.META.get("HTTP_ORIGIN", "")


def is_allowed(request: HttpRequest) -> bool:
    """No Origin (no browser), our own, or one of the list."""
    origin = origin_of(request)
    if not origin:
        return True
    return origin == f"{request.scheme}://{request.get_host()}" or origin in cors_origins()


def add_headers(request: HttpRequest, response: HttpResponse) -> None:
    patch_vary_headers(response, ("Origin",))
    origin = origin_of(request)
    if origin in cors_origins():
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = EXPOSED


def preflight(request: HttpRequest, methods: str = "GET, POST") -> HttpResponse:
    response = HttpResponse(status=204)
    response["Allow"] = f"{methods}, OPTIONS"
    if origin_of(request) in cors_origins():
        response["Access-Control-Allow-Methods"] = methods
        response["Access-Control-Allow-Headers"] = HEADERS
        response["Access-Control-Max-Age"] = "600"
    return response
