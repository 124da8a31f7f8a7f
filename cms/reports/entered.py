"""What the contact centre may know: a report's number and its sender's state, never the report itself.

Two rules of their own beside `policies.visible_to`, which lets an agent see nothing: by these no report
opens, and no action is offered. A confidential report is in neither: number and secret alone lead to it.
"""

from __future__ import annotations

from cms.entities.models import Privacy
from permissions.policy import Scope

from .actors import SenderActor
from .models import Report, Sender
from .querysets import ReportQuerySet


def entered_by(scope: Scope) -> ReportQuerySet:
    """What this person entered for others, while they still take reports. A part is its whole's."""
    if scope.user_id is None or not scope.everywhere("take_reports"):
        return Report.objects.none()
    return Report.objects.filter(entered_by_id=scope.user_id, parent=None, privacy=Privacy.NORMAL)


def earlier_of(sender: Sender, scope: Scope) -> ReportQuerySet:
    """A caller's reports, for an agent to whom they have just read out the code that came to their number."""
    if not scope.everywhere("take_reports"):
        return Report.objects.none()
    return Report.objects.visible_to(SenderActor(sender_id=sender.pk)).filter(parent=None)
