"""The form of each staff action: fields, words, glyph and key. Which are offered is asked of the policy."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.reports.workflow import TRANSITIONS, State


@dataclass(frozen=True)
class Spec:
    """`fields` in their order; `button` says what the click does.

    `key` is an `event.code`. Two actions share one only where no report offers both; none takes what moves
    about (J, K, G), ticks a row (X) or finds (F) in the queue or the report.
    """

    action: str
    fields: tuple[str, ...]
    button: Promise
    icon: str
    key: str = ""
    text_label: Promise | None = None
    text_required: bool = True
    text_rows: int = 4
    help: Promise | None = None
    to_sender: bool = False

    @property
    def label(self) -> Promise:
        return TRANSITIONS[self.action].label

    @property
    def needs_version(self) -> bool:
        return TRANSITIONS[self.action].version

    @property
    def letter(self) -> str:
        return self.key.removeprefix("Key")

    @property
    def template_actions(self) -> tuple[str, ...]:
        """Whose reply templates are offered: none where the sender does not read the text."""
        if not self.to_sender:
            return ()
        return next((group for group in SHARED_TEMPLATES if self.action in group), (self.action,))

    @property
    def to_state(self) -> str:
        """The staff's word for where it leads, where the table says so."""
        to = TRANSITIONS[self.action].to
        return str(State(to).label) if to else ""


# A draft becomes the official reply, so both are begun from the same texts.
SHARED_TEMPLATES = (("answer", "draft_reply"),)

_OFFICIAL = _("The sender reads it under the entity's name, and gets a message with a link, not the text.")
_WHY = _("Why? (for the staff)")

