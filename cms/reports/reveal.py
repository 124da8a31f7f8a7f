"""Showing a sender's identity in full: for a reason, and never unseen."""

from __future__ import annotations

from datetime import datetime

from permissions import audit
from permissions.policy import Scope

from .actors import StaffActor
from .errors import Code, DomainError
from .models import Report
from .policies import may_view_sender
from .reasons import reason_with_text


def can_be_revealed(report: Report, scope: Scope) -> bool:
    """There is somebody to name, and this person may know."""
    return report.sender_id is not None and report.erased_at is None and may_view_sender(scope, report)


def reveal(
    report: Report, *, actor: StaffActor, scope: Scope, reason: str, text: str, client: str, at: datetime
) -> None:
    """Allow it, and write it into the audit trail with its reason (code) and the sentence with it.

    The caller has fetched the report through `visible_to`. Raises `denied` without view_sender, and
    `not_available` where it was sent anonymously: then there is nothing to show.
    """
    if not may_view_sender(scope, report):
        raise DomainError(Code.DENIED)
    if not can_be_revealed(report, scope):
        raise DomainError(Code.NOT_AVAILABLE)
    given, why = reason_with_text("reveal", reason, text)
    audit.record(
        "sender_revealed",
        actor=actor.user,
        subject=f"report:{report.pk}",
        data={"reason": given.code, "text": why},
        client=client,
        at=at,
    )
