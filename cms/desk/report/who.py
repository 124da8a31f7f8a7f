"""Who can see one report, and why: for who oversees access."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from cms.reports.sight import who_can_see, who_follows

from ..access import actor_of_request, oversees_access, scope_of_request
from .screen import visible_report


@require_safe
def who_page(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    scope = scope_of_request(request)
    report = visible_report(public_id, actor_of_request(request), scope)
    if not oversees_access(scope, report):
        raise Http404
    sights = who_can_see(report, at=timezone.now())
    following = who_follows(report, at=timezone.now()) if report.is_letter else []
    title = gettext("Who can see %(reference)s?") % {"reference": report.reference}
    context = {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("desk:queue"), "label": gettext("Report queue")},
            {"url": reverse("desk:report", args=[public_id]), "label": report.reference},
            {"url": "", "label": gettext("Who can see it?")},
        ],
        "header_title": title,
        "header_icon": "view",
        "report": report,
        "seeing": [sight for sight in sights if sight.sees],
        "following": following,
        "kept_out": [sight for sight in sights if not sight.sees],
    }
    return render(request, "desk/who.html", context)
