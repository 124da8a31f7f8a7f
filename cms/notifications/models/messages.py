"""Texts of messages, what was sent, one-time codes, and who asked for how many."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.entities.naming import in_language
from cms.reports.models import Report
from cms.reports.workflow import TRANSITIONS

from ..audiences import Audience
from ..placeholders import PLACEHOLDERS
from ..rendering import NAME, placeholders_of
from ..titles import event_title


class SmsTemplate(models.Model):
    """The text of one message, for one event and audience, in both languages."""

    class Privacy(models.TextChoices):
        NORMAL = "normal", _("Normal reports")
        CONFIDENTIAL = "confidential", _("Confidential reports")
        ANY = "any", _("Any")

    event = models.CharField(_("event"), max_length=40)
    audience = models.CharField(_("audience"), max_length=20, choices=Audience.choices)
    privacy = models.CharField(_("privacy"), max_length=12, choices=Privacy.choices, default=Privacy.NORMAL)
    optional = models.BooleanField(_("optional"), default=False, help_text=_("Not sent unless chosen."))
    ignores_sending_hours = models.BooleanField(_("sent at night too"), default=False)
    text_ar = models.CharField(_("text in Arabic"), max_length=600)
    text_en = models.CharField(_("text in English"), max_length=600)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("message text")
        verbose_name_plural = _("message texts")
        ordering = ["event", "audience"]
        constraints = [models.UniqueConstraint(fields=["event", "audience"], name="sms_template_once")]

    def __str__(self) -> str:
        return f"{event_title(self.event)}: {self.get_audience_display()}"

    @property
    def text(self) -> str:
        return in_language(self, "text")

    def clean(self) -> None:
        """Both languages fill in the same things, and only what can be filled in."""
        arabic, english = placeholders_of(self.text_ar), placeholders_of(self.text_en)
        for name in ("text_ar", "text_en"):
            if set("{}") & set(NAME.sub("", getattr(self, name))):
                raise ValidationError({name: ValidationError(_("A brace is not closed."), code="brace")})
        unknown = sorted((arabic | english) - PLACEHOLDERS.keys())
        if unknown:
            raise ValidationError(
                _("Unknown placeholder: %(names)s"), params={"names": ", ".join(unknown)}, code="unknown"
            )
        if not self.privacy_allows(arabic | english):
            raise ValidationError(
                _("A text about confidential reports names no entity."), code="confidential"
            )

    def privacy_allows(self, names: set[str]) -> bool:
        return self.privacy == self.Privacy.NORMAL or "entity" not in names


class SentMessage(models.Model):
    """One message that left: the outbox on the screen.

    `text` shows neither the token of a link nor a code: whoever reads the outbox is not the recipient.
    `screen_text` is the text as it went out, kept only where the demonstration's phone page shows it.
    """

    class Channel(models.TextChoices):
        SMS = "sms", _("SMS")
        EMAIL = "email", _("E-mail")

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        HELD = "held", _("Held")
        FAILED = "failed", _("Failed")
        OBSOLETE = "obsolete", _("Obsolete")

    class Delivery(models.TextChoices):
        DELIVERED = "delivered", _("Delivered")
        UNDELIVERED = "undelivered", _("Not delivered")

    channel = models.CharField(_("channel"), max_length=5, choices=Channel.choices)
    to = models.CharField(_("to"), max_length=254)
    language = models.CharField(_("language"), max_length=2)
    event = models.CharField(_("event"), max_length=40, blank=True)
    report = models.ForeignKey(
        Report, verbose_name=_("report"), null=True, on_delete=models.CASCADE, related_name="messages"
    )
    # The member of staff it went to; a sender's has none.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.SET_NULL, related_name="+"
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(_("text"))
    screen_text = models.TextField(blank=True)
    segments = models.PositiveSmallIntegerField(_("parts"), default=0)
    encoding = models.CharField(_("encoding"), max_length=4, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.SENT)
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    # The gateway that took it, and its number there.
    via = models.CharField(_("gateway"), max_length=60, blank=True)
    gateway_id = models.CharField(max_length=120, blank=True)
    delivery = models.CharField(_("delivery"), max_length=11, choices=Delivery.choices, blank=True)
    delivery_at = models.DateTimeField(_("delivery known"), null=True, blank=True)
    effect_key = models.CharField(max_length=160, unique=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        default_permissions = ("view",)
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["to", "-created_at", "-id"], name="message_of_number"),
            models.Index(fields=["-created_at", "-id"], name="message_recent"),
            models.Index(
                fields=["gateway_id", "via"], condition=~models.Q(gateway_id=""), name="message_of_gateway"
            ),
            # What still has a text to drop.
            models.Index(fields=["created_at"], condition=~models.Q(text=""), name="message_with_text"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"

    @property
    def reason(self) -> str:
        """Why it was not sent, for people: an obsolete one names what came in between."""
        if self.state != self.State.OBSOLETE:
            return self.error
        row = TRANSITIONS.get(self.error)
        return gettext("Not sent: “%(step)s” came in between.") % {"step": row.label if row else self.error}


class OneTimeCode(models.Model):
    """A code that proves who holds a number: six digits, five minutes, five tries. Kept as a keyed hash."""

    phone = models.CharField(max_length=20)
    code_hash = models.CharField(max_length=64)
    tries_left = models.PositiveSmallIntegerField(default=5)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["phone", "expires_at"], name="code_of_phone"),
            models.Index(fields=["created_at"], name="code_recent"),
        ]

    def __str__(self) -> str:
        return f"code {self.pk}"


class Throttle(models.Model):
    """The times of what a number or a client asked for lately, for limits that slide.

    `key` is a keyed hash: neither numbers nor addresses of clients are kept here.
    """

    key = models.CharField(max_length=64, primary_key=True)
    stamps: Any = models.JSONField(default=list)
    updated_at = models.DateTimeField(db_index=True)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key[:8]
