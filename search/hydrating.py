"""From what an index found to what the database has: the rule is asked again, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cms.entities.snapshot import Catalogue
from cms.reports.models import Report
from cms.reports.policies import public_filter

from .backends import FoundHit
from .results import Hit
from .scope import Scope


def hydrated(found: Sequence[FoundHit], scope: Scope, cat: Catalogue) -> tuple[Hit, ...]:
    """Less what the actor may not see any more; nothing that was marked in an earlier text."""
    rows = {report.pk: report for report in _visible([hit.id for hit in found], scope)}
    hits = []
    for hit in found:
        report = rows.get(hit.id)
        if report is None:
            continue
        is_as_found = report.revision == hit.revision
        if report.erased_at is not None and not is_as_found:
            continue
        hits.append(Hit(_named(report, cat), hit.score, dict(hit.highlights) if is_as_found else {}))
    return tuple(hits)


def still_visible(ids: Sequence[int], scope: Scope) -> list[int]:
    """Those of them that the actor may see now, in their order."""
    visible = set(_visible(ids, scope).values_list("pk", flat=True))
    return [pk for pk in ids if pk in visible]


def _visible(ids: Iterable[int], scope: Scope) -> Any:
    rows = Report.objects.filter(pk__in=list(ids))
    if scope.public:
        return public_filter(rows)
    return rows.visible_to(scope.actor, scope.held, few=True) if scope.actor is not None else rows.none()


def _named(report: Report, cat: Catalogue) -> Report:
    """With its service, place and entity from the catalogue, which is in the process."""
    for name, row in (
        ("service", cat.service_ever(report.service_id)),
        ("place", cat.place_by_id(report.place_id)),
        ("entity", cat.entity_ever(report.entity_id)),
    ):
        if row is not None:
            setattr(report, name, row)
    return report
