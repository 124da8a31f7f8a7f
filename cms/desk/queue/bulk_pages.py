"""Bulk work's two steps: the form for what is ticked, and the list again with what became of each row."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from cms.entities.snapshot import catalogue
from cms.reports.models import Report
from permissions.policy import Scope

from ..access import actor_of_request, scope_of_request, sees_reports
from ..report.specs import SPECS
from . import bulk
from .bulk_form import BulkForm, form_for
from .rows import subject_of

KEPT = "desk_bulk"
# What of the queue's address is no filter.
NOT_KEPT = ("done",)


@require_POST
def bulk_page(request: HttpRequest) -> HttpResponse:
    """`do` names the action, `row` the ticked rows; nothing is done until the form comes with `go`."""
    scope = scope_of_request(request)
    if not sees_reports(scope):
        raise PermissionDenied
    action = request.POST.get("do", "")
    if action not in bulk.actions_of(scope):
        raise Http404
    rows = bulk.ticked(request.POST.getlist("row"))
    if refusal := _how_many(rows):
        messages.error(request, refusal)
        return redirect(_address(request))
    reports = bulk.seen_of(rows, actor_of_request(request), scope)
    if "go" not in request.POST:
        return _form_page(request, scope, rows, reports, form_for(action, reports, catalogue(), scope))
    form = form_for(action, reports, catalogue(), scope, request.POST)
    if not form.is_valid():
        return _form_page(request, scope, rows, reports, form, status=422)
    outcome = bulk.run(action, rows, form.arguments(), actor=actor_of_request(request))
    if outcome.common is not None:
        form.take(outcome.common)
        return _form_page(request, scope, rows, reports, form, status=422)
    return redirect(_address(request, done=_keep(request, action, outcome)))


def _how_many(rows: list[bulk.Ticked]) -> str:
    if not rows:
        return gettext("Tick the reports first, then choose what to do with them.")
    if len(rows) > bulk.MOST:
        return ngettext(
            "At most %(n)d report at once. Nothing was done.",
            "At most %(n)d reports at once. Nothing was done.",
            bulk.MOST,
        ) % {"n": bulk.MOST}
    return ""


def _address(request: HttpRequest, **added: str) -> str:
    """The queue as it was, filters and page included."""
    query = QueryDict(request.POST.get("back", "")[:2000], mutable=True)
    for name in NOT_KEPT:
        query.pop(name, None)
    for name, value in added.items():
        query[name] = value
    return reverse("desk:queue") + (f"?{query.urlencode()}" if query else "")


def _form_page(
    request: HttpRequest,
    scope: Scope,
    rows: list[bulk.Ticked],
    reports: list[Report],
    form: BulkForm,
    status: int = 200,
) -> HttpResponse:
    spec = SPECS[form.spec.action]
    hindered = bulk.hindered(spec.action, reports, actor_of_request(request), scope, timezone.now())
    why = {report.pk: sentence for report, sentence in hindered}
    title = gettext("%(action)s: reports ticked in the queue") % {"action": spec.label}
    context: dict[str, Any] = {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("desk:queue"), "label": gettext("Report queue")},
            {"url": "", "label": str(spec.label)},
        ],
        "header_title": title,
        "header_icon": spec.icon,
        "spec": spec,
        "form": form,
        "rows": rows,
        "reports": [
            {"reference": r.reference, "subject": subject_of(r.title, r.text), "why": why.get(r.pk, "")}
            for r in reports
        ],
        "possible": len(reports) - len(hindered),
        "hindered": [(report.reference, sentence) for report, sentence in hindered],
        "missing": len(rows) - len(reports),
        "listed": request.POST.get("listed", "")[:4000],
        "back": request.POST.get("back", "")[:2000],
        "back_url": _address(request),
        "fragment": "fragment" in request.POST,
    }
    template = "desk/bulk_form.html" if context["fragment"] and "go" not in request.POST else "desk/bulk.html"
    return render(request, template, context, status=status)


def _keep(request: HttpRequest, action: str, outcome: bulk.Outcome) -> str:
    """The last outcome stays in the session, so that the list shows it again when it is loaded anew."""
    token = secrets.token_urlsafe(6)
    request.session[KEPT] = {
        "token": token,
        "action": action,
        "done": outcome.done,
        "refused": outcome.refused,
        "missing": outcome.missing,
        "listed": bulk.references(request.POST.get("listed", "")),
    }
    return token


def kept_outcome(request: HttpRequest) -> dict[str, Any] | None:
    """What the address asks to be shown, where it is this session's last bulk action."""
    token = request.GET.get("done", "")
    kept = getattr(request, "session", {}).get(KEPT) if token else None
    if not kept or kept["token"] != token or kept["action"] not in SPECS:
        return None
    outcome = bulk.Outcome(kept["done"], [(one, why) for one, why in kept["refused"]], kept["missing"])
    return {
        "label": SPECS[kept["action"]].label,
        "sentence": outcome.sentence,
        "refused": outcome.refused,
        "missing": outcome.missing,
        "done": outcome.done,
        "listed": kept["listed"],
        # What was not done stays ticked.
        "again": {reference for reference, _why in outcome.refused},
    }
