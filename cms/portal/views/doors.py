"""The link in a message, and the phone that only the demonstration has."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cms.entities.phone import PhoneInvalid, to_e164
from cms.notifications.models import SentMessage
from cms.reports import tracking
from cms.reports.errors import DomainError

from .. import access
from ..pages import private
from ..problems import sentence

MOST_MESSAGES = 50


@private
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange the token for this session's right to see the report, and leave the address behind.

    Nothing changes in the report. An unknown token redirects too: a 404 would write the token to the log.
    """
    said = _("This link is no longer valid. Use the report number and the secret code.")
    try:
        report = tracking.from_link(token, client=access.client_of(request))
    except DomainError as error:
        report, said = None, sentence(error)
    if report is None:
        response = redirect("portal:track")
        messages.warning(request, said)
    else:
        access.open_report(request, report)
        with translation.override(report.language):
            response = redirect(reverse("portal:report", args=[report.reference]))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@private
@require_safe
def demo_phone(request: HttpRequest, number: str) -> HttpResponse:
    """What a phone with this number would show. It exists in the demonstration alone."""
    if not settings.SAWT_DEMO:
        raise Http404
    try:
        phone = to_e164(number)
    except PhoneInvalid:
        raise Http404 from None
    received = SentMessage.objects.filter(channel="sms", to=phone, state="sent")[:MOST_MESSAGES]
    return render(request, "portal/demo_phone.html", {"phone": phone, "received": received})
