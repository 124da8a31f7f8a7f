"""A confidential service that shall lose privacy: its form proposes it, and another person confirms it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from cms.entities import weakening
from cms.entities.grants import Refused
from cms.entities.models import PrivacyProposal, Service
from cms.entities.models.catalogue import Privacy

from ..access import client_of
from ..templatetags.desk import staff_moment
from .guarded import DeskEditView
from .proposed import ConfirmView, named

FOLLOWS = {
    "privacy": _("New reports of it are ordinary: whoever works on an entity's reports reads them."),
    "allows_anonymous": _("New reports of it can no longer be sent without a name."),
    "requires_national_id": _("New reports of it ask for the national ID."),
}


class PrivacyFormMixin:
    """Saves what one person may change, and holds back what takes two."""

    weaker: dict[str, Any] = {}
    reason = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        form: Any = self
        if form.instance.pk and form.instance.privacy == Privacy.CONFIDENTIAL:
            form.fields["privacy_reason"] = forms.CharField(
                label=gettext("Why its privacy shall become weaker"),
                max_length=300,
                required=False,
                help_text=gettext(
                    "Needed where it is made ordinary, takes no anonymous reports any more or asks for the "
                    "national ID. That holds once another administrator confirms it."
                ),
            )
            names = list(form._meta.fields)
            after = names.index("requires_national_id") + 1
            form.order_fields([*names[:after], "privacy_reason", *names[after:]])

    def hold_back(self, data: dict[str, Any]) -> None:
        form: Any = self
        self.reason = data.pop("privacy_reason", "")
        self.weaker = weakening.weakened(vars(form.instance), data) if form.instance.pk else {}
        if not self.weaker:
            return
        if weakening.waiting(form.instance):
            form.add_error(next(iter(self.weaker)), gettext("A proposal for this service waits already."))
        elif not self.reason:
            form.add_error("privacy_reason", gettext("Say why: another administrator decides by it."))
        try:
            Service(**{name: data.get(name) for name in weakening.WEAKER}).clean()
        except ValidationError as error:
            form.add_error(None, error)
        for name in self.weaker:
            data[name] = getattr(form.instance, name)


class PrivacyEditView(DeskEditView):
    """Saves the rest of the form, and proposes what was held back."""

    def save_instance(self) -> Any:
        instance = super().save_instance()
        if self.form.weaker:
            self._propose(instance)
        return instance

    def _propose(self, service: Service) -> None:
        try:
            proposal = weakening.propose(
                service,
                self.form.weaker,
                by=self.request.user,
                reason=self.form.reason,
                client=client_of(self.request),
            )
        except Refused as refused:
            messages.error(self.request, refused.message)
            return
        look = messages.button(reverse("services:confirm", args=[proposal.pk]), gettext("Look at it"))
        said = gettext("%(service)s stays confidential as it is until another administrator confirms it.")
        messages.warning(self.request, said % {"service": service.name}, buttons=[look])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        proposal = weakening.waiting(self.object)
        return super().get_context_data(
            proposal=proposal, proposer=named(proposal.proposed_by) if proposal else "", **kwargs
        )


class PrivacyConfirmView(ConfirmView):
    page_title = _("Confirm weaker privacy")
    header_icon = "lock-open"
    list_title = _("Services")
    to_list = _("To the services")
    button = _("Confirm it")
    follows = _(
        "Reports that were sent already keep their privacy. What was promised to those who send the next one"
        " changes with your confirmation; the audit trail keeps both names."
    )
    withdraw = _("Take it back")

    def get_base_object_queryset(self) -> Any:
        return PrivacyProposal.objects.select_related("service", "proposed_by", "ended_by")

    @property
    def can_withdraw(self) -> bool:
        return bool(self.object.is_pending)

    def check(self) -> None:
        weakening.check_confirmation(self.request.user, self.object)

    def confirm(self) -> PrivacyProposal:
        return weakening.confirm(self.object.pk, by=self.request.user, client=client_of(self.request))

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("do") != "withdraw":
            return super().post(request, *args, **kwargs)
        try:
            weakening.withdraw(self.object.pk, by=request.user, client=client_of(request))
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect(request.path)
        messages.success(request, gettext("It was taken back. The service stays as it is."))
        return redirect(self.index_url_name)

    def facts(self) -> list[tuple[Any, Any]]:
        row = self.object
        return [
            (gettext("Service"), row.service.name),
            (gettext("What would change"), " ".join(str(FOLLOWS[name]) for name in row.changes)),
            (gettext("Reason"), row.reason),
            (gettext("Proposed by"), named(row.proposed_by)),
            (gettext("Proposed"), staff_moment(row.proposed_at)),
            (row.get_state_display(), named(row.ended_by)),
        ]
