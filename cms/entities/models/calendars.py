"""Working calendars. Each change is a new version; a promise names the version it was counted with."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..naming import Named

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Calendar(Named):
    code = models.SlugField(_("code"), max_length=60, unique=True)
    is_region_default = models.BooleanField(_("the region's calendar"), default=False)
    note_ar = models.CharField(_("note in Arabic"), max_length=200, blank=True)
    note_en = models.CharField(_("note in English"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")
        constraints = [
            models.UniqueConstraint(
                fields=["is_region_default"],
                condition=models.Q(is_region_default=True),
                name="one_region_calendar",
            )
        ]

    wagtail_reference_index_ignore = True


class CalendarVersion(models.Model):
    """`hours` has the keys of calendars.json: mode, days, from, to (Ramadan hours are kept for later use)."""

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    hours: Any = models.JSONField(_("hours"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of a calendar")
        verbose_name_plural = _("versions of a calendar")
        ordering = ["calendar", "-number"]
        constraints = [models.UniqueConstraint(fields=["calendar", "number"], name="calendar_version_once")]

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.calendar.name} · {self.number}"
