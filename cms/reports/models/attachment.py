"""A file that belongs to one event of a report, or waits for the submission that it was uploaded for."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .history import Event
from .report import Report


class Attachment(models.Model):
    """Until it is claimed it has an `owner` and an end; afterwards a report and the event that brought it.

    `name` is shown and downloaded under; `file` and `thumbnail` are names of ours in the storage. A row
    stands before its file is written (`is_stored`), so that no file is ever without one. Who reads it is who
    reads its event (`cms.reports.files.reading`).
    """

    class Scan(models.TextChoices):
        NOT_SCANNED = "unscanned", _("Not scanned for viruses")
        WAITING = "waiting", _("Waiting for the virus scan")
        CLEAN = "clean", _("Scanned for viruses")
        INFECTED = "infected", pgettext_lazy("file", "Removed: a virus was found")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    report = models.ForeignKey(Report, null=True, on_delete=models.CASCADE, related_name="attachments")
    event = models.ForeignKey(Event, null=True, on_delete=models.PROTECT, related_name="attachments")
    owner = models.CharField(max_length=100, blank=True)
    name = models.CharField(_("name"), max_length=120)
    content_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    # Of the content and the salt that lives and dies with it; the event's hash covers it.
    digest = models.CharField(max_length=64)
    salt = models.CharField(max_length=32)
    file = models.CharField(max_length=80)
    thumbnail = models.CharField(max_length=80, blank=True)
    is_stored = models.BooleanField(default=False)
    scan = models.CharField(max_length=9, choices=Scan.choices)
    # Where a photo was taken: offered as the report's place while it waits, and never kept with a report.
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        default_permissions = ()
        ordering = ["id"]
        indexes = [
            models.Index(fields=["owner"], condition=models.Q(report=None), name="attachment_of_owner"),
            models.Index(fields=["expires_at"], condition=models.Q(report=None), name="attachment_to_sweep"),
            models.Index(fields=["id"], condition=models.Q(scan="waiting"), name="attachment_to_scan"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(report=None)
                | models.Q(
                    latitude=None, longitude=None, expires_at=None, event__isnull=False, is_stored=True
                ),
                name="attached_without_its_point",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is None and not self.file:
            self.file = f"{self.public_id.hex[:2]}/{uuid.uuid4().hex}"
        super().save(*args, **kwargs)

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def is_readable(self) -> bool:
        """Whether it may be handed out: not before its scan where one is to come, and no virus ever."""
        return self.is_stored and self.scan in (self.Scan.CLEAN, self.Scan.NOT_SCANNED)


class Upload(models.Model):
    """A file that comes in parts, until it is whole and becomes the attachment of the same `public_id`."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.CharField(max_length=100)
    name = models.CharField(max_length=1000, blank=True)
    size = models.PositiveIntegerField()
    received: Any = models.JSONField(default=list)
    is_finishing = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"upload {self.pk}"
