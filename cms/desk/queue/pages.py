"""The queue's page: thin, on top of tabs, filters and keyset pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.entities.snapshot import Catalogue, catalogue
from cms.reports.actors import StaffActor
from cms.reports.models import Channel, Report
from cms.reports.workflow import State
from permissions.policy import Scope

from .. import words
from ..access import actor_of_request, scope_of_request, sees_reports, sends_for_an_entity
from ..report.specs import SPECS
from . import bulk, paging, rows, tabs, views
from . import filters as filtering
from .bulk_pages import kept_outcome
from .markup import Markup


@dataclass(frozen=True)
class Opening:
    """What every answer begins with: one statement for all counts, the catalogue's stamp and the views."""

    scope: Scope
    actor: StaffActor
    now: datetime
    known: Catalogue
    tabs: list[tabs.Tab]
    counts: dict[str, int]
    views: list[views.Kept]

    @classmethod
    def of(cls, request: HttpRequest, scope: Scope, *, counted: bool = True) -> Opening:
        now = timezone.now()
        opened = tabs.opened(scope, now, counted=counted)
        known = catalogue(opened.stamp)
        return cls(
            scope, actor_of_request(request), now, known, tabs.tabs_for(scope), opened.counts, opened.views
        )

    @property
    def seen(self) -> Any:
        return Report.objects.visible_to(self.actor, self.scope)

    def read(self, keys: list[Any]) -> list[Report]:
        return rows.read(keys, self.now)

    def rows_of(self, reports: list[Any], again: set[str] | None = None) -> list[rows.Row]:
        may = bulk.hints(reports, self.actor, self.scope)
        present = rows.Presenter(self.now, self.known)
        return [
            present(report, may=may[report.pk], ticked=report.reference in (again or ()))
            for report in reports
        ]

    def shown_counts(self) -> list[dict[str, Any]]:
        return [
            {
                "code": tab.code,
                "label": tab.label,
                "tone": tab.tone if self.counts[tab.code] else "",
                "count": tabs.shown_count(self.counts[tab.code]),
                "key": position if position < 10 else "",
            }
            for position, tab in enumerate(self.tabs, start=1)
        ]


def _guarded(request: HttpRequest) -> Scope:
    scope = scope_of_request(request)
    if not sees_reports(scope):
        raise PermissionDenied
    return scope


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    opening = Opening.of(request, _guarded(request))
    default = next((view for view in opening.views if view.is_default), None)
    if default is not None and not request.GET:
        return redirect(reverse("desk:queue") + default.address)
    frame = {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": "", "label": gettext("Report queue")},
        ],
        "header_title": gettext("Report queue"),
        "header_icon": "list-ul",
    }
    return render(request, "desk/queue.html", frame | listing(request, opening))


@never_cache
@require_safe
def queue_list(request: HttpRequest) -> HttpResponse:
    """What stands below the tabs of the same address, for a page that stays: it filters and pages so."""
    opening = Opening.of(request, _guarded(request), counted=False)
    return render(request, "desk/queue_list.html", listing(request, opening))


@never_cache
@require_safe
def fresh(request: HttpRequest) -> HttpResponse:
    """The counts, and the rows of `listed` that one still sees, as they are now. Nothing is written.

    `listed` is `reference:revision,…`: a row of that revision is named, and one of another is told anew.
    """
    opening = Opening.of(request, _guarded(request))
    listed = bulk.shown_before(request.GET.get("listed", ""))
    keys = rows.in_place(opening.seen, list(listed))
    changed = opening.read([key for key in keys if key.revision != listed[key.reference]])
    markup = Markup(bulk=bool(bulk.actions_of(opening.scope)))
    told: dict[str, dict[str, Any]] = {key.reference: {"revision": key.revision} for key in keys}
    for row in opening.rows_of(changed):
        told[row.report.reference] |= {"may": row.may, "html": markup.cells(row)}
    return JsonResponse(
        {
            "asof": gettext("As of %(asof)s") % {"asof": words.clock(opening.now)},
            "counts": {t["code"]: [t["count"], t["tone"]] for t in opening.shown_counts()},
            "rows": told,
        }
    )


