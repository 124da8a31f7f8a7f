"""What the sender of a report gets in the end: its number and secret, however often the answer was lost.

The receipt stands in the session. Requests of one session overwrite each other there, so the draft's key,
under which the report was made, leads to it as well: whoever still holds the draft finds what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from cms.reports.models import IdempotencyKey, Report

from . import access
from .drafts import Draft, discard, draft_of

# The report that this session sent last: its receipt can be shown again until the next one.
SESSION_KEY = "report_sent"


@dataclass(frozen=True)
class Receipt:
    report: Report
    # The draft was changed after it had arrived; what arrived first is what counts.
    is_changed: bool = False


def arrived(draft: Draft) -> Report | None:
    """The report that was made of this draft, when it has arrived already."""
    kept = (
        IdempotencyKey.objects.filter(client=draft.client, key=draft.key)
        .select_related("report__service", "report__place", "report__entity", "report__sender")
        .first()
    )
    return kept.report if kept else None


def hand_out(request: HttpRequest, draft: Draft, report: Report, *, changed: bool) -> Receipt:
    """The session keeps its key: were the answer lost, the old cookie would lead to nothing."""
    access.open_own_report(request, report)
    request.session[SESSION_KEY] = {"id": report.pk, "key": draft.key, "changed": changed}
    discard(request, draft)
    return Receipt(report, changed)


def is_handed_out(request: HttpRequest, key: str = "") -> bool:
    """Whether this session holds a receipt; with `key`, that of this very draft."""
    sent: Any = request.session.get(SESSION_KEY)
    return isinstance(sent, dict) and (not key or sent.get("key") == key)


def receipt_of(request: HttpRequest) -> Receipt | None:
    """The receipt of the draft that was sent, else of the report that this session sent last."""
    draft = draft_of(request)
    if draft is not None and (report := arrived(draft)):
        return hand_out(request, draft, report, changed=False)
    if not is_handed_out(request):
        return None
    sent = request.session[SESSION_KEY]
    rows = Report.objects.select_related("service", "place", "entity", "sender")
    found = rows.filter(pk=sent["id"], pk__in=access.opened(request)).first()
    return Receipt(found, bool(sent.get("changed"))) if found else None
