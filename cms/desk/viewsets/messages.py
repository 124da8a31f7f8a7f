"""The texts of messages, and the outbox: what was sent, what is held and until when, what was given up."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSetGroup

from cms.entities.phone import PhoneInvalid, to_e164
from cms.notifications.models import SentMessage, SmsTemplate
from cms.notifications.segments import measure
from cms.notifications.titles import event_title
from cms.notifications.trying import longest
from cms.outbox.models import Effect

from .. import words
from ..failing.wording import held_because, kind_title, why
from ..policies import READ
from ..report.sender import masked_email, masked_phone
from .gateways import GatewayViewSet, SenderNameViewSet
from .guarded import DeskIndexView, DeskViewSet, column, flag
from .message_rules import RuleViewSet
from .titles import TitledIndexView
from .webhooks import WebhookViewSet

# Of an Arabic text as one SMS, whatever fills it in.
MOST_PARTS = 2


class SmsTemplateForm(forms.ModelForm):
    class Meta:
        model = SmsTemplate
        fields = ["event", "audience", "privacy", "optional", "ignores_sending_hours", "text_ar", "text_en"]
        widgets = {
            "text_ar": forms.Textarea(attrs={"rows": 3, "dir": "rtl"}),
            "text_en": forms.Textarea(attrs={"rows": 3, "dir": "ltr"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # The code asks for them by name.
            self.fields["event"].disabled = True
            self.fields["audience"].disabled = True
        for name in ("text_ar", "text_en"):
            text = getattr(self.instance, name)
            if text:
                self.fields[name].help_text = gettext("%(parts)s SMS before it is filled in.") % {
                    "parts": measure(text).segments
                }
        if self.instance.pk:
            self.fields["text_ar"].help_text = format_html(
                '{} <a href="{}">{}</a>',
                self.fields["text_ar"].help_text,
                reverse("desk:try_text", args=[self.instance.pk]),
                gettext("Try the text"),
            )

    def _post_clean(self) -> None:
        """After the model has refused placeholders that nothing fills in."""
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        parts = longest(self.instance, "ar").size.segments
        if parts > MOST_PARTS:
            refused = gettext("With the longest values it would be %(parts)s SMS; %(most)s are the most.")
            self.add_error("text_ar", refused % {"parts": parts, "most": MOST_PARTS})


def _parts(row: SmsTemplate) -> str:
    return str(measure(row.text_ar).segments)


def _parts_sent(row: SentMessage) -> str:
    """A mail has none."""
    return str(row.segments) if row.channel == SentMessage.Channel.SMS else "–"


class TextIndexView(TitledIndexView):
    in_words = {"event": event_title}

    def title_of(self, row: SmsTemplate) -> tuple[str, str]:
        return event_title(row.event), ""


class SmsTemplateViewSet(DeskViewSet):
    model = SmsTemplate
    codename = "manage_configuration"
    actions = frozenset({"view", "change"})
    name = "message-texts"
    icon = "mail"
    index_view_class = TextIndexView
    list_display = [
        "event",
        "audience",
        "privacy",
        column("text", _("text"), lambda row: row.text),
        column("parts", _("parts"), _parts),
        flag("ignores_sending_hours", _("sent at night too")),
    ]
    search_fields = ["event", "text_ar", "text_en"]
    list_filter = ["audience", "privacy", "ignores_sending_hours"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return SmsTemplateForm


def masked_to(row: SentMessage) -> Any:
    """Whoever reads the outbox is not the recipient."""
    shown = masked_email(row.to) if "@" in row.to else masked_phone(row.to)
    return format_html('<bdi dir="ltr">{}</bdi>', shown)


# A number, or an address as the outbox shows it: neither may change places with what stands beside it.
IN_ONE_PIECE = re.compile(r"([A-Z]+-\d\d-[0-9A-Z]+-[0-9A-Z]|[!-~…•]*/[!-~…•]+)")


def _as_written(row: SentMessage) -> Any:
    pieces = IN_ONE_PIECE.split(row.text)
    marked = (
        format_html('<bdi dir="ltr">{}</bdi>', piece) if number % 2 else piece
        for number, piece in enumerate(pieces)
    )
    return format_html('<span dir="auto">{}</span>', format_html_join("", "{}", ((each,) for each in marked)))


def _sent(row: SentMessage) -> str:
    return words.moment(row.sent_at, timezone.now()) if row.sent_at else ""


def _state(row: SentMessage) -> str:
    if row.state == SentMessage.State.HELD and row.held_until:
        return gettext("Held until %(when)s") % {"when": words.moment(row.held_until, timezone.now())}
    return str(row.get_state_display())


def language_name(code: str) -> str:
    return str(dict(settings.LANGUAGES).get(code, code))


class OutboxIndexView(DeskIndexView):
    in_words = {"event": event_title, "language": language_name}

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        """Asked of the texts: the messages themselves are millions."""
        if name == "language":
            return [(code, language_name(code)) for code, _name in settings.LANGUAGES]
        codes = SmsTemplate.objects.order_by().values_list("event", flat=True).distinct()
        return sorted(((code, event_title(code)) for code in codes), key=lambda pair: pair[1])

    def search_queryset(self, queryset: Any) -> Any:
        """A number typed in full finds what went to it; the list itself shows none."""
        try:
            number = to_e164(self.search_query or "")
        except PhoneInvalid:
            return super().search_queryset(queryset)
        return queryset.filter(to=number)


class OutboxViewSet(DeskViewSet):
    model = SentMessage
    codename = "manage_configuration"
    actions = READ
    name = "outbox"
    icon = "mail"
    menu_label = _("Messages sent")
    index_view_class = OutboxIndexView
    list_display = [
        column("created_at", _("created"), lambda row: words.moment(row.created_at, timezone.now())),
        column("sent_at", _("sent"), _sent),
        "channel",
        column("to", _("to"), masked_to),
        column("text", _("text"), _as_written),
        column("segments", _("parts"), _parts_sent),
        column("state", _("state"), _state),
        column("error", _("error"), lambda row: row.reason),
    ]
    search_fields = ["event", "text", "error"]
    list_filter = ["channel", "state", "event", "language"]


def _held(row: Effect) -> str:
    now = timezone.now()
    if row.state == Effect.State.PENDING and row.not_before > now:
        return gettext("Held until %(when)s") % {"when": words.moment(row.not_before, now)}
    return str(row.get_state_display())


class EffectIndexView(DeskIndexView):
    in_words = {"kind": kind_title}
    page_title = _("Held and given up")

    def get_base_queryset(self) -> Any:
        """What is not done: waiting, held, being done, given up."""
        return super().get_base_queryset().exclude(state__in=[Effect.State.DONE, Effect.State.CANCELLED])


class EffectViewSet(DeskViewSet):
    model = Effect
    codename = "manage_configuration"
    actions = READ
    name = "pending"
    icon = "time"
    menu_label = _("Held and given up")
    index_view_class = EffectIndexView
    list_display = [
        column("created_at", _("created"), lambda row: words.moment(row.created_at, timezone.now())),
        column("kind", _("kind"), lambda row: kind_title(row.kind)),
        column("state", _("state"), _held),
        column("held_reason", _("held because"), lambda row: held_because(row.held_reason)),
        "attempts",
        column("last_error", _("last error"), lambda row: why(row.last_error)),
    ]
    search_fields = ["kind", "last_error"]
    list_filter = ["state", "kind"]
    ordering = ["-id"]


class MessagesGroup(ModelViewSetGroup):
    menu_label = _("Messages")
    menu_icon = "mail"
    menu_order = 25
    items = (
        OutboxViewSet,
        EffectViewSet,
        SmsTemplateViewSet,
        RuleViewSet,
        GatewayViewSet,
        SenderNameViewSet,
        WebhookViewSet,
    )
