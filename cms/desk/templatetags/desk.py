"""Tags of the staff's templates."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.auth import user_has_any_page_permission

from cms.content.counting import file_size
from cms.reports.models import Event
from cms.reports.timeline import text_of

from .. import states, words

register = template.Library()
register.filter(file_size)


@register.simple_tag
def glyph(name: str) -> SafeString:
    """An icon of the admin's sprite, beside words that say the same."""
    return format_html('<svg class="ico" aria-hidden="true"><use href="#icon-{}"></use></svg>', name)


@register.simple_tag
def arrow(way: str) -> SafeString:
    """`on` points where reading goes, `back` where it came from: Wagtail turns both around in Arabic."""
    return glyph("arrow-right" if way == "on" else "arrow-left")


@register.filter
def state_icon(state: str) -> str:
    return states.icon_of(state)


@register.filter
def initial(name: str) -> str:
    return name.strip()[:1]


@register.filter
def staff_moment(value: datetime | None) -> SafeString | str:
    """`Today 12:02 pm` inside <time>."""
    if not value:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>',
        value.isoformat(timespec="minutes"),
        words.moment(value, timezone.now()),
    )


@register.filter
def staff_day(value: date) -> SafeString:
    """`Tomorrow` inside <time>."""
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(), words.calendar_day(value, timezone.localdate())
    )


@register.filter
def said(event: Event) -> str:
    """The text of an event; nothing where it was erased."""
    return text_of(event)


@register.simple_tag(takes_context=True)
def edits_pages(context: template.Context) -> bool:
    """Whether Wagtail's page screens mean anything to this person."""
    return bool(user_has_any_page_permission(context["request"].user))
