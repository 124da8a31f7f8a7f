"""Tags of the contact centre's screen."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cms.entities.phone import masked
from search.analysis import LETTERS

register = template.Library()


@register.filter
def at(mapping: dict[str, Any], key: str) -> Any:
    return mapping.get(key, "")


@register.filter
def masked_number(e164: str) -> SafeString:
    """Enough to know it by."""
    return format_html('<bdi dir="ltr">{}</bdi>', masked(str(e164 or "")))


@register.filter
def shown_number(e164: str) -> SafeString:
    return format_html('<bdi dir="ltr">{}</bdi>', e164)


@register.simple_tag
def letters() -> str:
    """The search's one letter for its spellings, for the list of places to fold by: JSON."""
    return json.dumps({chr(sign): plain for sign, plain in LETTERS.items()}, ensure_ascii=False)