SPECS: dict[str, Spec] = {
    spec.action: spec
    for spec in (
        Spec(
            "route",
            ("entity", "about_entity", "text"),
            _("Route it"),
            "login",
            "KeyD",
            _("Why there? (for the staff)"),
            text_required=False,
            text_rows=2,
        ),
        Spec("assign", ("responsible", "people"), _("Assign it"), "user", "KeyA"),
        Spec(
            "reassign",
            ("responsible", "people"),
            _("Reassign it"),
            "user",
            "KeyA",
            help=_("Who is not chosen works on it no longer."),
        ),
        Spec(
            "take_over",
            (),
            _("Take it over"),
            "login",
            "KeyV",
            help=_("You become responsible. Who was it goes on working on it."),
        ),
        Spec(
            "transfer",
            ("entity", "reason", "text"),
            _("Transfer it"),
            "redirect",
            "KeyD",
            _("Remark for the new entity"),
            text_required=False,
            text_rows=3,
            help=_("The present entity sees it no longer. The sender sees where it went, and not why."),
        ),
        Spec("start", (), _("Start work"), "cog", "KeyS", help=_("The sender sees that work has started.")),
        Spec(
            "answer",
            ("text",),
            _("Send the official reply"),
            "circle-check",
            "KeyR",
            _("Official reply"),
            text_rows=8,
            help=_OFFICIAL,
            to_sender=True,
        ),
        Spec(
            "draft_reply",
            ("text",),
            _("Hand it in for approval"),
            "edit",
            "KeyE",
            _("Draft of the reply"),
            text_rows=8,
            help=_("The coordinator approves it before the sender reads it."),
            to_sender=True,
        ),
        Spec(
            "acknowledge",
            ("text",),
            _("Acknowledge and close"),
            "check",
            "KeyR",
            _("A word to the sender (may stay empty)"),
            text_required=False,
            help=_OFFICIAL,
            to_sender=True,
        ),
        Spec(
            "send_back",
            ("reason", "text"),
            _("Send back to the specialist"),
            "resubmit",
            "KeyB",
            _("What should change?"),
            text_required=False,
            text_rows=3,
        ),
        Spec(
            "ask_sender",
            ("text",),
            _("Send the question"),
            "sawt-pause",
            "KeyQ",
            _("Question to the sender"),
            help=_("The clock stops until the sender replies, for the first two questions."),
            to_sender=True,
        ),
        Spec(
            "withdraw_question",
            (),
            _("Withdraw the question"),
            "cross",
            "KeyW",
            help=_("The clock goes on, and the sender sees that the question was withdrawn."),
        ),
        Spec(
            "update_sender",
            ("text",),
            _("Send the interim reply"),
            "mail",
            "KeyU",
            _("Interim reply"),
            help=_OFFICIAL,
            to_sender=True,
        ),
        Spec(
            "return",
            ("reason", "text"),
            _("Return to triage"),
            "redirect",
            "KeyT",
            _("Remark for the supervisor"),
            text_required=False,
            text_rows=3,
            help=_("The clock goes on. You no longer see the report afterwards, unless it comes back."),
        ),
        Spec(
            "reject",
            ("reason", "text"),
            _("Reject the report"),
            "sawt-ban",
            "KeyC",
            _("What the sender reads"),
            text_required=False,
            help=_("The sender reads the reason, this text, and where to turn."),
            to_sender=True,
        ),
        Spec(
            "reopen",
            ("reason", "text"),
            _("Reopen it"),
            "rotate",
            "KeyO",
            _("Why is it opened again?"),
            text_rows=3,
        ),
        Spec(
            "direct",
            ("text", "due_on"),
            _("Write the directive"),
            "sawt-flag",
            "KeyL",
            _("Directive"),
            help=_("The entity and the leaders read it; the sender does not."),
        ),
        Spec(
            "directive_done",
            ("directive", "text"),
            _("It is done"),
            "check",
            "KeyY",
            _("What was done"),
            text_required=False,
            text_rows=2,
        ),
        Spec(
            "directive_decline",
            ("directive", "reason", "text"),
            _("Decline it"),
            "cross",
            "",
            _("Why not?"),
            text_required=False,
            text_rows=2,
        ),
        Spec(
            "merge",
            ("primary", "text"),
            _("Merge it"),
            "sawt-merge",
            "KeyM",
            _WHY,
            text_required=False,
            text_rows=2,
            help=_(
                "It follows that report from now on: its sender reads that one's state and replies, and gets"
                " its messages, but nothing that its sender wrote."
            ),
        ),
        Spec(
            "unmerge",
            ("reason", "text"),
            _("Undo the merge"),
            "rotate",
            "KeyM",
            _("Remark for the staff"),
            text_required=False,
            text_rows=2,
            help=_("It is again as it was, and the clock goes on from where it stood."),
        ),
        Spec(
            "split",
            ("parts", "reason", "text"),
            _("Split it"),
            "sawt-split",
            "KeyI",
            _WHY,
            text_required=False,
            text_rows=2,
            help=_(
                "Each part goes on by itself, with the sender's words and dates. This report is answered once"
                " all of them have ended."
            ),
        ),
        Spec(
            "set_priority",
            ("priority", "text"),
            _("Change the priority"),
            "sawt-flag",
            "KeyP",
            _WHY,
            text_rows=2,
        ),
        Spec(
            "set_place",
            ("place", "text"),
            _("Change the place"),
            "site",
            "",
            _WHY,
            text_rows=2,
            help=_("The report stays with its entity. To move it, return or transfer it."),
        ),
        Spec(
            "set_service",
            ("service", "text"),
            _("Change the service"),
            "tag",
            "",
            _WHY,
            text_rows=2,
            help=_("The report stays with its entity, and what was promised stays promised."),
        ),
        Spec(
            "set_privacy",
            ("privacy", "reason", "text"),
            _("Change the privacy"),
            "lock",
            "",
            _WHY,
            text_required=False,
            text_rows=2,
            help=_("Only named people see a confidential report, and no message tells of it."),
        ),
        Spec(
            "attach",
            ("files", "text"),
            _("Attach it"),
            "upload",
            "",
            _("A word about it (may stay empty)"),
            text_required=False,
            text_rows=2,
            help=_("The sender does not see it; the staff who may see this report do."),
        ),
        Spec(
            "note",
            ("text",),
            _("Add the note"),
            "comment",
            "KeyN",
            _("New note"),
            text_rows=2,
            help=_("The sender does not read it; the staff who may see this report do."),
        ),
    )
}

# What one most likely came for, first; the first that is available is open.
ORDER = (
    "route",
    "acknowledge",
    "assign",
    "start",
    "answer",
    "draft_reply",
    "send_back",
    "withdraw_question",
    "ask_sender",
    "update_sender",
    "reopen",
    "directive_done",
    "directive_decline",
    "direct",
    "take_over",
    "reassign",
    "transfer",
    "return",
    "reject",
    "unmerge",
    "merge",
    "split",
    "attach",
    "set_priority",
    "set_place",
    "set_service",
    "set_privacy",
)


def ordered(available: list[str], *, works_on_it: bool = True, absent: bool = False) -> list[Spec]:
    """The panels in their order, for who works on the report or for who oversees those that do.

    `absent`: the one who is responsible is recorded absent, so the work waits for somebody else.
    """
    order = list(ORDER)
    if not works_on_it:
        # It waits for somebody else to begin; theirs is the reply.
        order.remove("start")
        order.insert(order.index("send_back"), "start")
    if absent:
        order.remove("take_over")
        order.insert(order.index("start" if works_on_it else "answer"), "take_over")
    return [SPECS[action] for action in order if action in available]
