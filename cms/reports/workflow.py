"""The life of a report: states and the transition table. Pure: no queries, no requests.

The admin's buttons, GraphQL's `availableActions`, its mutations, the docs' diagram and the role matrix in the
tests are derived from `TRANSITIONS`. A row that is not built yet stays here with `built=False` and is offered
nowhere. Source: domain.md, 'The life of a report'.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .audiences import AUDIT_ONLY, ENTITY_ONLY, EVERYONE, INSIDE, Audience


class State(TextChoices):
    RECEIVED = "received", _("Waiting for triage")
    WITH_ENTITY = "with_entity", _("With the entity")
    ASSIGNED = "assigned", _("Assigned")
    IN_PROGRESS = "in_progress", _("In progress")
    AWAITING_SENDER = "awaiting_sender", _("Waiting for the sender")
    REPLY_DRAFTED = "reply_drafted", _("Reply to approve")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")
    REJECTED = "rejected", _("Rejected")
    MERGED = "merged", _("Merged")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class SenderState(TextChoices):
    """What the sender reads: no reply_drafted, and a merged report shows its primary's."""

    RECEIVED = "received", _("Received")
    WITH_ENTITY = "with_entity", _("Passed to the entity")
    ASSIGNED = "assigned", _("Under study")
    IN_PROGRESS = "in_progress", _("Being handled")
    AWAITING_SENDER = "awaiting_sender", _("Waiting for your reply")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")
    REJECTED = "rejected", _("Not accepted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


def sender_state(state: str) -> SenderState:
    """The sender's word for a state. A merged report is asked through its primary."""
    if state == State.REPLY_DRAFTED:
        return SenderState.IN_PROGRESS
    return SenderState(state)


OPEN = frozenset(
    {
        State.RECEIVED,
        State.WITH_ENTITY,
        State.ASSIGNED,
        State.IN_PROGRESS,
        State.AWAITING_SENDER,
        State.REPLY_DRAFTED,
    }
)
ENDED = frozenset({State.CLOSED, State.REJECTED, State.MERGED, State.WITHDRAWN})
ALL = frozenset(State)


class Who(StrEnum):
    SENDER = "sender"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True)
class Way:
    """One way in: who, from which states, with which codename.

    `assigned` is the codename that is enough for a current assignee, `while_absent` the one that is enough
    while the responsible person is recorded absent. Senders and the system need none. A way with a `privacy`
    is open for reports of that privacy alone.
    """

    who: Who
    states: frozenset[State]
    codename: str = ""
    assigned: str = ""
    while_absent: str = ""
    privacy: str = ""


@dataclass(frozen=True)
class Transition:
    """One row of the table. `to` is None where the state stays or the action computes it.

    `version`: the action changes state, entity or assignees, so staff must say which version they saw.
    """

    action: str
    label: Promise
    ways: tuple[Way, ...]
    audiences: frozenset[Audience]
    to: State | None = None
    version: bool = True
    built: bool = True
    # Done by people who do not see the report.
    unseen: bool = False


def _states(names: str) -> frozenset[State]:
    return frozenset(State(name) for name in names.split())


def _staff(states: frozenset[State], codename: str, assigned: str = "") -> Way:
    return Way(Who.STAFF, states, codename, assigned)


def _sender(states: frozenset[State]) -> Way:
    return Way(Who.SENDER, states)


def _system(states: frozenset[State]) -> Way:
    return Way(Who.SYSTEM, states)


HANDLE, HANDLE_ASSIGNED = "handle_reports", "handle_assigned_reports"
_WORKED_ON = _states("with_entity assigned in_progress")
_REASSIGNABLE = _states("assigned in_progress reply_drafted awaiting_sender")
_SPLITTABLE = _WORKED_ON | {State.RECEIVED}
_RETURNABLE = _states("with_entity assigned in_progress reply_drafted")
# These the system passes on where an entity is handed over, or back: what its successor may not have.
_OPEN_BUT_RECEIVED = OPEN - {State.RECEIVED}