def queue_context(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    return listing(request, Opening.of(request, scope))


def listing(request: HttpRequest, opening: Opening) -> dict[str, Any]:
    """The template's context: one statement more than the opening, whatever the page size."""
    scope, known, now = opening.scope, opening.known, opening.now
    filters = filtering.Filters.of(request.GET, known)
    filters.bind(scope, known)
    wanted = request.GET.get("view", "")
    # A reference is looked for everywhere one may look, not in the open tab alone.
    wanted = "all" if filters.found else wanted
    fallback = "all" if filters.typed else tabs.default_tab(scope)
    tab = next((t for t in opening.tabs if t.code == wanted), None)
    tab = tab or next(t for t in opening.tabs if t.code == fallback)
    outcome = kept_outcome(request)
    if outcome:
        # The rows stay where they were, whatever became of them.
        reports = opening.read(rows.in_place(opening.seen, outcome["listed"]))
        previous = following = ""
    else:
        found = filters.narrow(tab.narrow(opening.seen, scope, tabs.Times.at(now)), scope, known, now)
        reports, previous, following = paging.page(
            found,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
            size=filters.size,
            order=filters.order,
            reader=opening.read,
        )
    here = views.cleaned(request.GET.urlencode())
    view = next((one for one in opening.views if str(one.pk) == request.GET.get("saved")), None)
    shown = opening.rows_of(reports, outcome["again"] if outcome else None)
    bar = bulk.actions_of(scope)
    people = filtering.assignee_choices(filters, shown, scope)
    offered = filtering.offered(known)
    return {
        "tabs": [{**t, "current": not view and t["code"] == tab.code} for t in opening.shown_counts()],
        "tab": tab,
        "views": [{"view": one, "current": one is view} for one in opening.views],
        "view": view,
        "changed": view is not None and not views.same(view.query, here),
        "rows": shown,
        "markup": Markup(bulk=bool(bar)).rows(shown),
        "bulk": [SPECS[action] for action in bar],
        "most": bulk.MOST,
        "ticked_forms": words.forms(
            lambda n: ngettext("%(n)d report ticked", "%(n)d reports ticked", n) % {"n": n}
        ),
        "changed_forms": words.forms(
            lambda n: (
                ngettext(
                    "%(n)d report changed meanwhile. It stays where it stood.",
                    "%(n)d reports changed meanwhile. They stay where they stood.",
                    n,
                )
                % {"n": n}
            )
        ),
        "listed": ",".join(report.reference for report in reports),
        "back": _link(request)[1:],
        "outcome": outcome,
        "filters": filters,
        "states": State.choices,
        "channels": Channel.choices,
        "lateness": filtering.LATENESS.items(),
        "due": filtering.LATENESS.get(filters.due, ""),
        "periods": filtering.period_choices(),
        "orders": [(order.code, order.label) for order in paging.ORDERS.values()],
        "sizes": paging.SIZES,
        "services": offered.services,
        "places": offered.places,
        "entities": filtering.entity_choices(known, scope),
        "people": people,
        "assignee": dict(people).get(filters.assignee, ""),
        "previous": _link(request, before=previous) if previous else "",
        "following": _link(request, after=following) if following else "",
        "sorts": {
            "due": _link(request, sort="due"),
            "age": _link(request, sort="old" if filters.order.code == "new" else "new"),
        },
        "asof": words.clock(now),
        "sends": sends_for_an_entity(scope),
        "keys": {
            "assign": scope.anywhere("assign_reports"),
            "reply": " ".join(bulk.REPLIES) if scope.anywhere("reply_to_sender") else "",
        },
    }


def _link(request: HttpRequest, **asked: str) -> str:
    """This address with something else asked; the page's cursor holds for the same question alone."""
    query = request.GET.copy()
    query.pop("done", None)
    if asked:
        query.pop("after", None)
        query.pop("before", None)
    for name, value in asked.items():
        query[name] = value
    return "?" + query.urlencode()
