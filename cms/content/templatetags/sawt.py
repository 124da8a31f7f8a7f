"""Tags and filters of the public site's templates."""

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.urls import translate_url
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from cms.content import counting, dates, guide

register = template.Library()

SHORT_NUMBER = re.compile("(?<![0-9+])([0-9]{3,4})(?![0-9])")

# Embeddings, overrides and isolates: one of these in a name turns the rest of the line around.
BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """`{% icon "search" %}`; `{% icon "arrow" "i--dir" %}` for one that points."""
    return format_html(
        '<svg class="i{}" aria-hidden="true" focusable="false"><use href="{}#i-{}"/></svg>',
        f" {css}" if css else "",
        static("icons.svg"),
        name,
    )


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """The Gregorian day in words, inside `<time>`."""
    if not value:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>',
        dates.local_day(value).isoformat(),
        counting.digits(dates.gregorian(value, _language())),
    )


@register.filter
def hijri(value: date | datetime | None) -> str:
    """The Umm al-Qura day in words."""
    return counting.digits(dates.umm_al_qura(value, _language())) if value else ""


@register.filter
def both_dates(value: date | datetime | None) -> SafeString | str:
    """Gregorian first, Umm al-Qura beside it."""
    if not value:
        return ""
    other = hijri(value)
    return format_html('{} <span class="aside">({})</span>', day(value), other) if other else day(value)


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """Day and time in words, Riyadh time."""
    if not value:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>',
        value.isoformat(timespec="minutes"),
        counting.digits(dates.moment(value, _language())),
    )


@register.filter
def both_moments(value: datetime | None) -> SafeString | str:
    """Day and time in words, with the Umm al-Qura day beside it."""
    if not value:
        return ""
    return format_html('{} <span class="aside">({})</span>', moment(value), hijri(value))


@register.filter
def isolate(value: Any) -> SafeString:
    """A reference, a name or a phone number that must not turn the text around it (nor be turned)."""
    return format_html("<bdi>{}</bdi>", BIDI_CONTROLS.sub("", str(value if value is not None else "")))


@register.filter
def ltr(value: Any) -> SafeString:
    """The same for what is always written left to right: references, phones, addresses, coordinates."""
    text = BIDI_CONTROLS.sub("", str(value if value is not None else ""))
    return format_html('<bdi dir="ltr">{}</bdi>', text)


@register.filter
def with_calls(text: str) -> SafeString:
    """A sentence whose short numbers (911, 1919) can be tapped."""
    parts = SHORT_NUMBER.split(text)
    return format_html_join(
        "",
        "{}{}",
        (
            (part, "")
            if at % 2 == 0
            else (format_html('<b><a href="tel:{}"><bdi dir="ltr">{}</bdi></a></b>', part, part), "")
            for at, part in enumerate(parts)
        ),
    )


@register.filter
def digits(value: Any) -> str:
    """The tenant's digits (0–9, or ٠–٩ on Arabic pages)."""
    return counting.digits(str(value))


@register.filter
def number(value: int | float | None) -> str:
    """12,310 in the tenant's digits."""
    return "" if value is None else counting.grouped(value)


@register.filter
def percent(value: int | float) -> str:
    """As CLDR writes it in Arabic: with marks, or the sign changes sides from one line to the next."""
    mark = "\u200e" if _language().startswith("ar") else ""
    return f"{counting.grouped(value)}{mark}%{mark}"


@register.filter
def counted(value: int, noun: str) -> str:
    """`{{ days|counted:"working_day" }}`: a noun with its right plural (six forms in Arabic)."""
    return counting.counted(value, noun)


@register.simple_tag(takes_context=True)
def language_links(context: template.Context) -> list[dict[str, Any]]:
    """This page in each language: `code`, `label`, `url`, `current`, and whether it is `there`.

    The switch leads to the home page of a language that the page is not in; hreflang leaves it out.
    """
    request = context.get("request")
    page = context.get("page")
    links = []
    for code, _name in settings.LANGUAGES:
        url = _translated(request, page, code)
        links.append(
            {
                "code": code,
                "label": {"ar": "العربية", "en": "English"}.get(code, code),
                "url": url or _home_in(code),
                "current": code == _language(),
                "there": bool(url),
            }
        )
    return links


def _home_in(code: str) -> str:
    return "/" if code == settings.LANGUAGE_CODE else f"/{code}/"


def _translated(request: Any, page: Any, code: str) -> str:
    versions = getattr(page, "language_urls", None)
    if versions is not None and request is not None and request.method == "GET":
        urls = versions(request)
        query = request.META.get("QUERY_STRING", "")
        return urls[code] + (f"?{query}" if query and code != _language() else "") if code in urls else ""
    home = _home_in(code)
    if request is None:
        return home
    here = request.get_full_path()
    there = translate_url(here, code)
    # An address that leads nowhere cannot be translated: the other language's home is the nearest thing.
    return there if code == _language() or there != here else home


@register.simple_tag(takes_context=True)
def absolute(context: template.Context, path: str) -> str:
    """A full address for what leaves the site: Open Graph, hreflang, feeds."""
    request = context.get("request")
    return request.build_absolute_uri(path) if request is not None else path


@register.simple_tag
def promise(service: Any, which: str = "resolution") -> str:
    """What the catalogue promises for a service: `3 working days`, or nothing."""
    return guide.promise(service, which)


@register.simple_tag(takes_context=True)
def current(context: template.Context, url: str) -> SafeString | str:
    """Marks the menu's entry that one is at, or below: a report's page is below following."""
    request = context.get("request")
    path = request.path if request is not None else ""
    if url == path:
        return format_html(' aria-current="{}"', "page")
    # Everything is below the home page, which is no part.
    is_below = url != context.get("home_url") and url.endswith("/") and path.startswith(url)
    return format_html(' aria-current="{}"', "true") if is_below else ""
