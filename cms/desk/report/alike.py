"""Reports that tell of the same as one does, by their texts: asked for when the page is there already."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from search import searching
from search.backends import Unavailable

from .. import words
from ..access import actor_of_request, scope_of_request
from ..queue.rows import subject_of
from ..states import icon_of
from .screen import visible_report

SHOWN = 6


@require_safe
def alike_page(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A page of its own, and with `fragment` its list alone, which the report's page fetches."""
    actor, scope, now = actor_of_request(request), scope_of_request(request), timezone.now()
    report = visible_report(public_id, actor, scope)
    try:
        found, is_away = searching.similar(actor, report, at=now, limit=SHOWN), False
    except Unavailable:
        # Neither of the two that could answer does: the page is no worse than without it.
        found, is_away = [], True
    context = {
        "report": report,
        "is_away": is_away,
        "alike": [
            {
                "report": hit.report,
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
