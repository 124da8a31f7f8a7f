"""Handovers of entities: planned, read through, confirmed, watched while they run, and read of later."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from cms.entities.models import Handover
from cms.reports.errors import DomainError
from cms.reports.handover import begin
from cms.reports.handover.checks import check
from cms.reports.handover.outlook import outlook
from cms.reports.handover.running import progress
from cms.reports.reach import CODENAMES

from ..access import actor_of_request, client_of, scope_of_request, sees_reports
from ..planning import done, number, take, trail
from . import lists
from .forms import ConfirmForm, PlanForm

AT_ONCE = 50
State = Handover.State


def _let_in(request: HttpRequest) -> None:
    if not scope_of_request(request).everywhere(begin.PLANS):
        raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
def handovers_page(request: HttpRequest) -> HttpResponse:
    """The list, and the form for a new one."""
    _let_in(request)
    form = PlanForm(request.POST or None, initial={"entity": request.GET.get("entity", "")})
    if request.method == "POST" and form.is_valid():
        try:
            handover = begin.plan(**form.cleaned_data, by=request.user, client=client_of(request))  # type: ignore[arg-type]
        except DomainError as error:
            take(form, error)
        else:
            return redirect("desk:handover", handover.pk)
    rows = Handover.objects.select_related("entity", "target", "planned_by", "confirmed_by").order_by("-pk")
    if before := number(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows[: AT_ONCE + 1])
    context = {
        **trail(gettext("Handovers of entities"), "redirect"),
        "form": form,
        "handovers": found[:AT_ONCE],
        "older": found[AT_ONCE - 1].pk if len(found) > AT_ONCE else None,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/handovers/index.html", context, status=status)


def _one(pk: int) -> Handover:
    rows = Handover.objects.select_related("entity", "target", "planned_by", "confirmed_by")
    handover = rows.filter(pk=pk).first()
    if handover is None:
        raise Http404
    return handover


@require_http_methods(["GET", "HEAD", "POST"])
def handover_page(request: HttpRequest, handover: int) -> HttpResponse:
    _let_in(request)
    return _page(request, _one(handover))


def _page(request: HttpRequest, handover: Handover) -> HttpResponse:
    form = ConfirmForm(request.POST if request.POST.get("do") == "confirm" else None)
    status = 200
    if request.method == "POST":
        if request.POST.get("do") not in DOES:
            raise Http404
        if done(request, handover, form, DOES):
            return redirect("desk:handover", handover.pk)
        handover, status = _one(handover.pk), 422
    title = gettext("Handover: %(entity)s") % {"entity": handover.entity.name}
    context = {
        **trail(title, "redirect", (reverse("desk:handovers"), gettext("Handovers of entities"))),
        "handover": handover,
        "form": form,
        "may_confirm": begin.may_confirm(request.user),  # type: ignore[arg-type]
        "sees": sees_reports(scope_of_request(request)),
    }
    if handover.state == State.PLANNED:
        return render(
            request, "desk/handovers/planned.html", context | _before(handover, form), status=status
        )
    return render(request, "desk/handovers/done.html", context | _after(request, handover), status=status)


def _before(handover: Handover, form: ConfirmForm) -> dict[str, Any]:
    refusal = ""
    try:
        check(handover)
    except DomainError as error:
        refusal = error.message
    found = outlook(handover, at=timezone.now())
    form.initial["seen"] = found.seen()
    if form.is_bound:
        # After a conflict the lists above are new, and what is confirmed next is these.
        typed = cast(QueryDict, form.data).copy()
        typed["seen"] = found.seen()
        form.data = typed
    rules = [(rule.pk, *lists.rule_words(rule)) for rule in found.rules]
    held = [(grant.user, CODENAMES[grant.permission.codename]) for grant in found.grants]
    return {"found": found, "rules": rules, "grants": held, "refusal": refusal}


def _after(request: HttpRequest, handover: Handover) -> dict[str, Any]:
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in lists.Outcome.values else ""
    after = number(request.GET.get("after", ""))
    rows, more = lists.report_rows(
        handover, outcome, after, actor_of_request(request), scope_of_request(request)
    )
    return {
        **_progress(handover),
        "rows": rows,
        "more": more,
        "outcome": outcome,
        "after": after,
        "lines": lists.other_lines(handover),
        "kept": lists.kept_lists(handover),
    }


def _progress(handover: Handover) -> dict[str, Any]:
    counted = progress(handover)
    listed = sum(counted.values())
    # They are written down a few hundred at a time; until then those count that were found before.
    expected = handover.before.get("counts", {}).get("reports", 0) if handover.is_under_way else 0
    return {
        "handover": handover,
        "counts": lists.outcome_counts(counted),
        "total": max(listed, expected),
        "dealt": listed - counted.get(lists.Outcome.WAITING, 0),
    }


def _confirm(request: Any, handover: Handover, form: Any) -> str:
    if not form.is_valid():
        return ""
    begin.confirm(handover.pk, **form.cleaned_data, by=request.user, client=client_of(request))
    if handover.is_move:
        return gettext("It was moved. What follows from it holds from now on.")
    return gettext("The entity is closed. Its open reports go on one after the other.")


def _withdraw(request: Any, handover: Handover, form: Any) -> str:
    begin.withdraw(handover.pk, by=request.user, client=client_of(request))
    return gettext("The plan was taken back. Nothing changed.")


def _resume(request: Any, handover: Handover, form: Any) -> str:
    begin.resume(handover.pk, by=request.user, client=client_of(request))
    return gettext("It goes on where it was.")


DOES = {"confirm": _confirm, "withdraw": _withdraw, "resume": _resume}


@require_safe
def progress_part(request: HttpRequest, handover: int) -> HttpResponse:
    """The part of the page that changes while it runs."""
    _let_in(request)
    return render(request, "desk/handovers/progress.html", _progress(_one(handover)))
