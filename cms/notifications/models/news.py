"""What staff are told: the table of rules, each person's choices, and their inbox."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity
from cms.reports.models import Report

from ..audiences import Audience
from ..titles import event_title
from .messages import SmsTemplate


class Channel(models.TextChoices):
    INBOX = "inbox", _("Inbox")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")


class Rule(models.Model):
    """Who is told of an event over which channel, in which words: one row of the table."""

    class Mode(models.TextChoices):
        ALWAYS = "always", _("Always")
        ON = "on", _("Unless turned off")
        OFF = "off", _("Only if turned on")

    event = models.CharField(_("event"), max_length=40)
    audience = models.CharField(_("audience"), max_length=20, choices=Audience.choices)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel.choices)
    template = models.ForeignKey(
        SmsTemplate, verbose_name=_("text"), on_delete=models.PROTECT, related_name="rules"
    )
    mode = models.CharField(
        _("told"),
        max_length=6,
        choices=Mode.choices,
        default=Mode.ON,
        help_text=_("Whether each person may choose, and what holds until they do."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("rule of messages")
        verbose_name_plural = _("rules of messages")
        ordering = ["event", "audience", "channel"]
        constraints = [
            models.UniqueConstraint(fields=["event", "audience", "channel"], name="notification_rule_once")
        ]

    def __str__(self) -> str:
        return f"{event_title(self.event)}: {self.get_audience_display()}, {self.get_channel_display()}"

    def clean(self) -> None:
        from ..placeholders import unavailable

        if self.template_id and (missing := unavailable(self.event, self.template)):
            raise ValidationError(
                {
                    "template": ValidationError(
                        _("At this event nothing fills in: %(names)s"),
                        params={"names": ", ".join(missing)},
                        code="unavailable",
                    )
                }
            )


class Notice(models.Model):
    """One piece of news in one person's inbox. Holds parameters: its words are found when it is read."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, db_index=False, on_delete=models.CASCADE, related_name="notices"
    )
    report = models.ForeignKey(Report, null=True, on_delete=models.CASCADE, related_name="+")
    entity = models.ForeignKey(Entity, null=True, db_index=False, on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=40)
    audience = models.CharField(max_length=20, choices=Audience.choices)
    template = models.ForeignKey(
        SmsTemplate, null=True, db_index=False, on_delete=models.SET_NULL, related_name="+"
    )
    values: Any = models.JSONField(default=dict)
    # What it was told by: the same is told to one person once.
    key = models.CharField(max_length=100)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    # False for what waits for a digest by e-mail and is no inbox's.
    in_inbox = models.BooleanField(default=True)
    # When the digest goes out that this waits for; empty where it waits for none, or has gone out.
    digest_at = models.DateTimeField(null=True, blank=True)

    objects: models.Manager[Any] = models.Manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="notice_of_person"),
            models.Index(
                fields=["person", "-at"],
                condition=models.Q(read_at=None, in_inbox=True),
                name="notice_unread",
            ),
            models.Index(
                fields=["person", "digest_at"],
                condition=models.Q(digest_at__isnull=False),
                name="notice_for_digest",
            ),
            models.Index(fields=["at"], name="notice_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.person_id}"


class Preferences(models.Model):
    """How one person wants to be told; who has no row takes the defaults."""

    class Digest(models.TextChoices):
        NONE = "", _("Each message by itself")
        DAILY = "daily", _("One e-mail each morning")
        WEEKLY = "weekly", _("One e-mail on Sunday morning")

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_preferences"
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    urgent_at_night = models.BooleanField(
        _("urgent ones at any hour"),
        default=False,
        help_text=_("Also outside the sending hours and in your quiet hours."),
    )
    digest = models.CharField(
        _("e-mails"), max_length=6, choices=Digest.choices, default=Digest.NONE, blank=True
    )

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("choices of messages")
        verbose_name_plural = _("choices of messages")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.person_id)

    def clean(self) -> None:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValidationError(_("Quiet hours have a beginning and an end."))
        if self.quiet_from is not None and self.quiet_from == self.quiet_until:
            raise ValidationError(_("Quiet hours end at another time than they begin."))


class Choice(models.Model):
    """What one person turned off, or on, of one kind of event over one channel."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    event = models.CharField(max_length=40)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    wanted = models.BooleanField()

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person", "event", "channel"], name="notification_choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.event}/{self.channel}"
