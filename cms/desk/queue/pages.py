"""The queue's page: thin, on top of tabs, filters and keyset pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from cms.entities.snapshot import catalogue
from cms.reports.models import Report
from permissions.policy import Scope

from .. import words
from ..access import actor_of_request, scope_of_request, sees_reports
from . import filters as filtering
from . import paging, rows, tabs


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    scope = scope_of_request(request)
    if not sees_reports(scope):
        raise PermissionDenied
    return render(request, "desk/queue.html", queue_context(request, scope))


def queue_context(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    """Three statements, whatever the page size: the catalogue's stamp, the rows, all counts at once."""
    now = timezone.now()
    known = catalogue()
    actor = actor_of_request(request)
    shown = tabs.tabs_for(scope)
    filters = filtering.Filters.of(request.GET, known)
    wanted = request.GET.get("view", "")
    # A reference is looked for everywhere one may look, not in the open tab alone.
    fallback = "all" if filters.typed else tabs.default_tab(scope)
    tab = next((t for t in shown if t.code == wanted), None) or next(t for t in shown if t.code == fallback)
    found = tab.narrow(Report.objects.visible_to(actor, scope), scope, now)
    found = rows.with_promise(filters.narrow(found, scope, known), now)
    reports, previous, following = paging.page(
        found, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    counts = tabs.counts(shown, actor, scope, now)
    return {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": "", "label": gettext("Report queue")},
        ],
        "header_title": gettext("Report queue"),
        "header_icon": "list-ul",
        "tabs": [
            {
                "code": t.code,
                "label": t.label,
                "tone": t.tone if counts[t.code] else "",
                "count": tabs.shown_count(counts[t.code]),
                "current": t.code == tab.code,
                "key": position if position < 10 else "",
            }
            for position, t in enumerate(shown, start=1)
        ],
        "tab": tab,
        "rows": [rows.present(report, now, known) for report in reports],
        "filters": filters,
        "states": filtering.state_choices(filters),
        "services": filtering.service_groups(known),
        "places": filtering.place_choices(known),
        "entities": filtering.entity_choices(known, scope),
        "people": filtering.assignee_choices(filters, reports, scope),
        "previous": _link(request, before=previous) if previous else "",
        "following": _link(request, after=following) if following else "",
        "asof": words.clock(now),
        "keys": {
            "assign": scope.anywhere("assign_reports"),
            "reply": scope.anywhere("reply_to_sender"),
        },
    }


def _link(request: HttpRequest, **cursor: str) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    for name, value in cursor.items():
        query[name] = value
    return "?" + query.urlencode()
