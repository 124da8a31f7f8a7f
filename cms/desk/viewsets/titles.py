"""What a text is for, in words; what tells two of the same words apart stands small beside."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .guarded import DeskIndexView

SITUATIONS = {
    "already_fixed": _("It is already fixed"),
    "apology": _("An apology"),
    "fixed": _("It is fixed"),
    "inquiry": _("The answer to an inquiry"),
    "merged": _("Merged with another report"),
    "need_information": _("Information is missing"),
    "no_reply": _("No reply came"),
    "not_our_jurisdiction": _("Another body is responsible"),
    "rejected": _("It cannot be accepted"),
    "reopened": _("It is opened again"),
    "scheduled": _("The work is scheduled"),
    "split": _("Split into several reports"),
    "suggestion": _("Thanks for a suggestion"),
    "thanks": pgettext_lazy("situation", "Thanks"),
    "visited": _("The place was visited"),
}


def situation_title(code: str) -> str:
    return str(SITUATIONS.get(code, code))


class TitledIndexView(DeskIndexView):
    """The first column is `title_of`."""

    @abstractmethod
    def title_of(self, row: Any) -> tuple[str, str]:
        """Words, and the code that tells two with the same words apart; empty where the columns beside do."""

    @cached_property
    def columns(self) -> list[Any]:
        columns = super().columns
        columns[0].label = _("situation")
        columns[0].accessor = lambda row: _titled(*self.title_of(row))
        return columns


def _titled(words: str, code: str) -> SafeString | str:
    return format_html('{} <small dir="ltr">{}</small>', words, code) if code else words
