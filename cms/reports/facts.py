"""What a report's own facts rule out, beyond the table. Asked by buttons and actions alike."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .actors import Actor, StaffActor
from .errors import Code, DomainError
from .workflow import ENDED, OPEN, State, Who

if TYPE_CHECKING:
    from .models import Report


# An appeal is made within these days of the rejection.
APPEAL_WINDOW = timedelta(days=14)
# A merge is undone within these days.
UNMERGE_WINDOW = timedelta(days=7)


_PART = {
    "split": _("A part is not split again."),
    "set_privacy": _("A part has the privacy of the report that it was split from: change it there."),
}


def sender_is_reachable(report: Report) -> bool:
    from .models import ContactPreference

    if report.sender_entity_id is not None:
        # Its people read it where they work.
        return True
    if report.contact_preference == ContactPreference.NEVER:
        return False
    return report.sender is not None and report.sender.is_reachable


def is_rated(report: Report) -> bool:
    """Whether this round's answer was rated; without a query where the report came `with_rated()`."""
    known: bool | None = getattr(report, "rated_this_round", None)
    return known if known is not None else report.ratings.filter(round=report.round).exists()


def has_open_part(report: Report) -> bool:
    """Whether it was split and a part is still open; without a query where it came `with_parts()`."""
    known: bool | None = getattr(report, "open_part", None)
    return known if known is not None else report.children.filter(state__in=OPEN).exists()


def has_open_directive(report: Report) -> bool:
    """Without a query where the report came `with_open_directive()`."""
    from .models import Directive

    known: bool | None = getattr(report, "open_directive", None)
    return known if known is not None else report.directives.filter(outcome=Directive.Outcome.OPEN).exists()


def ruled_out(action: str, report: Report, actor: Actor, at: datetime) -> DomainError | None:
    """The coded error why this action is out of the question for this report, or None."""
    if report.erased_at is not None:
        return DomainError(Code.WRONG_STATE)
    if action == "ask_sender" and not sender_is_reachable(report):
        return DomainError(Code.SENDER_UNREACHABLE)
    if action == "acknowledge" and report.kind != "thanks":
        return DomainError(Code.NOT_AVAILABLE, _("Only thanks are acknowledged."))
    if action == "rate" and _answered_at(report) is None:
        return DomainError(Code.WRONG_STATE, _("There is no answer to rate."))
    if action == "rate" and is_rated(report):
        return DomainError(Code.ALREADY_RATED)
    asked_unassigned = report.state == State.AWAITING_SENDER and report.left_state == State.WITH_ENTITY
    if action in ("reassign", "take_over") and asked_unassigned:
        return DomainError(Code.WRONG_STATE, _("Nobody was assigned when the sender was asked."))
    if action == "take_over" and isinstance(actor, StaffActor) and report.responsible_id == actor.user.pk:
        return DomainError(Code.NOT_AVAILABLE, _("You are responsible for it already."))
    if action in ("directive_done", "directive_decline") and not has_open_directive(report):
        return DomainError(Code.NOT_AVAILABLE, _("There is no open directive."))
    if action == "erase":
        return _erasing_ruled_out(report, at)
    if action in ("split", "set_privacy") and report.parent_id is not None:
        return DomainError(Code.NOT_AVAILABLE, _PART[action])
    if action in ("answer", "acknowledge", "reject") and has_open_part(report):
        return DomainError(Code.WRONG_STATE, _("A part of it is still open."))
    decides = action in ("route", "merge", "reject", "split")
    if decides and report.appealed_at is not None and isinstance(actor, StaffActor):
        # The rejection stands on the report until somebody else has decided on the appeal.
        return DomainError(Code.APPEAL_OTHER_PERSON) if report.rejected_by_id == actor.user.pk else None
    if action == "appeal":
        return _appeal_ruled_out(report, at)
    if action == "unmerge" and (report.merged_at is None or at > report.merged_at + UNMERGE_WINDOW):
        return DomainError(Code.WINDOW_PASSED)
    if action == "reopen":
        return _reopening_ruled_out(report, actor, at)
    return None


def _erasing_ruled_out(report: Report, at: datetime) -> DomainError | None:
    from .models import LegalHold

    if report.parent_id is not None:
        return DomainError(Code.NOT_AVAILABLE, _("A part is erased with the report that it was split from."))
    if LegalHold.in_force(at).filter(Q(report=report) | Q(report__parent=report)).exists():
        return DomainError(Code.LEGAL_HOLD)
    if report.children.exclude(state__in=ENDED).exists():
        return DomainError(Code.WRONG_STATE, _("A part of it has not ended."))
    return None


def _answered_at(report: Report) -> datetime | None:
    """A merged report is answered with its primary."""
    return report.merged_into.answered_at if report.merged_into is not None else report.answered_at


def _reopening_ruled_out(report: Report, actor: Actor, at: datetime) -> DomainError | None:
    answered = report.merged_into if report.merged_into is not None else report
    if report.state == State.MERGED and answered.state not in (State.ANSWERED, State.CLOSED):
        return DomainError(Code.WRONG_STATE, _("The report it is merged with is not answered yet."))
    if actor.who is Who.SENDER and (answered.reopen_until is None or at > answered.reopen_until):
        return DomainError(Code.WINDOW_PASSED)
    return None


def _appeal_ruled_out(report: Report, at: datetime) -> DomainError | None:
    if report.appealed_at is not None:
        return DomainError(Code.NOT_AVAILABLE, _("You have appealed once. The second decision is final."))
    if report.closed_at is None or at > report.closed_at + APPEAL_WINDOW:
        return DomainError(Code.WINDOW_PASSED)
    return None
