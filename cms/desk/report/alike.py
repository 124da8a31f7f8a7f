"""Reports that tell of the same as one does, by their texts: asked for when the page is there already.

Likely duplicates stand first: of the same service, from near by and of the same days. Who may merge the two
is led to the form, which is filled in.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from cms.reports.models import Report
from cms.reports.policies import available_actions, may_merge
from cms.reports.workflow import OPEN
from permissions.policy import Scope
from search import searching
from search.backends import Like, Unavailable

from .. import words
from ..access import actor_of_request, scope_of_request
from ..queue.rows import subject_of
from ..states import icon_of
from .nearby import distance, point_of
from .screen import visible_report

SHOWN = 6
# Of a busy corner the duplicates are not cut off by what else was told there.
READ = 3 * SHOWN
METRES, DAYS = Like.metres, timedelta(days=Like.days)


def is_duplicate(report: Report, other: Report) -> bool:
    """Whether both are likely to tell of one event: one service, near by, of the same days."""
    here, there = point_of(report), point_of(other)
    return (
        report.service_id == other.service_id
        and abs(report.submitted_at - other.submitted_at) <= DAYS
        and here is not None
        and there is not None
        and distance(here, there) <= METRES
    )


def _merging(report: Report, other: Report, scope: Scope) -> str:
    """Where the two can be merged, for who may; '' for everybody else. The action asks all of it again."""
    fits = (
        other.state in OPEN
        and other.privacy == report.privacy
        and other.about_entity_id == report.about_entity_id
        and report.pk != other.parent_id
        and other.pk != report.parent_id
        and may_merge(scope, report, other)
    )
    if not fits:
        return ""
    address = reverse("desk:report", args=[report.public_id])
    return f"{address}?{urlencode({'merge': other.reference})}#act-merge"


@require_safe
def alike_page(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A page of its own, and with `fragment` its list alone, which the report's page fetches."""
    actor, scope, now = actor_of_request(request), scope_of_request(request), timezone.now()
    report = visible_report(public_id, actor, scope)
    try:
        found, is_away = searching.similar(actor, report, at=now, limit=READ), False
    except Unavailable:
        # Neither of the two that could answer does: the page is no worse than without it.
        found, is_away = [], True
    # In the order of the search but for this.
    found.sort(key=lambda hit: not is_duplicate(report, hit.report))
    found = found[:SHOWN]
    merges = "merge" in available_actions(actor, report, scope) if found else False
    context = {
        "report": report,
        "is_away": is_away,
        "alike": [
            {
                "report": hit.report,
                "is_duplicate": is_duplicate(report, hit.report),
                "merge": _merging(report, hit.report, scope) if merges else "",
                "subject": subject_of(hit.report.title, hit.report.text),
                "icon": icon_of(hit.report.state),
                "when": words.ago(hit.report.submitted_at, now),
            }
            for hit in found
        ],
        "is_degraded": searching.is_degraded(),
    }
    if "fragment" in request.GET:
        return render(request, "desk/alike_list.html", context)
    context |= {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("desk:queue"), "label": gettext("Report queue")},
            {"url": reverse("desk:report", args=[public_id]), "label": report.reference},
            {"url": "", "label": gettext("Similar reports")},
        ],
        "header_title": gettext("Similar to %(reference)s") % {"reference": report.reference},
        "header_icon": "search",
    }
    return render(request, "desk/alike.html", context)
