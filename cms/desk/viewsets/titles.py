"""What a text is for, in words; the code that programs know it by stands small beside it."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms.reports.happened import HAPPENED, happened
from cms.reports.workflow import TRANSITIONS

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
# Events of messages that are no step of a report; those that are have its words.
EVENTS = {
    "one_time_code": _("A code to confirm it is you"),
    "contact_confirm": _("Confirmation of a contact"),
    "submit_confidential": _("A confidential report received"),
    "update_confidential": _("News of a confidential report"),
    "ask_confidential": _("A question about a confidential report"),
    "staff_confidential": _("A confidential report waits for staff"),
    "ask_reminder_first": _("First reminder of a question"),
    "ask_reminder_last": _("Last reminder of a question"),
    "triage_due": _("Triage is due"),
    "due_moved_holiday": _("A holiday moved the deadline"),
    "deadline_half": _("Half of the time has passed"),
    "deadline_near": _("The deadline is near"),
    "deadline_due_urgent": _("An urgent deadline is due"),
    "late_digest": _("What is late, in one message"),
    "late_supervisor": _("Late, for the supervisor"),
    "late_emirate": _("Late, for the emirate"),
    "directive_overdue": _("A directive is overdue"),
    "project_update": _("News of a project"),
    "satisfaction_request": _("A request to rate"),
}


def situation_title(code: str) -> str:
    return str(SITUATIONS.get(code, code))


def event_title(code: str) -> str:
    if code in HAPPENED or code in TRANSITIONS:
        return happened(code)
    return str(EVENTS.get(code, code))


class TitledIndexView(DeskIndexView):
    """The first column is `title_of`."""

    @abstractmethod
    def title_of(self, row: Any) -> tuple[str, str]:
        """Words, and the code."""

    @cached_property
    def columns(self) -> list[Any]:
        columns = super().columns
        columns[0].label = _("situation")
        columns[0].accessor = lambda row: format_html('{} <small dir="ltr">{}</small>', *self.title_of(row))
        return columns
