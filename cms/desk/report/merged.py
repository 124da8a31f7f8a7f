"""Merged reports at the desk: whom a report may join, what it follows, and who follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models.functions import Left
from django.urls import reverse

from cms.entities.snapshot import Catalogue
from cms.reports.files.reading import added_by_members
from cms.reports.models import Attachment, Event, Report
from cms.reports.policies import staff_filter
from cms.reports.timeline import text_of
from cms.reports.workflow import State
from permissions.policy import Scope

from ..queue.rows import EXCERPT

# As far apart two reports of one event are sent, and as many as are worth reading through.
DAYS_APART = timedelta(days=14)
MOST_LIKELY = 6
# The least depth at which a place's siblings are its neighbours: districts of one city, not governorates.
NEIGHBOURS = 3


@dataclass(frozen=True)
class Link:
    """Another report: `url` is empty where this person does not see it, and then nothing of it is shown."""

    reference: str
    url: str
    submitted_at: datetime | None = None


@dataclass(frozen=True)
class Added:
    """What a member's sender wrote after the merge."""

    link: Link
    at: datetime
    text: str
    files: Sequence[Attachment] = ()


@dataclass(frozen=True)
class Group:
    members: list[Link]
    added: list[Added]


def _near(report: Report, known: Catalogue) -> list[int]:
    place = known.place_by_id(report.place_id)
    if place is None:
        return [report.place_id]
    near = [place, *known.children(place)]
    if place.depth >= NEIGHBOURS:
        parent = known.ancestors(place)[-1]
        near += [parent, *known.children(parent)]
    return sorted({row.pk for row in near})


def likely_primaries(report: Report, known: Catalogue, scope: Scope) -> Sequence[Report]:
    """Open reports of the same service and entity, near by and of the same days, newest first: one query."""
    near = Report.objects.open().filter(
        entity=report.entity_id,
        service=report.service_id,
        privacy=report.privacy,
        about_entity=report.about_entity_id,
        place__in=_near(report, known),
        submitted_at__range=(report.submitted_at - DAYS_APART, report.submitted_at + DAYS_APART),
    )
    rows = staff_filter(near.exclude(pk=report.pk), scope).annotate(excerpt=Left("text", EXCERPT))
    newest = rows.only("reference", "title", "place_id", "submitted_at").order_by("-submitted_at", "-pk")
    return list(newest[:MOST_LIKELY])


def links(reports: Sequence[Report], scope: Scope) -> dict[int, Link]:
    """By the reports' ids: one query."""
    seen = staff_filter(Report.objects.filter(pk__in=[report.pk for report in reports]), scope)
    visible = set(seen.values_list("pk", flat=True))
    return {
        row.pk: Link(row.reference, reverse("desk:report", args=[row.public_id]), row.submitted_at)
        if row.pk in visible
        else Link("", "")
        for row in reports
    }


def primary_link(report: Report, scope: Scope) -> Link | None:
    """What a merged report follows."""
    if report.state != State.MERGED or report.merged_into is None:
        return None
    return links([report.merged_into], scope)[report.merged_into.pk]


def group_of(report: Report, scope: Scope) -> Group | None:
    """The reports that follow this one (which came `with_members()`), and what their senders added since."""
    if not report.has_members:  # type: ignore[attr-defined]
        return None
    members = list(
        report.members.only("reference", "public_id", "submitted_at").order_by("submitted_at", "pk")
    )
    found = links(members, scope)
    added = Event.objects.filter(
        report__in=members, code="add_information", from_state=State.MERGED
    ).select_related("body")
    written = list(added.order_by("at", "pk"))
    # Asked for only where one of them brought files.
    brought = any((event.data or {}).get("files") for event in written)
    files = added_by_members(report) if brought else {}
    return Group(
        list(found.values()),
        [
            Added(found[event.report_id], event.at, text_of(event), files.get(event.pk, []))
            for event in written
        ],
    )
