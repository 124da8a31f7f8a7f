"""The append-only history: events, their texts, and the daily signature over all heads."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity

from .report import Report


class Event(models.Model):
    """One row of a report's history. Database triggers refuse update and delete.

    `audiences` is a set of bits (see `cms.reports.audiences`). `text_hash` covers the text that lives apart.
    """

    class ActorKind(models.TextChoices):
        SENDER = "sender", _("Sender")
        STAFF = "staff", _("Staff")
        SYSTEM = "system", _("System")

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    code = models.CharField(max_length=24)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=6, choices=ActorKind.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    entity = models.ForeignKey(Entity, null=True, on_delete=models.PROTECT, related_name="+")
    audiences = models.PositiveSmallIntegerField()
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16, blank=True)
    data: Any = models.JSONField(default=dict)
    text_hash = models.CharField(max_length=64, blank=True)
    format = models.PositiveSmallIntegerField(default=1)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        default_permissions = ()
        ordering = ["report", "sequence"]
        constraints = [models.UniqueConstraint(fields=["report", "sequence"], name="event_sequence_once")]

    def __str__(self) -> str:
        return f"{self.report_id}#{self.sequence} {self.code}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("An event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("An event is never deleted.")


class EventText(models.Model):
    """What was written, beside its event, with the salt that lives and dies with it."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="body", primary_key=True)
    text = models.TextField()
    salt = models.CharField(max_length=32)

    class Meta:
        default_permissions = ()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"text of {self.event_id}"


class HeadSignature(models.Model):
    """The keyed signature over all heads of one day."""

    day = models.DateField(unique=True)
    reports = models.PositiveBigIntegerField()
    events = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    key_version = models.PositiveSmallIntegerField()
    signature = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return str(self.day)
