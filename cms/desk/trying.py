"""A message's text as it will read, on a report of one's choosing; and a test of it to oneself."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from cms.notifications import trying
from cms.notifications.models import SmsTemplate
from cms.reports.models import Report

from .access import actor_of_request, scope_of_request

KEEPS = ("manage_configuration", "manage_catalogue")


class TryForm(forms.Form):
    reference = forms.CharField(
        label=_("Report"),
        max_length=20,
        required=False,
        help_text=_("The number of a report that you see. Empty: values as long as real ones get."),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )

    def __init__(self, data: object, request: HttpRequest) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.request = request

    def clean_reference(self) -> Report | None:
        """A report that one does not see is a missing one."""
        reference = self.cleaned_data["reference"].strip().upper()
        if not reference:
            return None
        seen = Report.objects.visible_to(actor_of_request(self.request), scope_of_request(self.request))
        report: Report | None = (
            seen.select_related("entity", "parent").filter(reference=reference, erased_at=None).first()
        )
        if report is None:
            raise forms.ValidationError(gettext("There is no such report."))
        return report


@require_http_methods(["GET", "HEAD", "POST"])
def try_text(request: HttpRequest, pk: int) -> HttpResponse:
    scope = scope_of_request(request)
    if not any(scope.everywhere(codename) for codename in KEEPS):
        raise PermissionDenied
    template = get_object_or_404(SmsTemplate, pk=pk)
    user = actor_of_request(request).user
    form = TryForm(request.POST if request.method == "POST" else request.GET, request)
    report = form.cleaned_data["reference"] if form.is_valid() else None
    if request.method == "POST" and form.is_valid():
        channel = "email" if request.POST.get("channel") == "email" else "sms"
        reached = user.email if channel == "email" else user.phone
        if reached:
            trying.send_test(template, user, channel, report, at=timezone.now())
            messages.success(request, gettext("The test is on its way to you."))
        else:
            messages.error(request, gettext("Nothing is kept of you to send it to."))
        query = f"?reference={report.reference}" if report is not None else ""
        return redirect(reverse("desk:try_text", args=[pk]) + query)
    languages = ("ar", "en")
    if report is None:
        tried = [trying.longest(template, language) for language in languages]
    else:
        tried = [trying.on_report(template, report, language) for language in languages]
    title = gettext("Try the text")
    context = {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("message-texts:index"), "label": gettext("Message texts")},
            {"url": "", "label": title},
        ],
        "header_title": title,
        "header_icon": "mail",
        "template": template,
        "form": form,
        "tried": tried if form.is_valid() else [],
        "names": trying.names_for(template.event),
        "reached": {"sms": user.phone, "email": user.email},
    }
    return render(request, "desk/try_text.html", context, status=200 if form.is_valid() else 422)
