"""Where messages leave by: gateways as data, whose name an entity's messages show, and who is resting."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity
from cms.reports.encryption import decrypt, encrypt

from .filling import PLACEHOLDERS, unknown_in

# What a network shows as the sender: letters and digits of the Latin script, 11 at most.
SENDER = RegexValidator(r"^[A-Za-z0-9 ._-]{1,11}$", _("Up to 11 Latin letters and digits."))


class WithSecret(models.Model):
    """What only the other side and we know, unreadable in the database."""

    secret_encrypted = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def secret(self) -> str:
        return decrypt(self.secret_encrypted)

    @secret.setter
    def secret(self, text: str) -> None:
        self.secret_encrypted = encrypt(text)


class SmsGateway(WithSecret):
    """How one SMS is handed to one provider over HTTP, and how its answer is read.

    Templates know {to}, {digits} (the number without +), {text}, {sender}, {key} and {secret}. Of a form each
    line is `name=value`, of headers `name: value`; JSON is a document whose strings are filled in.
    """

    class Body(models.TextChoices):
        JSON = "json", _("JSON")
        FORM = "form", _("Form")

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(
        _("order"), default=10, help_text=_("The smallest is asked first; the next one where it fails.")
    )
    is_active = models.BooleanField(_("in use"), default=False)
    url = models.URLField(_("web address"), max_length=400)
    body_kind = models.CharField(_("form of the body"), max_length=4, choices=Body.choices, default=Body.JSON)
    body = models.TextField(_("body"))
    headers = models.TextField(_("headers"), blank=True)
    idempotency_header = models.CharField(
        _("header of the key"),
        max_length=60,
        blank=True,
        help_text=_("A gateway that knows it sends a message that comes again only once."),
    )
    success = models.TextField(
        _("success is when"),
        blank=True,
        help_text=_("Of a JSON answer, one a line: success=true. Empty: any 2xx."),
    )
    id_path = models.CharField(_("where the answer has the number"), max_length=80, default="id", blank=True)
    error_path = models.CharField(_("where the answer has the error"), max_length=80, blank=True)
    passing_errors = models.CharField(
        _("errors that pass"), max_length=200, blank=True, help_text=_("Tried again; separated by commas.")
    )
    sender = models.CharField(_("sender's name"), max_length=11, blank=True, validators=[SENDER])
    per_minute = models.PositiveIntegerField(
        _("messages a minute, at most"), default=0, help_text=_("0: no limit.")
    )
    private_network = models.BooleanField(_("inside our own network"), default=False)
    receipt_id_path = models.CharField(_("where a receipt has the number"), max_length=80, blank=True)
    receipt_state_path = models.CharField(_("where a receipt has the state"), max_length=80, blank=True)
    receipt_delivered = models.CharField(
        _("states that mean delivered"), max_length=200, blank=True, default="Delivered"
    )
    receipt_failed = models.CharField(
        _("states that mean not delivered"), max_length=200, blank=True, default="Undelivered,Rejected,Failed"
    )
    receipt_answer = models.CharField(
        _("what a receipt is answered with"), max_length=80, blank=True, default="OK"
    )

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("SMS gateway")
        verbose_name_plural = _("SMS gateways")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """Under which its circuit and what went through it are kept."""
        return f"sms:{self.code}"

    def clean(self) -> None:
        unknown = unknown_in(f"{self.body}\n{self.headers}")
        if unknown:
            raise ValidationError(
                {
                    "body": ValidationError(
                        _("Unknown placeholder: %(names)s. Known are %(known)s."),
                        params={"names": ", ".join(unknown), "known": ", ".join(sorted(PLACEHOLDERS))},
                    )
                }
            )
        if not self.url.startswith(("https://", "http://") if self.private_network else "https://"):
            raise ValidationError({"url": _("Only https leaves our own network.")})
        if self.body_kind == self.Body.JSON:
            try:
                json.loads(self.body)
            except ValueError:
                raise ValidationError({"body": _("This is no JSON.")}) from None
        for name, sign in (("headers", ":"), ("success", "=")):
            if any(sign not in line for line in getattr(self, name).splitlines() if line.strip()):
                raise ValidationError({name: _("Each line needs a “%(sign)s”.") % {"sign": sign}})


class SenderName(models.Model):
    """The name that the messages about an entity's reports show, where it has one registered of its own."""

    entity = models.OneToOneField(
        Entity, verbose_name=_("entity"), on_delete=models.CASCADE, related_name="sender_name"
    )
    name = models.CharField(_("sender's name"), max_length=11, validators=[SENDER])

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("sender's name of an entity")
        verbose_name_plural = _("senders' names of entities")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Circuit(models.Model):
    """How a gateway (`key`) has been answering. Open: nobody asks it until `rests_until`; then one message
    does, half open, and what comes of it closes it or lets it rest twice as long.
    """

    class State(models.TextChoices):
        CLOSED = "closed", _("Working")
        OPEN = "open", _("Resting")
        HALF = "half", _("Being tried")

    key = models.CharField(_("gateway"), max_length=60, primary_key=True)
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.CLOSED)
    # Of these there were so many one after the other.
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    rest_seconds = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(86400)])
    rests_until = models.DateTimeField(_("rests until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    changed_at = models.DateTimeField(_("since"))
    sent = models.PositiveBigIntegerField(_("sent"), default=0, validators=[MinValueValidator(0)])
    retried = models.PositiveBigIntegerField(_("to be tried again"), default=0)
    refused = models.PositiveBigIntegerField(_("refused"), default=0)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("state of a gateway")
        verbose_name_plural = _("states of gateways")
        default_permissions = ()

    def __str__(self) -> str:
        return self.key

    def as_facts(self) -> dict[str, Any]:
        return {"state": self.state, "sent": self.sent, "retried": self.retried, "refused": self.refused}


class Webhook(WithSecret):
    """Another system that is told of events, over https, signed."""

    name = models.CharField(_("name"), max_length=80)
    url = models.URLField(_("web address"), max_length=400)
    events: Any = models.JSONField(_("events"), default=list)
    is_active = models.BooleanField(_("in use"), default=False)
    old_secret_encrypted = models.TextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(_("the old secret holds until"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        return f"webhook:{self.pk}"

    @property
    def old_secret(self) -> str:
        return decrypt(self.old_secret_encrypted)


class WebhookDelivery(models.Model):
    """One event told to one receiver: the same bytes and the same id, however often it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=100, unique=True)
    event = models.CharField(_("event"), max_length=40)
    # About whose report it is; when that is erased, what was said of it goes.
    report_id = models.BigIntegerField(db_index=True)
    body = models.TextField(_("body"), blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.WAITING)
    replays = models.PositiveIntegerField(default=0)
    error = models.CharField(_("error"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"))
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("delivery to a webhook")
        verbose_name_plural = _("deliveries to webhooks")
        default_permissions = ()
        indexes = [
            models.Index(fields=["webhook", "-id"], name="delivery_of_webhook"),
            models.Index(fields=["created_at"], condition=~models.Q(body=""), name="delivery_with_body"),
        ]

    def __str__(self) -> str:
        return self.message_id
