"""The site's own views beside its pages: theme, search, site map, 'was this page useful?', errors."""

import hashlib
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.cache import cache
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.template import loader
from django.templatetags.static import static
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe
from wagtail.models import Page, Site

from permissions.clients import client_address

from .context import THEMES
from .finding import find
from .models import PageVote

TRY_AGAIN_SECONDS = 60
# Raised while the database is away, restarting, or gives no lock in time: it passes.
DATABASE_AWAY = (OperationalError, InterfaceError)
YEAR = 365 * 24 * 60 * 60


def _home() -> str:
    """The site's first page in the reader's language."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    return "/" if language == settings.LANGUAGE_CODE else f"/{language}/"


def _safe_next(request: HttpRequest, fallback: str) -> str:
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        # Only the way on this site is kept: no host, no fragment of somebody else's making.
        parts = urlsplit(target)
        return urlunsplit(("", "", parts.path or "/", parts.query, parts.fragment))
    return fallback


@csrf_exempt
@never_cache
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the chosen theme in a cookie. Exempt from CSRF: it changes one colour scheme and nothing else."""
    response = redirect(_safe_next(request, _home()))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found = find(query, translation.get_language() or settings.LANGUAGE_CODE) if query else None
    return render(request, "content/search.html", {"query": query, "found": found})


@require_safe
def sitemap_page(request: HttpRequest) -> HttpResponse:
    """The site map that people read; search engines have sitemap.xml."""
    language = translation.get_language()
    home = Page.objects.filter(depth=2, locale__language_code=language).live().first()
    pages = home.get_descendants().live().public().order_by("path") if home else Page.objects.none()
    return render(request, "content/sitemap.html", {"home": home, "pages": pages})


@never_cache
@require_POST
def vote(request: HttpRequest, page_id: int) -> HttpResponse:
    """One answer to 'was this page useful?' per page and address in half a day."""
    page = get_object_or_404(Page.objects.live().public(), pk=page_id)
    answer = request.POST.get("useful", "")
    if answer in ("1", "0"):
        who = hashlib.blake2s(
            client_address(request).encode(),
            key=settings.SECRET_KEY.encode()[:32],
            digest_size=12,
        ).hexdigest()
        if cache.add(f"content:vote:{page.pk}:{who}", 1, int(PageVote.once_in.total_seconds())):
            PageVote.objects.create(page=page, useful=answer == "1")
    return redirect(f"{page.get_url(request) or '/'}?thanks=1#useful")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Asked for by what reads no page, such as a tab with a picture; every page names the drawing itself."""
    response = redirect(static("img/logo.svg"))
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    """A demonstration asks not to be found: its figures are invented."""
    from .models import TenantSettings

    current = Site.find_for_request(request)
    tenant = TenantSettings.objects.filter(site=current).first()
    official = tenant is not None and tenant.stamp == TenantSettings.Stamp.OFFICIAL
    rules = ["Disallow: /admin/", "Disallow: /t/", "Disallow: /demo/"] if official else ["Disallow: /"]
    lines = ["User-agent: *", *rules, f"Sitemap: {request.build_absolute_uri('/sitemap.xml')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _plain(request: HttpRequest, template: str, status: int, **headers: str) -> HttpResponse:
    """A page that asks no database, cache or context processor: one of them may be what failed."""
    theme_cookie = request.COOKIES.get("theme", "")
    context = {
        "LANGUAGE_CODE": translation.get_language() or settings.LANGUAGE_CODE,
        "theme": theme_cookie if theme_cookie in THEMES else "",
        "home_url": _home(),
        "status": status,
        "is_demonstration": settings.SAWT_DEMO,
    }
    return HttpResponse(loader.get_template(template).render(context), status=status, headers=headers)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """A foreign Host or a form of too many fields. Nothing is looked up for it: anybody may send millions."""
    return _plain(request, "400.html", 400)


class MethodNotAllowedMiddleware:
    """Who opens a form's address, or sends to a page's, gets a page: Django's own answer is an empty one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or not request.accepts("text/html"):
            return response
        return _plain(request, "405.html", 405, **response.headers)


def server_error(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Without its database no address can be told from one that is not here: that is 503, and passes."""
    if isinstance(sys.exc_info()[1], DATABASE_AWAY):
        return _plain(request, "500.html", 503, **{"Retry-After": str(TRY_AGAIN_SECONDS)})
    return _plain(request, "500.html", 500)
