"""The page of one report, and the one door through which the desk acts on it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from cms.entities.snapshot import catalogue
from cms.reports.actions import BY_NAME
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, Conflict, DomainError
from cms.reports.models import Report
from cms.reports.reference import parse
from permissions import audit
from permissions.policy import Scope

from ..access import actor_of_request, client_of, scope_of_request
from . import presence
from .files import sent_with
from .forms import ActionForm, Material
from .nearby import nearby
from .reveal import RevealForm, is_revealed
from .screen import directives_of, gather, material_of, visible_report
from .specs import SPECS


@require_safe
def report_page(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    scope = scope_of_request(request)
    actor = actor_of_request(request)
    report = visible_report(public_id, actor, scope)
    if report.is_confidential:
        audit.record(
            "confidential_view", actor=actor.user, subject=f"report:{report.pk}", client=client_of(request)
        )
    return render(request, "desk/report.html", _whole(request, report, actor, scope, _proposed(request)))


def _proposed(request: HttpRequest) -> Callable[[Material], dict[str, ActionForm]] | None:
    """The form of merging, where the address names the report to join; what is no number proposes nothing."""
    try:
        primary = parse(request.GET.get("merge", ""), settings.SAWT_REFERENCE_PREFIX)
    except DomainError:
        return None

    def build(material: Material) -> dict[str, ActionForm]:
        form = ActionForm(SPECS["merge"], material)
        form.propose(primary)
        return {"merge": form}

    return build


def _whole(
    request: HttpRequest,
    report: Report,
    actor: StaffActor,
    scope: Scope,
    build: Callable[[Material], dict[str, ActionForm]] | None = None,
) -> dict[str, Any]:
    """The page with everything on it, whether it is opened or comes back with what was typed."""
    context = gather(report, actor, scope, build, revealed=is_revealed(request, report))
    now = timezone.now()
    context["reading"] = presence.sentence(presence.others(report.pk, actor.user.pk, now))
    context["near"] = nearby(report, scope, now)
    context["reveal_form"] = RevealForm(context["reveal_reasons"]) if context["reveal_reasons"] else None
    return context


@require_POST
def act(request: HttpRequest, public_id: uuid.UUID, action: str) -> HttpResponse:
    """Run one action. On success a redirect; otherwise the page again with every letter typed."""
    spec = SPECS.get(action)
    if spec is None:
        raise Http404
    scope = scope_of_request(request)
    actor = actor_of_request(request)
    report = visible_report(public_id, actor, scope, to_act="insert" not in request.POST)
    failure: DomainError | None = None
    known = catalogue(getattr(report, "catalogue_stamp", None))
    material = material_of(report, known, [action], scope, report.assignments.all(), directives_of(report))
    form = ActionForm(spec, material, request.POST)
    if "insert" in request.POST:
        return _with_template(request, report, form)
    if form.is_valid():
        try:
            with sent_with(request, spec) as files:
                BY_NAME[action](report.pk, actor=actor, **form.arguments(), **files)
        except DomainError as error:
            if error.code == Code.NOT_FOUND and not error.field:
                raise Http404 from None
            failure = error
        else:
            messages.success(
                request,
                gettext("%(action)s: done for %(reference)s.")
                % {"action": spec.label, "reference": report.reference},
            )
            if Report.objects.filter(pk=report.pk).visible_to(actor, scope).exists():
                return redirect("desk:report", public_id)
            return redirect("desk:queue")
    return _again(request, public_id, action, form, failure)


def _with_template(request: HttpRequest, report: Report, form: ActionForm) -> HttpResponse:
    """Without JavaScript: the page again with the template in the text, nothing done, no error shown."""
    data = request.POST.copy()
    data["text"] = form.with_template(request.POST.get("template", ""))
    form.data = data
    form._errors = {}  # type: ignore[attr-defined]
    action = form.spec.action
    actor, scope = actor_of_request(request), scope_of_request(request)
    context = _whole(request, report, actor, scope, lambda _: {action: form})
    return render(request, "desk/report.html", context)


def _again(
    request: HttpRequest, public_id: uuid.UUID, action: str, form: ActionForm, failure: DomainError | None
) -> HttpResponse:
    """The page as the report is now. The form keeps what was typed and takes the new version."""
    scope = scope_of_request(request)
    actor = actor_of_request(request)
    report = visible_report(public_id, actor, scope)
    errors = form.errors
    conflict = failure.message if isinstance(failure, Conflict) else ""

    def bound(material: Material) -> dict[str, ActionForm]:
        data = request.POST.copy()
        if conflict:
            data["version"] = str(report.version)
        fresh = ActionForm(SPECS[action], material, data)
        fresh._errors = errors  # type: ignore[attr-defined]
        fresh.cleaned_data = {}
        if failure is not None and not conflict:
            fresh.take(failure)
        return {action: fresh}

    context = _whole(request, report, actor, scope, bound)
    offered = action == "note" and context["note_form"] is not None
    offered = offered or any(panel["spec"].action == action for panel in context["panels"])
    if conflict:
        conflict = context["last_step"] or conflict
        context["conflict_own"] = context["last_by"] == actor.user.pk
    context["conflict"] = conflict
    context["conflict_action"] = action
    if not offered:
        # The action is gone: what was typed is shown to be copied, and why it was not sent.
        context["refused"] = conflict or (failure.message if failure else gettext("You may not do this."))
        context["refused_label"] = SPECS[action].label
        context["kept_text"] = request.POST.get("text", "")
    return render(request, "desk/report.html", context, status=_status(failure))


def _status(failure: DomainError | None) -> int:
    codes: dict[Any, int] = {Code.CONFLICT: 409, Code.DENIED: 403}
    return codes.get(failure.code, 422) if failure else 422
