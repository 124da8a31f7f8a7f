"""What a browser is told to refuse: a strict Content-Security-Policy and the headers that belong to it.

No `unsafe-inline` for scripts anywhere. Wagtail's few inline scripts are replaced by ours
(`cms/content/templates/wagtailadmin/`), so the admin needs no nonce either.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

ADMIN = "/admin/"
SELF = "'self'"


def _tile_origin() -> str:
    parts = urlsplit(settings.SAWT_MAP_TILES)
    return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}" if parts.netloc else ""


def site_policy() -> dict[str, list[str]]:
    """The public site and the API: our own files only (and the map's tiles, where a tenant has them)."""
    images = [SELF, "data:", "blob:"]
    if origin := _tile_origin():
        images.append(origin)
    return {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": images,
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }


def admin_policy() -> dict[str, list[str]]:
    """Scripts as strict as on the site. Wagtail's editors draw their own styles, and preview in a frame."""
    return site_policy() | {"style-src": [SELF, "'unsafe-inline'"], "frame-src": [SELF]}


def as_header(policy: dict[str, list[str]]) -> str:
    return "; ".join(f"{name} {' '.join(values)}" for name, values in policy.items())


class ContentSecurityPolicyMiddleware:
    """Adds the headers to every response that does not bring its own policy (served documents do)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.site = as_header(site_policy())
        self.admin = as_header(admin_policy())

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        policy = self.admin if request.path_info.startswith(ADMIN) else self.site
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(), microphone=()")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response
