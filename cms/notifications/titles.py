"""What a message is about, in words; events are kept and asked for by their codes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cms.reports.happened import HAPPENED, happened
from cms.reports.workflow import TRANSITIONS

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
    "deadline_due": _("A deadline has passed"),
    "deadline_due_urgent": _("An urgent deadline is due"),
    "first_reply_near": _("The first reply is nearly due"),
    "first_reply_late": _("The first reply is late"),
    "late_weekly": _("What is late, each week"),
    "late_digest": _("What is late, in one message"),
    "late_supervisor": _("Late, for the supervisor"),
    "late_emirate": _("Late, for the emirate"),
    "directive_overdue": _("A directive is overdue"),
    "followed_answered": _("A report that one follows was answered"),
    "followed_ended": _("A report that one follows has ended"),
    "project_update": _("News of a project"),
    "search_watch": _("New in a search that you watch"),
    "mention": _("A colleague called you"),
    "digest": _("News in one e-mail"),
    "satisfaction_request": _("A request to rate"),
}
# What ladders alone tell; a rule says whether people may choose, and makes no step.
OF_LADDERS = (
    *("deadline_half", "deadline_near", "deadline_due", "deadline_due_urgent"),
    *("first_reply_near", "first_reply_late", "triage_due"),
)


def event_title(code: str) -> str:
    if code in HAPPENED or code in TRANSITIONS:
        return happened(code)
    return str(EVENTS.get(code, code))
