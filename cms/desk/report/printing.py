"""One report on paper: what the reader sees of it, the sender masked, the internal notes left out."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language_bidi
from django.views.decorators.http import require_safe

from cms.content.templatetags.sawt import both_moments
from permissions import audit

from ..access import actor_of_request, client_of, scope_of_request
from .screen import gather, visible_report


@require_safe
def print_page(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    scope, actor = scope_of_request(request), actor_of_request(request)
    report = visible_report(public_id, actor, scope)
    if report.is_confidential:
        audit.record(
            "confidential_view", actor=actor.user, subject=f"report:{report.pk}", client=client_of(request)
        )
    now = timezone.now()
    context = gather(report, actor, scope)
    # A note is for who works on it, and paper is read by others.
    context["timeline"] = [line for line in context["timeline"] if line.code != "note"]
    context["printed_at"] = both_moments(now)
    context["printed_by"] = actor.user.name
    context["direction"] = "rtl" if get_language_bidi() else "ltr"
    return render(request, "desk/print.html", context)
