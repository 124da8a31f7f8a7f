"""What a report's own facts rule out, beyond the table. Asked by buttons and actions alike."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from .actors import Actor, SenderActor
from .errors import Code, DomainError
from .workflow import State

if TYPE_CHECKING:
    from .models import Report


def sender_is_reachable(report: Report) -> bool:
    from .models import ContactPreference

    if report.contact_preference == ContactPreference.NEVER:
        return False
    return report.sender is not None and report.sender.is_reachable


def is_rated(report: Report) -> bool:
    """Whether this round's answer was rated; without a query where the report came `with_rated()`."""
    known: bool | None = getattr(report, "rated_this_round", None)
    return known if known is not None else report.ratings.filter(round=report.round).exists()


def ruled_out(action: str, report: Report, actor: Actor, at: datetime) -> DomainError | None:
    """The coded error why this action is out of the question for this report, or None."""
    if report.erased_at is not None:
        return DomainError(Code.WRONG_STATE)
    if action == "ask_sender" and not sender_is_reachable(report):
        return DomainError(Code.SENDER_UNREACHABLE)
    if action == "acknowledge" and report.kind != "thanks":
        return DomainError(Code.NOT_AVAILABLE, _("Only thanks are acknowledged."))
    if action == "rate" and report.answered_at is None:
        return DomainError(Code.WRONG_STATE, _("There is no answer to rate."))
    if action == "rate" and is_rated(report):
        return DomainError(Code.ALREADY_RATED)
    if action == "reopen":
        return _reopening_ruled_out(report, actor, at)
    return None


def _reopening_ruled_out(report: Report, actor: Actor, at: datetime) -> DomainError | None:
    # Merging is not built yet; a merged report reopens with the feature that makes it.
    if report.state == State.MERGED:
        return DomainError(Code.NOT_AVAILABLE)
    if isinstance(actor, SenderActor) and (report.reopen_until is None or at > report.reopen_until):
        return DomainError(Code.WINDOW_PASSED)
    return None
