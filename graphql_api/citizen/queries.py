"""What a sender may ask: one report by its secret, and their own by their token."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

import strawberry
from django.db.models import Q

from cms.entities.snapshot import catalogue
from cms.reports import models, tracking
from cms.reports.actors import SenderActor
from cms.reports.errors import Code, DomainError
from cms.reports.merging import followed_state
from cms.reports.workflow import State, sender_state

from ..context import Info
from ..enums import SenderCategory, SenderState
from ..public.pages import PageInfo, page_size
from .payloads import Sender
from .reports import MyReport, TrackedReport


def sender_type(row: models.Sender) -> Sender:
    return Sender(
        name=row.name,
        phone=row.phone,
        email=row.email,
        category=SenderCategory(row.category) if row.category else None,
    )


@strawberry.type
class MyReportEdge:
    cursor: str
    node: MyReport


@strawberry.type
class MyReportConnection:
    edges: list[MyReportEdge]
    page_info: PageInfo


def _cursor(report: models.Report) -> str:
    values = [report.submitted_at.isoformat(), report.pk]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


def _after(cursor: str) -> tuple[datetime, int]:
    try:
        at, pk = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or type(pk) is not int or not 0 < pk < 2**63:
            raise ValueError(cursor)
    except (ValueError, TypeError, UnicodeError, binascii.Error, RecursionError) as error:
        raise DomainError(Code.INVALID, field="after") from error
    return moment, pk


def _in_states(wanted: list[Any]) -> Q:
    """The reports whose sender reads one of these states."""
    words = {choice.value for choice in wanted}
    own = [state for state in State if state != State.MERGED and sender_state(state) in words]
    followed = [state for state in State if state != State.MERGED and followed_state(state) in words]
    return Q(state__in=own) | Q(state=State.MERGED, merged_into__state__in=followed)


@strawberry.type
class CitizenQuery:
    @strawberry.field(description="A report by its reference and secret; null whichever of the two is wrong.")
    def track_report(self, info: Info, reference: str, secret: str) -> TrackedReport | None:
        report = tracking.find(reference, secret, client=info.context.client)
        if report is None:
            return None
        info.context.catalogue = catalogue(report.catalogue_stamp)  # type: ignore[attr-defined]
        return TrackedReport(report=report, actor=SenderActor(report_id=report.pk))

    @strawberry.field(description="The signed-in sender; null without a valid token.")
    def me(self, info: Info) -> Sender | None:
        sender = info.context.sender
        return sender_type(sender) if sender else None

    @strawberry.field(
        description="The signed-in sender's reports, newest first; confidential ones need their secret."
    )
    def my_reports(
        self,
        info: Info,
        state: list[SenderState] | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> MyReportConnection:
        size = page_size(first)
        if info.context.sender is None:
            raise DomainError(Code.SIGN_IN_REQUIRED)
        actor = info.context.actor
        rows = models.Report.objects.visible_to(actor).filter(parent=None).with_rated()
        rows = rows.select_related("service", "place", "entity", "merged_into")
        rows = rows.order_by("-submitted_at", "-pk")
        if state:
            rows = rows.filter(_in_states(state))
        if after:
            at, pk = _after(after)
            rows = rows.filter(Q(submitted_at__lt=at) | Q(submitted_at=at, pk__lt=pk))
        found = list(rows[: size + 1])
        shown = found[:size]
        edges = [
            MyReportEdge(cursor=_cursor(report), node=MyReport(report=report, actor=actor, together=shown))
            for report in shown
        ]
        end = edges[-1].cursor if edges else None
        return MyReportConnection(
            edges=edges, page_info=PageInfo(has_next_page=len(found) > size, end_cursor=end)
        )
