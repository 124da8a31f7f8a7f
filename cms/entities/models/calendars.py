"""Working calendars. Each change is a new version; a promise names the version it was counted with."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..naming import Named
from .places import Place

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
    """`hours`: mode, week, ramadan, observes_holidays, and every date that counts (`dated.py`). It looks
    nothing up, so a promise that was counted with it stays as it was, whatever is announced later.

    In force from `valid_from` on (none: ever since) until a later number is.
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    hours: Any = models.JSONField(_("hours"))
    valid_from = models.DateTimeField(_("in force from"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version of a calendar")
        verbose_name_plural = _("versions of a calendar")
        ordering = ["calendar", "-number"]
        constraints = [models.UniqueConstraint(fields=["calendar", "number"], name="calendar_version_once")]

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.calendar.name} · {self.number}"


class Occasion(Named):
    """Days that are not like the week's others. One with the code of a computed one takes its place."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Public holiday")
        RAMADAN = "ramadan", _("Ramadan")
        SUSPENSION = "suspension", _("Work suspended")
        WORKING = "working", _("Worked, with hours of its own")

    class Source(models.TextChoices):
        ANNOUNCED = "announced", _("Announced")
        EXPECTED = "expected", _("Expected")

    code = models.SlugField(_("code"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    source = models.CharField(_("source"), max_length=9, choices=Source.choices, default=Source.ANNOUNCED)
    calendar = models.ForeignKey(
        Calendar, verbose_name=_("only in this calendar"), null=True, blank=True, on_delete=models.PROTECT
    )
    # Promises about it stand still on these days; the calendars, which serve other places too, do not change.
    place = models.ForeignKey(
        Place, verbose_name=_("only in this place"), null=True, blank=True, on_delete=models.PROTECT
    )
    hours: Any = models.JSONField(_("hours"), default=list, blank=True)

    class Meta:
        verbose_name = _("holiday or exception")
        verbose_name_plural = _("holidays and exceptions")
        ordering = ["first_day", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="occasion_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=models.Q(place=None) | models.Q(kind="suspension", calendar=None),
                name="occasion_of_a_place",
            ),
        ]

    wagtail_reference_index_ignore = True

    @property
    def is_closure(self) -> bool:
        return self.kind in (self.Kind.HOLIDAY, self.Kind.SUSPENSION)
