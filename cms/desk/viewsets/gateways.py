"""SMS gateways as data, and the names that entities' messages show."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets.button import Button

from cms.entities.models import Entity
from cms.gateways.models import SenderName, SmsGateway
from cms.gateways.ready_made import READY_MADE
from cms.notifications.receipts import address_of

from ..policies import KEEP_AND_DELETE
from .fields import TreeChoiceField
from .guarded import DeskCreateView, DeskEditView, DeskIndexView, DeskViewSet, column, flag

# As machines read them: left to right, whatever the page.
CODED = (
    *("code", "url", "body", "headers", "idempotency_header", "success", "id_path", "error_path"),
    *("passing_errors", "sender", "receipt_id_path", "receipt_state_path", "receipt_delivered"),
    *("receipt_failed", "receipt_answer"),
)


def _breaking(address: str) -> Any:
    """An address that a phone may break anywhere; it is longer than the screen."""
    pieces = [(address[at : at + 8],) for at in range(0, len(address), 8)]
    return format_html('<bdi dir="ltr">{}</bdi>', format_html_join("", "{}<wbr>", pieces))


class GatewayForm(forms.ModelForm):
    url = forms.URLField(label=_("web address"), max_length=400, assume_scheme="https")
    secret = forms.CharField(
        label=_("secret"),
        required=False,
        max_length=400,
        widget=forms.PasswordInput(attrs={"dir": "ltr", "autocomplete": "off"}),
        help_text=_("Stands for {secret}. It is kept encrypted and never shown again; empty: it stays."),
    )

    class Meta:
        model = SmsGateway
        fields = [
            *("code", "name", "position", "is_active", "url", "private_network"),
            *("body_kind", "body", "headers", "idempotency_header"),
            *("success", "id_path", "error_path", "passing_errors"),
            *("sender", "per_minute"),
            *("receipt_id_path", "receipt_state_path", "receipt_delivered", "receipt_failed"),
            "receipt_answer",
        ]
        widgets = {
            "body": forms.Textarea(attrs={"rows": 8}),
            "headers": forms.Textarea(attrs={"rows": 3}),
            "success": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "body": _("Known are {to}, {digits}, {text}, {sender}, {key} and {secret}."),
            "headers": _("One a line: Name: value."),
        }

    field_order = ["code", "name", "position", "is_active", "url", "private_network", "secret"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in CODED:
            self.fields[name].widget.attrs["dir"] = "ltr"
        if self.instance.pk:
            # What went through it is kept under it.
            self.fields["code"].disabled = True
            self.fields["receipt_id_path"].help_text = format_html(
                gettext("Its receipts come to {address}"), address=_breaking(address_of(self.instance))
            )

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data["secret"]:
            self.instance.secret = self.cleaned_data["secret"]
        return super().save(commit)


class GatewayIndexView(DeskIndexView):
    @property
    def header_more_buttons(self) -> list[Any]:
        return [
            *super().header_more_buttons,
            *(
                Button(
                    gettext("Add %(name)s (untested against the live service)") % {"name": ready["name"]},
                    url=f"{reverse('sms-gateways:add')}?ready={code}",
                    icon_name="plus",
                    priority=10,
                )
                for code, ready in READY_MADE.items()
            ),
        ]


class GatewayCreateView(DeskCreateView):
    def get_initial(self) -> dict[str, Any]:
        ready = READY_MADE.get(self.request.GET.get("ready", ""), {})
        return {**super().get_initial(), **ready}

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.GET.get("ready") in READY_MADE:
            said = gettext(
                "Filled in from the provider's public documentation; it was never tried against the live "
                "service. Send yourself a message before you rely on it."
            )
            messages.warning(request, said)
        return super().get(request, *args, **kwargs)


class GatewayViewSet(DeskViewSet):
    model = SmsGateway
    codename = "manage_configuration"
    actions = KEEP_AND_DELETE
    name = "sms-gateways"
    icon = "mail"
    index_view_class = GatewayIndexView
    add_view_class = GatewayCreateView
    edit_view_class = DeskEditView
    list_display = [
        "name",
        "position",
        flag("is_active", _("in use")),
        column("url", _("web address"), lambda row: format_html('<bdi dir="ltr">{}</bdi>', row.url)),
        column("sender", _("sender's name"), lambda row: row.sender),
    ]
    search_fields = ["name", "code", "url"]
    ordering = ["position", "code"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return GatewayForm


class SenderNameForm(forms.ModelForm):
    entity = TreeChoiceField(queryset=Entity.objects.none(), label=_("entity"))

    class Meta:
        model = SenderName
        fields = ["entity", "name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entity"].queryset = Entity.objects.order_by("path")  # type: ignore[attr-defined]
        self.fields["name"].widget.attrs["dir"] = "ltr"


class SenderNameViewSet(DeskViewSet):
    model = SenderName
    codename = "manage_configuration"
    actions = KEEP_AND_DELETE
    name = "sender-names"
    icon = "tag"
    list_display = ["name", column("entity", _("entity"), lambda row: row.entity.name)]
    search_fields = ["name"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return SenderNameForm
