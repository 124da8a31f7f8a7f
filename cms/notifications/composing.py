"""A message to a report's sender, composed when it is sent: its texts, in the report's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, override

from cms.entities.models import Entity
from cms.entities.naming import in_language
from cms.reports.models import Report
from cms.reports.secrets import TOKEN_LENGTH

from .models import SmsTemplate
from .rendering import fill, filled_for_screen, placeholders_of


@dataclass(frozen=True)
class Composed:
    """`text` goes to the recipient; `shown` is what the outbox's readers see of it."""

    text: str
    shown: str


def address(view: str, language: str) -> str:
    """A public page of the site, in full and in the language; the front page where there is no such view."""
    with override(language):
        try:
            return settings.SAWT_BASE_URL + reverse(view)
        except NoReverseMatch:
            return settings.SAWT_BASE_URL + ("/en/" if language == "en" else "/")


def compose(template: SmsTemplate, language: str, values: dict[str, str]) -> Composed:
    text = in_language(template, "text", language)
    return Composed(fill(text, values), filled_for_screen(text, values))


def entity_name(entity: Entity | None, language: str) -> str:
    """The short name in Arabic, the full one in English; a report in triage is the emirate's."""
    if entity is None:
        with override(language):
            return gettext("the emirate")
    return in_language(entity, "name" if language == "en" else "short_name", language)


def values_for(
    template: SmsTemplate,
    report: Report,
    entity: Entity | None,
    *,
    link: Callable[[Report], str] | None = None,
    said: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """What the template's text asks for; `link` makes one, and is called only where it is asked for. `said`:
    what the effect itself brings.
    """
    needed = placeholders_of(in_language(template, "text", report.language))
    # Of a part its sender knows the whole.
    whole = report.parent if report.parent is not None else report
    values: dict[str, Any] = {"reference": whole.reference, **(said or {})}
    if "count" in needed:
        values["count"] = str(whole.children.count())
    if "entity" in needed:
        values["entity"] = entity_name(entity, report.language)
    if "primary" in needed:
        # Its number is another sender's.
        with override(report.language):
            values["primary"] = gettext("a similar report")
    if "link" in needed:
        # As long as a real one, for the number of parts.
        stand_in = f"{settings.SAWT_BASE_URL}/t/{'X' * TOKEN_LENGTH}"
        values["link"] = link(whole) if link is not None else stand_in
    return values


def email_of(
    report: Report, template: SmsTemplate, entity: Entity | None, said: Mapping[str, str] | None = None
) -> tuple[str, str]:
    """Subject and body. The address is not verified, so no link that opens the report by itself is in it."""
    language = report.language
    values = values_for(template, report, entity, said=said)
    values["link"] = ""
    first = " ".join(fill(in_language(template, "text", language), values).split()).rstrip(" :")
    with override(language):
        subject = gettext("Your report %(reference)s") % {"reference": values["reference"]}
        read = gettext("Read it with the report's number and secret: %(address)s") % {
            "address": address("portal:track", language)
        }
        closing = gettext("Voice of the Citizen. Please do not answer this message.")
    return subject, f"{first}\n\n{read}\n\n{closing}\n"
