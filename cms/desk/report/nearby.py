"""Reports of the same service from near by and of the same days, of those that the reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any

from django.db.models.functions import Left
from django.utils.translation import gettext

from cms.reports.models import Report
from cms.reports.policies import staff_filter
from cms.reports.workflow import State
from permissions.policy import Scope

from .. import words
from ..queue.rows import EXCERPT, subject_of
from ..states import icon_of

METRES = 500
DAYS = timedelta(days=30)
SHOWN = 6
# Of a busy service in one square, the newest are enough to find the nearest among.
MOST_READ = 200
EARTH = 6_371_000
METRES_OF_A_DEGREE = 111_320


@dataclass(frozen=True)
class Near:
    report: Report
    subject: str
    where: str
    when: str
    icon: str


def distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two points (latitude, longitude) on the sphere."""
    (lat1, lon1), (lat2, lon2) = ((radians(x), radians(y)) for x, y in (a, b))
    h = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH * asin(sqrt(h))


def nearby(report: Report, scope: Scope, now: datetime) -> list[Near]:
    """The nearest first; without a point, those of the same place, the newest first. One query."""
    days = (report.submitted_at - DAYS, report.submitted_at + DAYS)
    found: Any = Report.objects.filter(service=report.service_id, submitted_at__range=days)
    found = found.exclude(pk=report.pk).exclude(state__in=[State.MERGED, State.WITHDRAWN])
    point = point_of(report)
    found = found.filter(**_square(*point)) if point else found.filter(place=report.place_id)
    newest = staff_filter(found, scope).order_by("-submitted_at", "-pk")
    # Found by the index `report_service_recent` alone, which holds all that is asked; then the rows of those.
    keys = newest.values("pk")[: MOST_READ if point else SHOWN]
    columns = ("reference", "public_id", "title", "state", "latitude", "longitude", "submitted_at")
    shown: Any = Report.objects.filter(pk__in=keys).annotate(excerpt=Left("text", EXCERPT)).only(*columns)
    rows = list(shown.order_by("-submitted_at", "-pk"))
    if not point:
        return [_present(row, gettext("In the same place"), now) for row in rows]
    far = sorted(
        ((distance(point, (row.latitude, row.longitude)), row) for row in rows), key=lambda one: one[0]
    )
    return [_present(row, _away(metres), now) for metres, row in far[:SHOWN] if metres <= METRES]


def point_of(report: Report) -> tuple[float, float] | None:
    if report.latitude is None or report.longitude is None:
        return None
    return report.latitude, report.longitude


def _square(latitude: float, longitude: float) -> dict[str, tuple[float, float]]:
    high = METRES / METRES_OF_A_DEGREE
    wide = high / max(cos(radians(latitude)), 0.01)
    return {
        "latitude__range": (latitude - high, latitude + high),
        "longitude__range": (longitude - wide, longitude + wide),
    }


def _away(metres: float) -> str:
    rounded = int(round(metres, -1))
    return gettext("About %(n)s m away") % {"n": rounded} if rounded else gettext("At the same point")


def _present(row: Any, where: str, now: datetime) -> Near:
    return Near(
        row, subject_of(row.title, row.excerpt), where, words.ago(row.submitted_at, now), icon_of(row.state)
    )
