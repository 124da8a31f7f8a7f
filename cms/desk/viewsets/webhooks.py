"""Who else is told of what happens: subscriptions; their secrets and deliveries are on their own page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.gateways.models import Webhook
from cms.gateways.reaching import is_plainly_ours
from cms.notifications.subscribers import TO_SENDER
from cms.notifications.titles import event_title

from ..policies import KEEP_AND_DELETE
from .guarded import DeskCreateView, DeskViewSet, column, flag


def choices() -> list[tuple[str, str]]:
    return sorted(((code, event_title(code)) for code in TO_SENDER), key=lambda pair: pair[1])


class WebhookForm(forms.ModelForm):
    url = forms.URLField(
        label=_("web address"),
        max_length=400,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"dir": "ltr"}),
        help_text=_("Over https, and not inside our own network."),
    )
    events = forms.MultipleChoiceField(
        label=_("events"), choices=choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Webhook
        fields = ["name", "url", "events", "is_active"]
        help_texts = {
            "is_active": _("Nothing is sent before its page has made a secret."),
        }

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not url.startswith("https://") and not settings.SAWT_WEBHOOK_PRIVATE_NETWORK:
            raise ValidationError(_("Only https leaves our own network."))
        if urlsplit(url).username is not None:
            raise ValidationError(_("No name and no password in the address: everybody here reads it."))
        if is_plainly_ours(url) and not settings.SAWT_WEBHOOK_PRIVATE_NETWORK:
            raise ValidationError(_("This address lies inside our own network."))
        return url


class WebhookCreateView(DeskCreateView):
    def get_success_url(self) -> str:
        return reverse("desk:webhook", args=[self.object.pk])


def _to_page(row: Webhook) -> Any:
    address = reverse("desk:webhook", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, gettext("Secret and deliveries"))


class WebhookViewSet(DeskViewSet):
    model = Webhook
    codename = "manage_configuration"
    actions = KEEP_AND_DELETE
    name = "webhooks"
    icon = "link"
    add_view_class = WebhookCreateView
    list_display = [
        "name",
        column("url", _("web address"), lambda row: format_html('<bdi dir="ltr">{}</bdi>', row.url)),
        flag("is_active", _("in use")),
        column("page", _("Secret and deliveries"), _to_page),
    ]
    search_fields = ["name", "url"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return WebhookForm
