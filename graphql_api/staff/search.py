"""Searching reports, and those that tell of the same. All of it through `search.searching`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import strawberry
from django.conf import settings
from django.utils import timezone

from cms.reports.actors import StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.models import Report
from cms.reports.reference import parse as parse_reference
from search import asking, results, searching
from search.backends import Unavailable
from search.queries import parse
from search.wanted import LATE, ON_TIME

from ..context import Info
from ..enums import ReportKind, ReportState
from ..ids import required_code
from ..public.pages import PageInfo, page_size
from .reports import StaffReport

Given = TypeVar("Given")
LONGEST = 2_000
FACETS = ("states", "services", "entities", "places", "kinds", "late")


@strawberry.input(description="Several of one field mean any of them; several fields must all hold.")
class ReportFilter:
    state: list[ReportState] | None = None
    kind: list[ReportKind] | None = None
    service: list[strawberry.ID] | None = None
    entity: list[strawberry.ID] | None = None
    place: list[strawberry.ID] | None = None
    late: bool | None = None
    submitted_since: date | None = None
    submitted_until: date | None = None


@strawberry.type(description="A part of a text; `marked` where it is what was searched for.")
class HighlightPiece:
    text: str
    marked: bool


@strawberry.type
class Highlight:
    field: str
    pieces: list[HighlightPiece]


@strawberry.type
class ReportHit:
    report: StaffReport
    highlights: list[Highlight]


@strawberry.type(description="`key`: a code of the catalogue, a state, a kind; `late` or `on_time`.")
class FacetBucket:
    key: str
    count: int


@strawberry.type(description="`other`: how many are in none of the buckets.")
class Facet:
    name: str
    buckets: list[FacetBucket]
    other: int


@strawberry.type
class ReportSearchResult:
    hits: list[ReportHit]
    facets: list[Facet]
    total: int
    total_is_exact: bool
    degraded: bool = strawberry.field(
        description="Elasticsearch does not answer and the database does: it finds less."
    )
    page_info: PageInfo


@strawberry.type(description="A report that tells of the same thing.")
class SimilarReport:
    report: StaffReport


def _codes(values: list[strawberry.ID] | None, type_name: str, field: str) -> tuple[str, ...]:
    return tuple(required_code(value, type_name, f"filter.{field}") for value in values or ())


def _values(values: list[Any] | None) -> tuple[str, ...]:
    return tuple(value.value for value in values or ())


def _filter(chosen: ReportFilter | None) -> asking.Filter:
    if chosen is None:
        return asking.Filter()
    return asking.Filter(
        states=_values(chosen.state),
        kinds=_values(chosen.kind),
        services=_codes(chosen.service, "Service", "service"),
        entities=_codes(chosen.entity, "Entity", "entity"),
        places=_codes(chosen.place, "Place", "place"),
        late=() if chosen.late is None else (LATE if chosen.late else ON_TIME,),
        since=chosen.submitted_since,
        until=chosen.submitted_until,
    )


def _facet(facet: results.Facet) -> Facet:
    buckets = [FacetBucket(key=bucket.key, count=bucket.count) for bucket in facet.buckets]
    return Facet(name=facet.name, buckets=buckets, other=facet.other)


def _hit(hit: results.Hit) -> ReportHit:
    return ReportHit(
        report=StaffReport(report=hit.report),
        highlights=[
            Highlight(field=name, pieces=[HighlightPiece(text=one.text, marked=one.marked) for one in pieces])
            for name, pieces in hit.highlights.items()
        ],
    )


def _answered(ask: Callable[[], Given]) -> Given:
    try:
        return ask()
    except Unavailable as error:
        raise DomainError(Code.SEARCH_UNAVAILABLE) from error


def _staff(info: Info) -> StaffActor:
    actor = info.context.staff
    if actor is None:
        raise DomainError(Code.SIGN_IN_REQUIRED)
    return actor


@strawberry.type
class StaffQuery:
    @strawberry.field(
        description="Reports that the signed-in member of staff may see, the best first. Of a later page"
        " `total` is the first one's and `facets` is empty."
    )
    def search_reports(
        self,
        info: Info,
        query: str,
        filter: ReportFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> ReportSearchResult:
        actor, size = _staff(info), page_size(first)
        if len(query) > LONGEST:
            raise DomainError(Code.TOO_LONG, field="query")
        asked = asking.Asked(
            query=parse(query),
            filter=_filter(filter),
            size=size,
            after=after or "",
            facets=() if after else FACETS,
        )
        found = _answered(lambda: searching.search(actor, asked, at=timezone.now()))
        return ReportSearchResult(
            hits=[_hit(hit) for hit in found.hits],
            facets=[_facet(facet) for facet in found.facets.values()],
            total=found.total,
            total_is_exact=found.exact,
            degraded=found.degraded,
            page_info=PageInfo(has_next_page=bool(found.after), end_cursor=found.after or None),
        )

    @strawberry.field(
        description="Reports that tell of the same as this one, those near by in the same days first."
    )
    def similar_reports(self, info: Info, reference: strawberry.ID) -> list[SimilarReport]:
        actor = _staff(info)
        canonical = parse_reference(str(reference), settings.SAWT_REFERENCE_PREFIX)
        report = Report.objects.visible_to(actor).filter(reference=canonical).first()
        if report is None:
            raise DomainError(Code.NOT_FOUND, field="reference")
        found = _answered(lambda: searching.similar(actor, report, at=timezone.now()))
        return [SimilarReport(report=StaffReport(report=hit.report)) for hit in found]
