"""The door to a sender's full identity: a reason first, then ten minutes on this report's page."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from cms.reports.errors import DomainError
from cms.reports.models import Reason, Report
from cms.reports.reveal import reveal

from ..access import actor_of_request, client_of, scope_of_request
from .screen import visible_report

SHOWN_FOR = timedelta(minutes=10)
KEPT = "desk_revealed"


class RevealForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"))
    text = forms.CharField(
        label=_("Explanation (the auditor reads it)"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, reasons: list[Reason]) -> None:
        super().__init__(auto_id="reveal-%s")
        choices = [("", gettext("Choose a reason")), *((row.code, row.label) for row in reasons)]
        self.fields["reason"].choices = choices  # type: ignore[attr-defined]


def is_revealed(request: HttpRequest, report: Report) -> bool:
    until = request.session.get(KEPT, {}).get(str(report.public_id))
    return bool(until) and datetime.fromisoformat(until) > timezone.now()


@require_POST
def reveal_sender(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    scope = scope_of_request(request)
    actor = actor_of_request(request)
    report = visible_report(public_id, actor, scope)
    now = timezone.now()
    try:
        reveal(
            report,
            actor=actor,
            scope=scope,
            reason=request.POST.get("reason", ""),
            text=request.POST.get("text", ""),
            client=client_of(request),
            at=now,
        )
    except DomainError as error:
        messages.error(request, gettext("The identity was not shown: %(why)s") % {"why": error.message})
    else:
        shown = {
            key: until
            for key, until in request.session.get(KEPT, {}).items()
            if datetime.fromisoformat(until) > now
        }
        request.session[KEPT] = {**shown, str(public_id): (now + SHOWN_FOR).isoformat()}
    return redirect("desk:report", public_id)
