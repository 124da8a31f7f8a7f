"""What a step is called once it has happened. The table's own labels say what one may do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .workflow import TRANSITIONS

HAPPENED: dict[str, Promise] = {
    "submit": pgettext_lazy("event", "Submitted"),
    "route": _("Routed to an entity"),
    "return": _("Returned to triage"),
    "transfer": _("Transferred to another entity"),
    "assign": pgettext_lazy("event", "Assigned"),
    "reassign": pgettext_lazy("event", "Reassigned"),
    "take_over": pgettext_lazy("event", "Taken over"),
    "start": _("Work started"),
    "ask_sender": _("The sender was asked"),
    "withdraw_question": _("Question withdrawn"),
    "sender_reply": _("The sender replied"),
    "add_information": _("Information added"),
    "update_sender": _("Interim reply sent"),
    "draft_reply": _("Reply drafted"),
    "send_back": _("Sent back to the specialist"),
    "answer": _("Official reply sent"),
    "acknowledge": _("Thanks acknowledged"),
    "accept": _("Reply accepted"),
    "rate": pgettext_lazy("event", "Rated"),
    "reopen": pgettext_lazy("event", "Reopened"),
    "appeal": pgettext_lazy("event", "Appealed"),
    "reject": pgettext_lazy("event", "Rejected"),
    "merge": pgettext_lazy("event", "Merged"),
    "unmerge": _("Merge undone"),
    "promote": _("Went on by itself"),
    "split": pgettext_lazy("event", "Split"),
    "withdraw": pgettext_lazy("event", "Withdrawn by the sender"),
    "direct": _("Directive written"),
    "directive_decline": _("Directive declined"),
    "note": _("Internal note written"),
    "attach": _("File attached"),
    "set_priority": _("Priority changed"),
    "set_place": _("Place changed"),
    "set_service": _("Service changed"),
    "set_privacy": _("Privacy changed"),
    "postpone": _("Time moved for days off"),
    "late": pgettext_lazy("event", "Became late"),
    "erase": pgettext_lazy("event", "Erased"),
}


def happened(code: str) -> str:
    """`auto_close` and the like are called alike before and after."""
    return str(HAPPENED.get(code) or TRANSITIONS[code].label)
