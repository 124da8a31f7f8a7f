"""What a form sent that was refused, kept with the session so that the page after it is a GET.

A reload then sends nothing a second time, and Back passes no form. What is kept: the sentences, in each
language, and what was typed where no draft holds it. Never a report's secret, never a code from a message.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation

from .problems import Problems

# Ends with signing out, as every key of this beginning.
SESSION_KEY = "report_returned"
MOST_FORMS = 5
# Who comes back later begins anew: old sentences would be about something else.
SHOWN_FOR_SECONDS = 15 * 60


@dataclass(frozen=True)
class Returned:
    """`typed` stays until the form is right; the problems are shown for a while only."""

    problems: Problems
    typed: dict[str, str] = field(default_factory=dict)
    is_fresh: bool = False


def give_back(
    request: HttpRequest, form: str, problems: Problems | None = None, typed: dict[str, str] | None = None
) -> None:
    """Remember that `form` was refused. Without problems: they are judged again when it is shown."""
    problems = problems or Problems()
    said = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            said[language] = {
                part: {name: str(words) for name, words in rows.items()}
                for part, rows in (("found", problems.found), ("names", problems.names))
            }
    forms: dict[str, Any] = request.session.get(SESSION_KEY, {})
    kept = {name: row for name, row in forms.items() if name != form}
    kept[form] = {"said": said, "typed": typed or {}, "at": timezone.now().timestamp()}
    request.session[SESSION_KEY] = dict(list(kept.items())[-MOST_FORMS:])


def given_back(request: HttpRequest, form: str) -> Returned | None:
    row = request.session.get(SESSION_KEY, {}).get(form)
    if row is None:
        return None
    is_fresh = timezone.now().timestamp() - row["at"] < SHOWN_FOR_SECONDS
    said = row["said"].get(translation.get_language(), {}) if is_fresh else {}
    return Returned(Problems(**said), row["typed"], is_fresh)


def said_once(request: HttpRequest, form: str) -> Returned | None:
    """As `given_back`, where one comes again to read: an error is said once in each language.

    What was typed stays. A HEAD shows nobody anything.
    """
    back = given_back(request, form)
    if back and back.problems and request.method == "GET":
        kept = request.session[SESSION_KEY]
        row, language = kept[form], translation.get_language()
        said = {other: words for other, words in row["said"].items() if other != language}
        request.session[SESSION_KEY] = {**kept, form: {**row, "said": said}}
    return back


def forget(request: HttpRequest, *forms: str) -> None:
    kept: dict[str, Any] = request.session.get(SESSION_KEY, {})
    if any(form in kept for form in forms):
        request.session[SESSION_KEY] = {name: row for name, row in kept.items() if name not in forms}
