"""The ladders: drawn, changed, given to a service, a priority or an entity, and tried on today's reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import formset_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from cms.entities.escalation import Steps, built_in, steps_of
from cms.entities.models import Escalation, EscalationStep, Privacy
from cms.entities.snapshot import renew
from cms.reports import escalating, scheduling
from permissions import audit

from ..access import client_of, scope_of_request
from ..planning import trail
from ..promises import end_of_today
from .forms import SPARE, OwnForm, StepForm, StepsFormSet, texts_for
from .menu import KEEPS
from .picture import CHANNELS, Rung, picture


@dataclass(frozen=True)
class Drawn:
    """`row`: none where it is built in; the codes are what it is then written down by."""

    promise: str
    privacy: str
    holds_for: str
    rungs: list[Rung]
    row: Escalation | None
    promise_code: str
    privacy_code: str


def _let_in(request: HttpRequest) -> None:
    if not scope_of_request(request).everywhere(KEEPS):
        raise Http404


def _drawn() -> list[Drawn]:
    """The region's ladder of each promise, written or built in, and then those of their own."""
    rows = list(Escalation.objects.select_related("service", "entity").prefetch_related("steps"))
    of_region = {
        (row.promise, row.privacy): row
        for row in rows
        if not (row.service_id or row.priority or row.entity_id)
    }
    found = []
    for privacy in Privacy.values:
        for promise, label in Escalation.Promise.choices:
            row = of_region.get((promise, privacy))
            steps = steps_of(row) if row else built_in(promise, privacy)
            words = (str(label), str(Privacy(privacy).label), gettext("the whole region"))
            found.append(Drawn(*words, picture(steps), row, promise, privacy))
    others = [row for row in rows if row not in of_region.values()]
    for row in others:
        words = (str(row.get_promise_display()), str(row.get_privacy_display()), row.holds_for)
        found.append(Drawn(*words, picture(steps_of(row)), row, row.promise, row.privacy))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def ladders_page(request: HttpRequest) -> HttpResponse:
    _let_in(request)
    form = OwnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made: Escalation = form.save(commit=False)
        with transaction.atomic():
            made.save()
            keep(made, _until_now(made), request, "ladder_made")
        return redirect("desk:ladder", made.pk)
    now = timezone.now()
    context = {
        **trail(gettext("Escalation"), "order-up"),
        "form": form,
        "ladders": _drawn(),
        "dry": _dry_run(end_of_today(now)) if "try" in request.GET else None,
        "until": end_of_today(now) - timedelta(minutes=1),
    }
    return render(request, "desk/ladders/index.html", context, status=422 if form.is_bound else 200)


def _dry_run(until: datetime) -> dict[str, Any]:
    """The sweep's own look at what comes until then."""
    seen = escalating.outlook(until)
    return {
        "seen": seen,
        "people": len(seen.people),
        "channels": [(CHANNELS[channel], many) for channel, many in sorted(seen.messages.items())],
        "is_part": seen.promises >= escalating.MOST,
    }


def _until_now(made: Escalation) -> Steps:
    """The steps that hold where there is none of its own: the region's, or those that are built in."""
    region = Escalation.objects.filter(
        promise=made.promise, privacy=made.privacy, service=None, priority="", entity=None
    )
    row = region.exclude(pk=made.pk).first()
    return steps_of(row) if row else built_in(made.promise, made.privacy, made.priority)


@require_http_methods(["GET", "HEAD", "POST"])
def ladder_page(request: HttpRequest, ladder: int) -> HttpResponse:
    _let_in(request)
    row = Escalation.objects.select_related("service", "entity").filter(pk=ladder).first()
    if row is None:
        raise Http404
    if request.POST.get("do") == "delete" and not request.POST.get("sure"):
        messages.error(request, gettext("Nothing was deleted: tick that you mean it."))
        return redirect("desk:ladder", ladder=row.pk)
    if request.POST.get("do") == "delete":
        with transaction.atomic():
            _changed(row, request, "ladder_deleted")
            row.delete()
        messages.success(request, gettext("The ladder is gone; the region's holds again."))
        return redirect("desk:ladders")
    steps = steps_of(row)
    many = formset_factory(StepForm, formset=StepsFormSet, extra=SPARE, max_num=60)
    formset: Any = many(
        request.POST or None,
        initial=[StepForm.initial_of(step) for step in steps],
        form_kwargs={"escalation": row, "texts": texts_for(row)},
        prefix="step",
    )
    if request.method == "POST" and formset.is_valid():
        made = [form.row(form.cleaned_data) for form in formset.kept()]
        with transaction.atomic():
            keep(row, made, request, "ladder_changed")
        messages.success(request, gettext("The ladder is changed. Open promises climb it from now on."))
        return redirect("desk:ladder", row.pk)
    title = gettext("%(promise)s: %(subject)s") % {
        "promise": row.get_promise_display(),
        "subject": row.holds_for,
    }
    context = {
        **trail(title, "order-up", (reverse("desk:ladders"), gettext("Escalation"))),
        "row": row,
        "formset": formset,
        "rungs": picture(steps),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/ladders/ladder.html", context, status=status)


def keep(row: Escalation, steps: Any, request: HttpRequest, code: str) -> None:
    """These are its steps from now on, for open promises too."""
    row.steps.all().delete()
    names = ("position", "audience", "channel", "mode", "event")
    EscalationStep.objects.bulk_create(
        EscalationStep(escalation=row, **{name: getattr(step, name) for name in names}) for step in steps
    )
    _changed(row, request, code)


def _changed(row: Escalation, request: HttpRequest, code: str) -> None:
    # Rows written in bulk send no signals.
    renew()
    scheduling.look_again(timezone.now())
    steps = [f"{step.position}:{step.audience}:{step.channel}:{step.mode}" for step in steps_of(row)]
    audit.record(
        code,
        actor=request.user,  # type: ignore[arg-type]
        subject=f"ladder:{row.subject}",
        data={"steps": steps},
        client=client_of(request),
    )
