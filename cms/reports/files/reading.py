"""Who reads which file: whoever reads the event that brought it. Written once, for every door.

The sender reads their own report's, never those of the report it is merged with, nor another member's. Staff
read what their timeline of the report has; who works on a merged group also what a member's sender added.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from permissions import audit
from permissions.policy import Scope, scope_of

from ..actors import Actor, StaffActor, person_of
from ..audiences import Audience, is_for
from ..models import Attachment, Report
from ..policies import staff_filter
from ..timeline import events_of, staff_reads
from ..workflow import State, Who


def _attached(**narrowed: Any) -> QuerySet[Attachment]:
    """Of reports that still have their texts; with what a decision needs."""
    rows = Attachment.objects.filter(report__isnull=False, report__erased_at=None, is_stored=True)
    return rows.filter(**narrowed).select_related("event").order_by("event__sequence", "pk")


def by_event(rows: Iterable[Attachment]) -> dict[int, list[Attachment]]:
    grouped: dict[int, list[Attachment]] = {}
    for row in rows:
        if row.event_id is not None:
            grouped.setdefault(row.event_id, []).append(row)
    return grouped


def of_sender(report: Report) -> list[Attachment]:
    """What the sender of a report, who has proved to be that, reads of its files: one query."""
    return [
        row
        for row in _attached(report=report)
        if row.event is not None and is_for(row.event, Audience.SENDER)
    ]


def of_sender_among(report: Report, together: Sequence[Report]) -> list[Attachment]:
    """The same where several reports are answered together: one query for all of them."""
    if not hasattr(report, "_senders_files"):
        several = list(together) or [report]
        found: dict[int, list[Attachment]] = {one.pk: [] for one in several}
        for row in _attached(report__in=several):
            if row.event is not None and row.report_id is not None and is_for(row.event, Audience.SENDER):
                found[row.report_id].append(row)
        for one in several:
            one._senders_files = found[one.pk]  # type: ignore[attr-defined]
    kept: list[Attachment] = report._senders_files  # type: ignore[attr-defined]
    return kept


def of_staff(report: Report, scope: Scope) -> list[Attachment]:
    """Of a report that this member of staff sees. No query where its history names no file."""
    if not any((event.data or {}).get("files") for event in events_of(report)):
        return []
    return [
        row
        for row in _attached(report=report)
        if row.event is not None and staff_reads(row.event, scope, report)
    ]


def added_by_members(report: Report) -> dict[int, list[Attachment]]:
    """What the senders of merged reports added since, by event, for who sees the primary."""
    rows = _attached(
        report__merged_into=report, event__code="add_information", event__from_state=State.MERGED
    )
    return by_event(rows)


def find(public_id: uuid.UUID, actor: Actor, *, report: Report | None = None) -> Attachment | None:
    """The file, for who may read it at this moment; None for everyone else, as where there is none.

    `report`: only where it belongs to this one.
    """
    rows = _attached(public_id=public_id).select_related("event", "report")
    row = (rows.filter(report=report) if report is not None else rows).first()
    if row is None or row.report is None or row.event is None:
        return None
    if actor.who is Who.SENDER:
        seen = Report.objects.filter(pk=row.report.pk).visible_to(actor).exists()
        return row if seen and is_for(row.event, Audience.SENDER) else None
    if isinstance(actor, StaffActor):
        return row if _staff_may_read(row, scope_of(actor.user)) else None
    return None


def _staff_may_read(row: Attachment, scope: Scope) -> bool:
    report, event = row.report, row.event
    if report is None or event is None:
        return False
    if staff_filter(Report.objects.filter(pk=report.pk), scope).exists():
        return staff_reads(event, scope, report)
    added = event.code == "add_information" and event.from_state == State.MERGED
    if added and report.merged_into_id is not None:
        return staff_filter(Report.objects.filter(pk=report.merged_into_id), scope).exists()
    return False


def note_view(row: Attachment, actor: Actor, *, client: str) -> None:
    """A file of a confidential report that was opened stands in the audit trail, as its page does."""
    person = person_of(actor)
    if person is not None and row.report is not None and row.report.is_confidential:
        audit.record(
            "confidential_file",
            actor=person,
            subject=f"report:{row.report.pk}",
            data={"file": str(row.public_id)},
            client=client,
        )
