"""The reason an action asks for, with its sentence where the reason needs one."""

from __future__ import annotations

from django.utils.translation import gettext, override

from cms.entities.naming import in_language

from .errors import Code, DomainError
from .models import Reason
from .texts import clean_text

# The reasons of an action stand under its own name, but for this one.
_USED_FOR = {"directive_decline": "decline"}


def used_for(action: str) -> str:
    """What the reasons of this action are kept for."""
    return _USED_FOR.get(action, action)


def reason_with_text(used_for: str, code: str, text: str) -> tuple[Reason, str]:
    """The reason row and the cleaned text; `required` or `not_found` on the field that is wrong."""
    if not code:
        raise DomainError(Code.REQUIRED, field="reason")
    reason = Reason.objects.filter(used_for=used_for, code=code).first()
    if reason is None:
        raise DomainError(Code.NOT_FOUND, field="reason")
    cleaned = clean_text(text, field="text", minimum=3 if reason.needs_text else 0, maximum=2000)
    return reason, cleaned


def told_of_rejection(reason: Reason, text: str, language: str) -> str:
    """What the sender reads: the reason, what was written to them, and where they may turn.

    In the report's language, and kept as it was said, whatever becomes of the reason's own words.
    """
    parts = [in_language(reason, "label", language), text, where_to_turn(reason, language)]
    return "\n\n".join(part for part in parts if part)


def where_to_turn(reason: Reason, language: str) -> str:
    """The sentence, where the reason has one."""
    where = in_language(reason, "where_to_turn", language)
    if not where:
        return ""
    with override(language):
        return gettext("Where to turn: %(where)s") % {"where": where}
