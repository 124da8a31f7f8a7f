"""Days off applied to open promises: planned, read through, confirmed, watched while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from cms.reports.errors import DomainError
from cms.reports.models import Deadline, Postponement, PostponementStep, Report
from cms.reports.postponing import plans
from cms.reports.rerouting import SMALL

from ..access import actor_of_request, client_of, scope_of_request
from ..planning import done, number, take, trail
from .forms import ConfirmForm, PlanForm

AT_ONCE = 50
State, Outcome = Postponement.State, PostponementStep.Outcome


def _let_in(request: HttpRequest) -> None:
    if not scope_of_request(request).everywhere(plans.PLANS):
        raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
def postponements_page(request: HttpRequest) -> HttpResponse:
    """The list, and the form for a new one."""
    _let_in(request)
    form = PlanForm(request.POST or None, initial={"occasion": request.GET.get("occasion", "")})
    if request.method == "POST" and form.is_valid():
        try:
            made = plans.plan(form.cleaned_data["occasion"], by=request.user, client=client_of(request))  # type: ignore[arg-type]
        except DomainError as error:
            take(form, error)
        else:
            return redirect("desk:postponement", made.pk)
    rows = Postponement.objects.select_related("occasion__place", "planned_by", "confirmed_by").order_by(
        "-pk"
    )
    if before := number(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows[: AT_ONCE + 1])
    context = {
        **trail(gettext("Days off for open promises"), "calendar"),
        "form": form,
        "postponements": found[:AT_ONCE],
        "older": found[AT_ONCE - 1].pk if len(found) > AT_ONCE else None,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/postponing/index.html", context, status=status)


def _one(pk: int) -> Postponement:
    rows = Postponement.objects.select_related("occasion__place", "planned_by", "confirmed_by")
    made = rows.filter(pk=pk).first()
    if made is None:
        raise Http404
    return made


@require_http_methods(["GET", "HEAD", "POST"])
def postponement_page(request: HttpRequest, postponement: int) -> HttpResponse:
    _let_in(request)
    made = _one(postponement)
    form, status = ConfirmForm(request.POST if request.POST.get("do") == "confirm" else None), 200
    if request.method == "POST":
        if request.POST.get("do") not in DOES:
            raise Http404
        if done(request, made, form, DOES):
            return redirect("desk:postponement", made.pk)
        made, status = _one(made.pk), 422
    form.initial["seen"] = made.shown
    if form.is_bound:
        # After a conflict the list is new, and what is confirmed next is this one.
        typed = cast(QueryDict, form.data).copy()
        typed["seen"] = made.shown
        form.data = typed
    title = gettext("Days off: %(name)s") % {"name": made.occasion.name}
    context = {
        **trail(title, "calendar", (reverse("desk:postponements"), gettext("Days off for open promises"))),
        **_progress(made),
        "form": form,
        "may_confirm": plans.may_confirm(request.user),  # type: ignore[arg-type]
        **_listed(request, made),
    }
    template = "planned" if made.state == State.PLANNED else "done"
    return render(request, f"desk/postponing/{template}.html", context, status=status)


@dataclass(frozen=True)
class Row:
    """`report` only where the reader sees it. `moves`: promise, old and new time."""

    pk: int
    report: Report | None
    moves: list[tuple[str, datetime, datetime]]
    outcome: str
    label: str
    at: datetime | None


def _listed(request: HttpRequest, made: Postponement) -> dict[str, Any]:
    """A page of the reports, and from which row the next one goes on. Two statements."""
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in Outcome.values else ""
    after = number(request.GET.get("after", ""))
    steps: QuerySet[PostponementStep] = made.steps.filter(is_confidential=False, pk__gt=after).order_by("pk")
    if outcome:
        steps = steps.filter(outcome=outcome)
    found = list(steps[: AT_ONCE + 1])
    page = found[:AT_ONCE]
    seen = Report.objects.visible_to(actor_of_request(request), scope_of_request(request))
    reports = seen.only("reference", "public_id").in_bulk([step.report_id for step in page])
    labels = dict(Deadline.Promise.choices)
    rows = [
        Row(
            step.pk,
            reports.get(step.report_id),
            [(str(labels[one["promise"]]), _time(one["was"]), _time(one["due"])) for one in step.moves],
            step.outcome,
            str(Outcome(step.outcome).label),
            step.at,
        )
        for step in page
    ]
    more = page[-1].pk if len(found) > AT_ONCE else None
    return {"rows": rows, "more": more, "outcome": outcome, "after": after}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _progress(made: Postponement) -> dict[str, Any]:
    counted = plans.progress(made)
    total = sum(counted.values())
    confidential = made.steps.filter(Q(is_confidential=True)).count()
    return {
        "plan": made,
        "total": total,
        "dealt": total - counted.get(Outcome.WAITING, 0),
        "counts": [(one.value, one.label, counted[one.value]) for one in Outcome if one.value in counted],
        # Fewer would betray one.
        "many_confidential": confidential >= SMALL,
    }


def _confirm(request: Any, made: Postponement, form: Any) -> str:
    if not form.is_valid():
        return ""
    plans.confirm(made.pk, **form.cleaned_data, by=request.user, client=client_of(request))
    return gettext("It is confirmed. The promises move one report after the other.")


def _withdraw(request: Any, made: Postponement, form: Any) -> str:
    plans.withdraw(made.pk, by=request.user, client=client_of(request))
    return gettext("The plan was taken back. Nothing changed.")


def _resume(request: Any, made: Postponement, form: Any) -> str:
    plans.resume(made.pk, by=request.user, client=client_of(request))
    return gettext("It goes on where it was.")


DOES = {"confirm": _confirm, "withdraw": _withdraw, "resume": _resume}


@require_safe
def progress_part(request: HttpRequest, postponement: int) -> HttpResponse:
    """The part of the page that changes while it runs."""
    _let_in(request)
    return render(request, "desk/postponing/progress.html", _progress(_one(postponement)))
