"""The queue's page: thin, on top of tabs, filters and keyset pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from cms.entities.snapshot import catalogue
from cms.reports.models import Report
from permissions.policy import Scope

from .. import words
from ..access import actor_of_request, scope_of_request, sees_reports
from ..report.specs import SPECS
from . import bulk, paging, rows, tabs
from . import filters as filtering
from .bulk_pages import kept_outcome


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
    seen = Report.objects.visible_to(actor, scope)
    outcome = kept_outcome(request)
    if outcome:
        # The rows stay where they were, whatever became of them.
        reports = rows.in_place(rows.with_promise(seen, now), outcome["listed"])
        previous = following = ""
    else:
        found = rows.with_promise(filters.narrow(tab.narrow(seen, scope, now), scope, known), now)
        reports, previous, following = paging.page(
            found, after=request.GET.get("after", ""), before=request.GET.get("before", "")
        )
    may = bulk.hints(reports, actor, scope)
    again = outcome["again"] if outcome else set()
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
        "rows": [
            rows.present(report, now, known, may=may[report.pk], ticked=report.reference in again)
            for report in reports
        ],
        "bulk": [SPECS[action] for action in bulk.actions_of(scope)],
        "most": bulk.MOST,
        "ticked_forms": words.forms(
            lambda n: ngettext("%(n)d report ticked", "%(n)d reports ticked", n) % {"n": n}
        ),
        "listed": ",".join(report.reference for report in reports),
        "back": _link(request)[1:],
        "outcome": outcome,
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
    query.pop("done", None)
    if cursor:
        query.pop("after", None)
        query.pop("before", None)
    for name, value in cursor.items():
        query[name] = value
    return "?" + query.urlencode()
