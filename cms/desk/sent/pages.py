"""What one's entities sent: the list, and one report as its sender reads it, with what a sender does."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cms.entities.snapshot import catalogue
from cms.reports.errors import Code, DomainError
from cms.reports.models import Reason, Report
from cms.reports.policies import available_actions
from permissions import audit

from .. import words
from ..access import client_of, scope_of_request, sender_of_request, sends_for_an_entity
from ..queue import paging, tabs
from ..report.files import handed_out, sent_with
from .forms import SPECS, SentForm, offered
from .listing import TABS, Filters, own_entities, present, rows_of
from .reading import RELATED, gather

PAGE = 25
NEWEST = paging.ORDERS["new"]
SHOWN_FILTERS = ("q", "entity", "sender", "service")


def for_senders(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For who sends in an entity's name; never kept by the browser, since access ends at once."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not sends_for_an_entity(scope_of_request(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return never_cache(guarded)


@require_safe
@for_senders
def sent_page(request: HttpRequest) -> HttpResponse:
    """Three statements beside the request's own, whatever the page size: stamp, counts, rows."""
    scope, actor, now = scope_of_request(request), sender_of_request(request), timezone.now()
    known = catalogue()
    filters = Filters.of(request.GET, known)
    counts = tabs.counts(list(TABS), actor, scope, now)
    tab = next((one for one in TABS if one.code == request.GET.get("view")), TABS[0])
    found, previous, following = paging.page(
        filters.narrow(tab.narrow(rows_of(actor, scope), scope, tabs.Times.at(now))),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE,
        order=NEWEST,
    )
    own = own_entities(known, scope)
    context = {
        "tabs": [
            {
                "code": one.code,
                "label": one.label,
                "tone": one.tone if counts[one.code] else "",
                "count": tabs.shown_count(counts[one.code]),
                "current": one is tab,
            }
            for one in TABS
        ],
        "tab": tab,
        "rows": [present(report, known, now) for report in found],
        "filters": filters,
        "entities": known.entities,
        "own": own,
        "services": _grouped(known.services),
        "previous": _link(request, before=previous) if previous else "",
        "following": _link(request, after=following) if following else "",
        "asof": words.clock(now),
        **_frame(gettext("Sent by us")),
    }
    return render(request, "desk/sent/list.html", context)


def _grouped(services: Any) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for service in services:
        groups.setdefault(service.category.name, []).append(service)
    return groups


def _link(request: HttpRequest, **asked: str) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    for name, value in asked.items():
        query[name] = value
    return "?" + query.urlencode()


def _frame(title: str, *, below: bool = False) -> dict[str, Any]:
    items = [{"url": reverse("wagtailadmin_home"), "label": gettext("Home")}]
    if below:
        items.append({"url": reverse("desk:sent"), "label": gettext("Sent by us")})
    return {
        "breadcrumbs_items": [*items, {"url": "", "label": title}],
        "header_title": title,
        "header_icon": "mail",
    }


def _found(request: HttpRequest, public_id: uuid.UUID) -> Report:
    """A report of somebody else answers exactly as a missing one."""
    seen = Report.objects.visible_to(sender_of_request(request), scope_of_request(request))
    report = seen.with_rated().with_parts().select_related(*RELATED).filter(public_id=public_id).first()
    if report is None:
        raise Http404
    return report


@require_safe
@for_senders
def sent_report(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _page(request, _found(request, public_id), {})


@require_POST
@for_senders
def sent_act(request: HttpRequest, public_id: uuid.UUID, action: str) -> HttpResponse:
    """Run one action of the sender. On success a redirect; otherwise the page again, with what was typed."""
    spec = SPECS.get(action)
    if spec is None:
        raise Http404
    report = _found(request, public_id)
    form = SentForm(spec, _reasons([action]), request.POST)
    status = 422
    if form.is_valid():
        try:
            with sent_with(request, spec) as files:
                spec.run(report.pk, actor=sender_of_request(request), **form.arguments(), **files)
        except DomainError as error:
            if error.code == Code.NOT_FOUND and not error.field:
                raise Http404 from None
            form.take(error)
            status = 403 if error.code == Code.DENIED else 422
        else:
            messages.success(request, str(spec.done))
            return redirect("desk:sent_report", public_id)
    return _page(request, _found(request, public_id), {action: form}, status)


def _reasons(shown: list[str]) -> list[Reason]:
    return list(Reason.objects.filter(used_for="reopen").order_by("pk")) if "reopen" in shown else []


def _page(
    request: HttpRequest, report: Report, given: dict[str, SentForm], status: int = 200
) -> HttpResponse:
    scope, actor = scope_of_request(request), sender_of_request(request)
    if report.is_confidential:
        audit.record(
            "confidential_view", actor=actor.user, subject=f"report:{report.pk}", client=client_of(request)
        )
    specs = offered(available_actions(actor, report, scope))
    reasons = _reasons([spec.action for spec in specs])
    opened = next(iter(given), specs[0].action if specs else "")
    refused = next((form for action, form in given.items() if action not in {s.action for s in specs}), None)
    now: datetime = timezone.now()
    context = {
        **gather(report, now),
        "panels": [
            {
                "spec": spec,
                "form": given.get(spec.action) or SentForm(spec, reasons),
                "open": spec.action == opened,
                "lead": first == 0,
            }
            for first, spec in enumerate(specs)
        ],
        "refused": refused,
        **_frame(gettext("Report %(reference)s") % {"reference": report.reference}, below=True),
    }
    return render(request, "desk/sent/report.html", context, status=status)


@require_safe
@for_senders
def sent_file(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    return handed_out(request, public_id, sender_of_request(request))
