"""A report as staff read it, of what they may see."""

from __future__ import annotations

from datetime import datetime

import strawberry

from cms.reports import timeline
from cms.reports.models import Report

from ..enums import Priority, ReportKind, ReportState
from ..public.catalogue import Entity, Place, Service
from ..reading import reads


@strawberry.type(description="A report that the signed-in member of staff may see.")
class StaffReport:
    report: strawberry.Private[Report]

    @reads
    def reference(self) -> str:
        return self.report.reference

    @reads
    def kind(self) -> ReportKind:
        return ReportKind(self.report.kind)

    @reads
    def state(self) -> ReportState:
        return ReportState(self.report.state)

    @reads(description="The state in words, in the request's language.")
    def state_label(self) -> str:
        return str(self.report.get_state_display())

    @reads(description="Its title, else the service and the place.")
    def heading(self) -> str:
        return timeline.heading(self.report, self.report.service, self.report.place)

    @reads
    def priority(self) -> Priority:
        return Priority(self.report.priority)

    @reads
    def service(self) -> Service:
        return Service(row=self.report.service)

    @reads
    def place(self) -> Place:
        return Place(row=self.report.place)

    @reads(description="Who has the report; null while a supervisor decides.")
    def entity(self) -> Entity | None:
        return Entity(row=self.report.entity) if self.report.entity is not None else None

    @reads
    def submitted_at(self) -> datetime:
        return self.report.submitted_at

    @reads(description="By when the next of its promises is due; null where nothing is running.")
    def due_at(self) -> datetime | None:
        return self.report.next_due_at
