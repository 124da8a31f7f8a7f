"""What the sender of a report gets in the end: its number and secret, however often the answer was lost.

The receipts stand in the session, each by its draft's key. Requests of one session overwrite each other
there, so the draft's key, under which the report was made, leads to it as well: whoever still holds the draft
finds what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from cms.reports.models import IdempotencyKey, Report

from . import access
from .drafts import PARAMETER, Draft, discard, draft_of, name_of

# The reports that this session sent last, the newest at the end: as many as it has windows, or more.
SESSION_KEY, MOST = "report_receipts", 5


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
    others = [sent for sent in _sent(request) if sent["key"] != draft.key]
    fresh = {"id": report.pk, "key": draft.key, "changed": changed}
    request.session[SESSION_KEY] = [*others, fresh][-MOST:]
    discard(request, draft)
    return Receipt(report, changed)


def _sent(request: HttpRequest) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = request.session.get(SESSION_KEY, [])
    return rows


def key_of_sent(request: HttpRequest) -> str:
    """Of the draft that the form or the address names and that was sent; of the newest where neither names
    one; '' where there is none.
    """
    key, name = request.POST.get("key", ""), request.GET.get(PARAMETER, "")
    for sent in reversed(_sent(request)):
        if sent["key"] == key if key else name_of(sent["key"]) == name if name else True:
            return str(sent["key"])
    return ""


def receipt_of(request: HttpRequest) -> Receipt | None:
    """The receipt of the draft that was sent, else of the report that this session sent last."""
    draft = draft_of(request)
    if draft is not None and (report := arrived(draft)):
        return hand_out(request, draft, report, changed=False)
    key = key_of_sent(request)
    sent = next((sent for sent in _sent(request) if sent["key"] == key), None)
    if sent is None:
        return None
    rows = Report.objects.select_related("service", "place", "entity", "sender")
    found = rows.filter(pk=sent["id"], pk__in=access.opened(request)).first()
    return Receipt(found, bool(sent.get("changed"))) if found else None
