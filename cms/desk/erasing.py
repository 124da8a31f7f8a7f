"""Erasing reports: one person proposes by the number, another one confirms; neither sees a word of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from cms.reports import erasing
from cms.reports.errors import DomainError
from cms.reports.models import Erasure, LegalHold

from .access import client_of, scope_of_request

CODENAME = "erase_reports"


def _reference() -> forms.CharField:
    attrs = {"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(
        label=_("Number of the report"), max_length=60, widget=forms.TextInput(attrs=attrs)
    )


class ProposalForm(forms.Form):
    reference = _reference()
    ground = forms.ChoiceField(label=_("Why?"), choices=Erasure.Ground.choices, widget=forms.RadioSelect)


class HoldForm(forms.Form):
    reference = _reference()
    reason = forms.CharField(
        label=_("Reason of the hold"),
        max_length=300,
        help_text=_("The case or the order. Nobody's name: the hold outlives the report's texts."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    until = forms.DateField(
        label=_("Until and with"),
        required=False,
        help_text=_("Empty: until somebody lifts it."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def _propose(request: Any, form: Any) -> str:
    row = erasing.propose(**form.cleaned_data, by=request.user, client=client_of(request))
    return gettext("%(reference)s: proposed. It is erased once another administrator confirms it.") % {
        "reference": row.report.reference
    }


def _hold(request: Any, form: Any) -> str:
    row = erasing.hold(**form.cleaned_data, by=request.user, client=client_of(request))
    holds = LegalHold.in_force(timezone.now()).filter(report=row.report).count()
    if holds > 1:
        # One for each case: whoever lifts theirs frees the report of theirs alone.
        return ngettext(
            "%(reference)s is held by %(n)s hold now. It may be erased once each of them is over.",
            "%(reference)s is held by %(n)s holds now. It may be erased once each of them is over.",
            holds,
        ) % {"reference": row.report.reference, "n": holds}
    return gettext("%(reference)s: nothing of it is erased from now on.") % {
        "reference": row.report.reference
    }


def _on_row(call: Callable[..., Any], done: Any) -> Callable[[Any], str]:
    def run(request: Any) -> str:
        pk = request.POST.get("row", "")
        if not (pk.isascii() and pk.isdigit() and len(pk) < 18):
            raise Http404
        call(int(pk), by=request.user, client=client_of(request))
        return str(done)

    return run


FORMS: dict[str, tuple[type[forms.Form], Callable[[Any, Any], str]]] = {
    "propose": (ProposalForm, _propose),
    "hold": (HoldForm, _hold),
}
ROWS: dict[str, Callable[[Any], str]] = {
    "confirm": _on_row(
        erasing.confirm, _("The report was erased. Its number, its course and its hashes stay.")
    ),
    "withdraw": _on_row(erasing.withdraw, _("The proposal was taken back. The report stays.")),
    "lift": _on_row(erasing.lift, _("The hold was lifted.")),
}


@require_http_methods(["GET", "HEAD", "POST"])
def erasing_page(request: HttpRequest) -> HttpResponse:
    if not scope_of_request(request).everywhere(CODENAME):
        raise Http404
    shown = {name: form(prefix=name) for name, (form, _call) in FORMS.items()}
    do = request.POST.get("do", "")
    if request.method == "POST":
        if do not in FORMS and do not in ROWS:
            raise Http404
        if do in FORMS:
            shown[do] = FORMS[do][0](request.POST, prefix=do)
        if _done(request, do, shown):
            return redirect("desk:erasing")
    title = gettext("Erasure of reports")
    context = {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": "", "label": title},
        ],
        "header_title": title,
        "header_icon": "bin",
        "forms": shown,
        "proposals": list(erasing.waiting()),
        "holds": LegalHold.in_force(timezone.now()).select_related("report", "placed_by").order_by("pk"),
    }
    return render(request, "desk/erasing.html", context, status=422 if do in FORMS else 200)


def _done(request: HttpRequest, do: str, shown: dict[str, forms.Form]) -> bool:
    """Whether there is nothing to correct in a form."""
    try:
        if do in ROWS:
            said = ROWS[do](request)
        elif shown[do].is_valid():
            said = FORMS[do][1](request, shown[do])
        else:
            return False
    except DomainError as error:
        if do in ROWS:
            messages.error(request, error.message)
            return True
        name = error.field[0] if error.field else None
        shown[do].add_error(name if name in shown[do].fields else None, error.message)
        return False
    messages.success(request, said)
    return True