TRANSITIONS: dict[str, Transition] = {
    row.action: row
    for row in (
        Transition(
            "submit",
            pgettext_lazy("action", "Submit"),
            (
                Way(Who.SENDER, frozenset()),
                _staff(frozenset(), "take_reports"),
                _staff(frozenset(), "submit_on_behalf"),
            ),
            EVERYONE,
        ),
        Transition(
            "route",
            _("Route to an entity"),
            (_staff(_states("received"), "triage_reports"),),
            EVERYONE,
            to=State.WITH_ENTITY,
        ),
        Transition(
            "return",
            _("Return to triage"),
            (_staff(_RETURNABLE, "return_reports"), _system(_OPEN_BUT_RECEIVED)),
            EVERYONE,
            to=State.RECEIVED,
        ),
        Transition(
            "transfer",
            _("Transfer to another entity"),
            (_staff(_OPEN_BUT_RECEIVED, "triage_reports"), _system(_OPEN_BUT_RECEIVED)),
            EVERYONE,
            to=State.WITH_ENTITY,
        ),
        Transition(
            "assign",
            _("Assign"),
            (_staff(_states("with_entity"), "assign_reports"),),
            EVERYONE,
            to=State.ASSIGNED,
        ),
        Transition(
            "reassign",
            _("Reassign"),
            (_staff(_REASSIGNABLE, "assign_reports"),),
            INSIDE,
        ),
        Transition(
            "take_over",
            _("Take over"),
            (Way(Who.STAFF, _REASSIGNABLE, "assign_reports", while_absent=HANDLE_ASSIGNED),),
            INSIDE,
        ),
        Transition(
            "start",
            _("Start work"),
            (_staff(_states("assigned"), HANDLE, HANDLE_ASSIGNED),),
            EVERYONE,
            to=State.IN_PROGRESS,
        ),
        Transition(
            "ask_sender",
            _("Ask the sender"),
            (_staff(_WORKED_ON, HANDLE, HANDLE_ASSIGNED),),
            EVERYONE,
            to=State.AWAITING_SENDER,
        ),
        Transition(
            "withdraw_question",
            _("Withdraw the question"),
            (_staff(_states("awaiting_sender"), HANDLE, HANDLE_ASSIGNED),),
            EVERYONE,
        ),
        Transition(
            "sender_reply", _("Reply to the entity"), (_sender(_states("awaiting_sender")),), EVERYONE
        ),
        Transition(
            "add_information",
            _("Add information"),
            (_sender((OPEN - {State.AWAITING_SENDER}) | {State.MERGED}),),
            EVERYONE,
            version=False,
        ),
        Transition(
            "update_sender",
            _("Send an interim reply"),
            (_staff(_WORKED_ON, HANDLE, HANDLE_ASSIGNED),),
            EVERYONE,
            version=False,
        ),
        Transition(
            "draft_reply",
            _("Draft the reply"),
            (_staff(_states("in_progress assigned"), HANDLE, HANDLE_ASSIGNED),),
            INSIDE,
            to=State.REPLY_DRAFTED,
        ),
        Transition(
            "send_back",
            _("Send back to the specialist"),
            (_staff(_states("reply_drafted"), "reply_to_sender"),),
            INSIDE,
            to=State.IN_PROGRESS,
        ),
        Transition(
            "answer",
            _("Send the official reply"),
            (_staff(_states("reply_drafted in_progress assigned with_entity"), "reply_to_sender"),),
            EVERYONE,
            to=State.ANSWERED,
        ),
        Transition(
            "acknowledge",
            _("Acknowledge the thanks"),
            (_staff(_states("with_entity assigned"), "reply_to_sender"),),
            EVERYONE,
            to=State.CLOSED,
        ),
        Transition(
            "accept", _("Accept the reply"), (_sender(_states("answered")),), EVERYONE, to=State.CLOSED
        ),
        Transition(
            "rate",
            pgettext_lazy("action", "Rate"),
            (_sender(_states("answered closed merged")),),
            EVERYONE,
            version=False,
        ),
        Transition(
            "reopen",
            _("Reopen"),
            (
                _sender(_states("answered closed merged")),
                _staff(_states("answered closed merged rejected"), "triage_reports"),
            ),
            EVERYONE,
        ),
        Transition("appeal", _("Appeal"), (_sender(_states("rejected")),), EVERYONE, to=State.RECEIVED),
        Transition(
            "auto_close", _("Closed by itself"), (_system(_states("answered")),), EVERYONE, to=State.CLOSED
        ),
        Transition(
            "auto_expire",
            _("Closed without the sender's reply"),
            (_system(_states("awaiting_sender")),),
            EVERYONE,
            to=State.CLOSED,
        ),
        Transition("postpone", _("Move the time for days off"), (_system(OPEN),), EVERYONE, version=False),
        Transition("late", pgettext_lazy("action", "Become late"), (_system(OPEN),), INSIDE, version=False),
        Transition(
            "reject",
            pgettext_lazy("action", "Reject"),
            (
                _staff(_states("received"), "triage_reports"),
                _staff(_states("with_entity assigned"), "reject_reports"),
            ),
            EVERYONE,
            to=State.REJECTED,
        ),
        Transition(
            "merge",
            _("Merge"),
            (_staff(OPEN, "assign_reports"), _staff(OPEN, "triage_reports")),
            EVERYONE,
            to=State.MERGED,
        ),
        Transition(
            "unmerge",
            _("Undo the merge"),
            (_staff(_states("merged"), "assign_reports"), _staff(_states("merged"), "triage_reports")),
            EVERYONE,
        ),
        Transition("promote", _("Promoted"), (_system(_states("merged")),), EVERYONE),
        Transition(
            "split",
            _("Split"),
            (_staff(_SPLITTABLE, "assign_reports"), _staff(_SPLITTABLE, "triage_reports")),
            EVERYONE,
        ),
        Transition(
            "withdraw",
            pgettext_lazy("action", "Withdraw"),
            (_sender(OPEN | {State.MERGED}),),
            EVERYONE,
            to=State.WITHDRAWN,
        ),
        Transition(
            "direct",
            _("Write a directive"),
            (_staff(OPEN | {State.ANSWERED}, "direct_reports"),),
            INSIDE,
            version=False,
        ),
        Transition(
            "directive_done",
            _("Directive done"),
            (_staff(ALL, HANDLE, HANDLE_ASSIGNED),),
            INSIDE,
            version=False,
        ),
        Transition(
            "directive_decline",
            _("Decline the directive"),
            (_staff(ALL, HANDLE, HANDLE_ASSIGNED),),
            INSIDE,
            version=False,
        ),
        Transition(
            "note",
            _("Write an internal note"),
            (_staff(ALL, HANDLE, HANDLE_ASSIGNED),),
            ENTITY_ONLY,
            version=False,
        ),
        Transition(
            "attach",
            _("Attach a file"),
            (_staff(ALL, HANDLE, HANDLE_ASSIGNED),),
            ENTITY_ONLY,
            version=False,
        ),
        *(
            Transition(action, label, (_staff(OPEN, "assign_reports"),), audiences, version=False)
            for action, label, audiences in (
                ("set_priority", _("Change the priority"), INSIDE),
                ("set_place", _("Change the place"), EVERYONE),
                ("set_service", _("Change the service"), EVERYONE),
            )
        ),
        Transition(
            "set_privacy",
            _("Change the privacy"),
            (
                Way(Who.STAFF, ALL - {State.MERGED}, "triage_reports", privacy="normal"),
                Way(Who.STAFF, ALL - {State.MERGED}, "view_confidential", privacy="confidential"),
            ),
            AUDIT_ONLY,
        ),
        Transition(
            "erase",
            _("Erase"),
            (_system(ENDED), _staff(ENDED, "erase_reports")),
            AUDIT_ONLY,
            version=False,
            unseen=True,
        ),
    )
}


def ways(action: str, who: Who, state: str | None) -> tuple[Way, ...]:
    """The built ways of an action that are open to this kind of actor in this state."""
    row = TRANSITIONS[action]
    if not row.built:
        return ()
    return tuple(way for way in row.ways if way.who is who and (state is None or state in way.states))
