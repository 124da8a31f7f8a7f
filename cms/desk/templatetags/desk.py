"""Tags of the staff's templates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from wagtail.admin.auth import user_has_any_page_permission

from cms.content.counting import file_size
from cms.reports.models import Event
from cms.reports.timeline import text_of

from .. import states, words
from ..promises import Due

register = template.Library()
register.filter(file_size)

SELECTED = " selected"
CHECKED = " checked"
# What a cell shows without a word.
SHOWN = re.compile(r"<(?:svg|img|input|button)\b")


@register.simple_tag
@lru_cache(maxsize=200)
def glyph(name: str) -> SafeString:
    """An icon of the admin's sprite, beside words that say the same."""
    return format_html('<svg class="ico" aria-hidden="true"><use href="#icon-{}"></use></svg>', name)


@register.simple_tag
def arrow(way: str) -> SafeString:
    """`on` points where reading goes, `back` where it came from: Wagtail turns both around in Arabic."""
    return glyph("arrow-right" if way == "on" else "arrow-left")


@register.simple_tag
def options(choices: Iterable[tuple[str, str]], chosen: str | None) -> SafeString:
    """<option>s of (value, words): a template's own loop over a catalogue costs as much as the page."""
    return mark_safe(  # noqa: S308 (each part is escaped)
        "".join(
            f'<option value="{escape(value)}"{SELECTED if value == chosen else ""}>{escape(label)}</option>'
            for value, label in choices
        )
    )


@register.simple_tag
def boxes(kind: str, name: str, choices: Iterable[tuple[Any, Any]], chosen: Any) -> SafeString:
    """Radio buttons or checkboxes of (value, words); `chosen` is a value, or a list of them."""
    ticked = set(chosen) if isinstance(chosen, list) else {chosen}
    return mark_safe(  # noqa: S308 (each part is escaped)
        "".join(
            f'<label class="check"><input type="{kind}" name="{name}" value="{escape(str(value))}"'
            f"{CHECKED if value in ticked else ''}>{escape(str(label))}</label>"
            for value, label in choices
        )
    )


@register.simple_tag
def due_meter(due: Due | None) -> SafeString | str:
    """A promise in words, with how much of its time is used; nothing where none was given."""
    if not due:
        return ""
    meter = note = ""
    if due.percent is not None:
        used = escape(gettext("%(percent)s%% of the time is used") % {"percent": due.percent})
        meter = f'<progress max="100" value="{due.percent:d}" aria-label="{used}"></progress>'
    if due.note:
        note = f"<small>{escape(str(due.note))}</small>"
    said = f"<b>{glyph(due.icon)}{escape(str(due.text))}</b>"
    return mark_safe(f'<div class="due {escape(due.tone)}">{said}{meter}{note}</div>')  # noqa: S308 (escaped)


@register.simple_tag
def both_days(first: date, last: date) -> SafeString:
    """Days, the last included, in both calendars."""
    hijri = words.hijri_days_between(first, last)
    return format_html("{} <small>{}</small>", words.days_between(first, last), hijri)


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


@register.simple_tag(takes_context=True)
def heading(context: template.Context, header: Any) -> SafeString:
    """A column's heading in Wagtail's markup: <th> of a table that its CSS may draw as cards."""
    return _opened(header.render_html(context), "th", ' role="columnheader"')


@register.simple_tag(takes_context=True)
def labelled(context: template.Context, cell: Any) -> SafeString:
    """A cell in Wagtail's markup: <td> with its column's heading, and whether there is nothing in it."""
    html = cell.render_html(context)
    label = escape(str(cell.column.label or "").strip())
    blank = "" if SHOWN.search(html) or strip_tags(html).strip() else " data-blank"
    return _opened(html, "td", f' role="cell" data-label="{label}"{blank}')


def _opened(html: str, tag: str, attributes: str) -> SafeString:
    """With `attributes`, which are escaped, in its first <tag>."""
    return mark_safe(html.replace(f"<{tag}", f"<{tag}{attributes}", 1))  # noqa: S308 (rendered by Wagtail)
