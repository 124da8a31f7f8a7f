"""What every public page shows around its content: names, notices, menus, theme.

Cheap on purpose: one cached value per site and language. A page that fails must still find its frame, so
nothing here raises when the database does not answer.
"""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from wagtail.models import Page, Site

from cms.reports.reference import example

from .models.tenant import MenuSettings, TenantSettings

# Changes by editors clear the cache at once (signals.py); this is for other processes with their own memory.
SECONDS = 60
# The admin has a frame of its own. What else answers no page renders one all the same where nothing is there.
BARE = "/admin/"
THEMES = ("light", "dark")


def cache_key(site_id: int, language: str) -> str:
    return f"content:frame:{site_id}:{language}"


def forget_frames() -> None:
    """After an editor has changed a name, a menu or a page's address."""
    site_ids = Site.objects.values_list("pk", flat=True)
    cache.delete_many([cache_key(pk, code) for pk in site_ids for code, _name in settings.LANGUAGES])


def site(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `tenant`, `menus`, `theme`, and the addresses that every page links.

    The admin only learns whether what it shows is invented: from the settings, for nothing.
    """
    if request.path_info.startswith(BARE):
        return {"is_demonstration": settings.SAWT_DEMO}
    language = translation.get_language() or settings.LANGUAGE_CODE
    try:
        frame = _frame(request, language)
    except DatabaseError:
        frame = {"tenant": _nameless(language), "menus": {"header": [], "footer": []}}
    theme = request.COOKIES.get("theme", "")
    return frame | {
        "theme": theme if theme in THEMES else "",
        "home_url": "/" if language == settings.LANGUAGE_CODE else f"/{language}/",
        "account_url": _part("portal:my_reports"),
        "reference_example": example(settings.SAWT_REFERENCE_PREFIX),
    }


def _frame(request: HttpRequest, language: str) -> dict[str, Any]:
    current = Site.find_for_request(request)
    if current is None:
        return {"tenant": _nameless(language), "menus": {"header": [], "footer": []}}
    key = cache_key(current.pk, language)
    frame = cache.get(key)
    if frame is None:
        tenant = TenantSettings.objects.filter(site=current).first() or TenantSettings(site=current)
        menus = MenuSettings.objects.filter(site=current).first()
        frame = {"tenant": tenant.as_shown(language), "menus": _menus(menus, current, language)}
        cache.set(key, frame, SECONDS)
    return frame


def _nameless(language: str) -> dict[str, Any]:
    return TenantSettings().as_shown(language)


def _part(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _menus(menus: MenuSettings | None, current: Site, language: str) -> dict[str, list[dict[str, Any]]]:
    if menus is None:
        return {"header": [], "footer": []}
    links = [b.value for b in menus.header] + [v for b in menus.footer for v in b.value["links"]]
    keys = [value["page"].translation_key for value in links if value["page"]]
    pages = {
        page.translation_key: page
        for page in Page.objects.live()
        .public()
        .filter(translation_key__in=keys, locale__language_code=language)
        .select_related("locale")
    }

    def shown(values: Any) -> list[dict[str, str]]:
        return [link for value in values if (link := _link(value, pages, current, language))]

    return {
        "header": shown([b.value for b in menus.header]),
        "footer": [
            {"heading": b.value[f"heading_{language}"], "links": shown(b.value["links"])}
            for b in menus.footer
        ],
    }


def _link(value: Any, pages: dict[Any, Page], current: Site, language: str) -> dict[str, str] | None:
    """Nothing for a page that is not live in this language, or a part of the service that is not there."""
    label = value[f"label_{language}"]
    if value["page"]:
        page = pages.get(value["page"].translation_key)
        parts = page.get_url_parts() if page else None
        if not page or not parts or not parts[2]:
            return None
        url = parts[2] if parts[0] == current.pk else parts[1] + parts[2]
        return {"label": label or page.title, "url": url}
    url = _part(value["part"]) if value["part"] else value["url"]
    return {"label": label, "url": url} if url else None
