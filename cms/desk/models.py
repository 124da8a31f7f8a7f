"""What the desk keeps of its own: views of the queue, searches and their files, who was called in a note."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity
from cms.reports.models import Event, Report


class SavedView(models.Model):
    """A name for an address of the queue, its person's alone. What it shows is asked when it is opened."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    # The filters as they stand in the address, without a page's cursor.
    query = models.CharField(max_length=1000)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: models.Manager[Any] = models.Manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(is_default=True), name="saved_view_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Mention(models.Model):
    """A note that calls a colleague, until they have seen it. The words stand in the note alone."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    objects: models.Manager[Any] = models.Manager()
    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["event", "person"], name="mention_once")]
        indexes = [
            models.Index(fields=["person", "-at"], condition=models.Q(seen_at=None), name="mention_unread")
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.person_id}"


class SavedSearch(models.Model):
    """A name for an address of the search. What it finds is asked when it is opened, by whoever opens it.

    `is_shared`: with those who serve at `entity`, or who serve the whole region where there is none.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=4000)
    is_shared = models.BooleanField(default=False)
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: models.Manager[Any] = models.Manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="saved_search_name_once")]

    def __str__(self) -> str:
        return self.name


class SearchWatch(models.Model):
    """Somebody is told each morning what is new in a search: of the days up to `told_until`, they were."""

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="watches")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    told_until = models.DateField()
    # How many there were when they were told last.
    new = models.PositiveIntegerField(default=0)

    objects: models.Manager[Any] = models.Manager()
    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["search", "person"], name="search_watch_once")]

    def __str__(self) -> str:
        return f"{self.search_id} → {self.person_id}"


class SearchExport(models.Model):
    """A file of what somebody found, being written or waiting to be fetched by them, for a day."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being written")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel workbook (.xlsx)")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    query = models.CharField(max_length=4000)
    format = models.CharField(max_length=4, choices=Format.choices)
    language = models.CharField(max_length=5)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    # As many as were found when it was asked for, and as many as are written.
    total = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    # What the person held when it was written: a file is not given to who holds something else.
    held = models.CharField(max_length=64, default="")
    file = models.CharField(max_length=100, default="")
    size = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: models.Manager[Any] = models.Manager()
    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["person", "-created_at"], name="search_export_of_person"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="search_export_to_do",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.format}"
