"""What the portal's templates need beyond the site's own tags."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from cms.content.counting import counted, file_size
from cms.content.dates import GREGORIAN_MONTHS
from cms.content.templatetags.sawt import BIDI_CONTROLS
from cms.entities.phone import masked, served_countries
from cms.portal.drafts import named
from search.analysis import LETTERS

register = template.Library()
register.filter(file_size)

ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
LATIN = re.compile("[A-Za-z]")
# Written in Latin letters in any language: web and e-mail addresses, references and secrets.
NO_WORDS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+|\b[A-Z0-9]{2,}(?:-[A-Z0-9]+)+\b")


@register.simple_tag(takes_context=True)
def step_url(context: template.Context, url: str, **narrowed: str) -> str:
    """A step's address, with the draft that this page shows."""
    address = reverse(url) + (f"?{urlencode(narrowed)}" if narrowed else "")
    draft = context.get("draft")
    return named(address, draft.key) if draft else address


@register.filter
def within(row: Any) -> str:
    """What was promised, beside the date that came of it: `3 working days`, or `8 hours` around the clock."""
    whole = timedelta(hours=row.value) if row.unit == "hours" else timedelta(days=row.value)
    around_the_clock = abs(row.due_at - row.starts_at - whole) < timedelta(minutes=1)
    noun = "hour" if row.unit == "hours" else "day"
    return counted(row.value, noun if around_the_clock else f"working_{noun}")


@register.filter
def month(value: date) -> str:
    """`نوفمبر 2026` or `November 2026`."""
    names = GREGORIAN_MONTHS["en" if (get_language() or "ar").startswith("en") else "ar"]
    return f"{names[value.month - 1]} {value.year}"


def language_of(text: str) -> str:
    """`ar` or `en`, by the script most of its words are written in."""
    text = NO_WORDS.sub("", text)
    return "ar" if len(ARABIC.findall(text)) >= len(LATIN.findall(text)) else "en"


@register.filter
def written(text: Any) -> SafeString:
    """What a person wrote, as they wrote it: paragraphs with their language and direction."""
    clean = BIDI_CONTROLS.sub("", str(text or "")).strip()
    language = language_of(clean)
    paragraphs = [
        "<p>" + "<br>".join(str(conditional_escape(line)) for line in part.split("\n")) + "</p>"
        for part in re.split(r"\n{2,}", clean)
    ]
    return format_html(
        '<div class="written" lang="{}" dir="{}">{}</div>',
        language,
        "rtl" if language == "ar" else "ltr",
        mark_safe("".join(paragraphs)),  # noqa: S308 - every line is escaped above
    )


@register.filter
def written_line(text: Any) -> SafeString:
    """The same for a few words inside a line."""
    clean = BIDI_CONTROLS.sub("", str(text or ""))
    language = language_of(clean)
    return format_html(
        '<bdi lang="{}" dir="{}">{}</bdi>', language, "rtl" if language == "ar" else "ltr", clean
    )


LINK = re.compile(r"https?://[^\s/]+(/t/[0-9A-Za-z]{10})(?![0-9A-Za-z])")


@register.filter
def sms(text: Any, language: str = "") -> SafeString:
    """A message of ours as a phone shows it: its own link can be tapped, and leads to this very server."""
    shown = LINK.sub(
        r'<a href="\1" dir="ltr">\g<0></a>', str(conditional_escape(BIDI_CONTROLS.sub("", str(text))))
    )
    language = language or language_of(str(text))
    return format_html(
        '<p class="written" lang="{}" dir="{}">{}</p>',
        language,
        "rtl" if language == "ar" else "ltr",
        mark_safe(shown),  # noqa: S308 - escaped above
    )


@register.filter
def masked_phone(e164: str) -> SafeString:
    """One's own number: enough to know it by."""
    return format_html('<bdi dir="ltr">{}</bdi>', masked(str(e164 or "")))


@register.filter
def get(mapping: Any, key: Any) -> Any:
    return mapping.get(key, "") if mapping else ""


@register.inclusion_tag("portal/error.html")
def error(problems: dict[str, str], field: str) -> dict[str, str]:
    """The sentence at a field, and the id that its input is described by: `<field>-e`."""
    return {"message": problems.get(field, ""), "field": field}


@register.simple_tag
def described(problems: dict[str, str], field: str, *others: str) -> SafeString:
    """aria-describedby and aria-invalid for an input, from its hints and its error."""
    ids = [f"{field}-{other}" for other in others if other]
    if problems.get(field):
        ids.append(f"{field}-e")
    if not ids:
        return mark_safe("")
    invalid = mark_safe(' aria-invalid="true"') if problems.get(field) else ""
    return format_html(' aria-describedby="{}"{}', " ".join(ids), invalid)


@register.simple_tag
def letters() -> str:
    """The search's one letter for its spellings, for the page's script to fold by: JSON."""
    return json.dumps({chr(sign): plain for sign, plain in LETTERS.items()}, ensure_ascii=False)


@register.simple_tag
def served() -> str:
    """The countries whose mobile numbers are taken."""
    return served_countries(get_language() or "ar")
