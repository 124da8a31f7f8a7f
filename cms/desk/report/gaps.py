"""The gaps of reply templates: codes in the data, words to whoever fills them in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import override, pgettext_lazy

# As a code or in words: nobody wants either in a sender's hands.
GAP = re.compile(r"\{([^{}\n]{1,60})\}")

WORDS = {
    "alternative": pgettext_lazy("gap", "whom to turn to"),
    "channel": pgettext_lazy("gap", "channel"),
    "contact_hours": pgettext_lazy("gap", "hours of visits"),
    "count": pgettext_lazy("gap", "number"),
    "days": pgettext_lazy("gap", "how long, for instance 3 days"),
    "document": pgettext_lazy("gap", "document"),
    "done_date": pgettext_lazy("gap", "date done"),
    "emergency_number": pgettext_lazy("gap", "emergency number"),
    "entity": pgettext_lazy("gap", "entity"),
    "late_days": pgettext_lazy("gap", "how late, for instance 3 days"),
    "missing": pgettext_lazy("gap", "what is missing"),
    "new_due": pgettext_lazy("gap", "new date"),
    "other_entity": pgettext_lazy("gap", "the other entity"),
    "percent": pgettext_lazy("gap", "per cent complete"),
    "place": pgettext_lazy("gap", "place"),
    "plan_year": pgettext_lazy("gap", "year of the plan"),
    "planned_date": pgettext_lazy("gap", "planned date"),
    "primary": pgettext_lazy("gap", "reference of the joint report"),
    "project": pgettext_lazy("gap", "project"),
    "rank": pgettext_lazy("gap", "place in the plan"),
    "reason": pgettext_lazy("gap", "reason"),
    "reference": pgettext_lazy("gap", "reference"),
    "regulation": pgettext_lazy("gap", "regulation"),
    "reopen_days": pgettext_lazy("gap", "days for reopening"),
    "resolution_due": pgettext_lazy("gap", "promised date"),
    "season": pgettext_lazy("gap", "season"),
    "service": pgettext_lazy("gap", "service"),
    "summary": pgettext_lazy("gap", "summary"),
    "title": pgettext_lazy("gap", "title"),
    "visit_date": pgettext_lazy("gap", "date of the visit"),
}


def in_words(code: str) -> str:
    """A gap's name as the active language says it; a code of an entity's own is read as words."""
    return str(WORDS.get(code, code.replace("_", " ")))


def filled(text: str, known: Mapping[str, str], language: str) -> str:
    """The template with what is known, and words of the report's language where something is missing."""
    with override(language):
        return GAP.sub(lambda gap: known.get(gap[1]) or "{" + in_words(gap[1]) + "}", text)


def left(text: str, language: str) -> list[str]:
    """The names of the gaps that are still open, as the report's language says them, each once."""
    with override(language):
        return [in_words(name) for name in dict.fromkeys(GAP.findall(text))]
