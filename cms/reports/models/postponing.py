"""A holiday or suspension of work that is applied to open promises: planned, confirmed, report by report."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms.entities.models import Occasion
from cms.entities.models.plans import Plan

from .report import Report


class Postponement(Plan):
    """On whose days open promises stand still. The days are those it was planned with, as the names are.

    `shown` is the preview: what is confirmed is what was read.
    """

    occasion = models.ForeignKey(Occasion, on_delete=models.PROTECT, related_name="postponements")
    name_ar = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    shown = models.CharField(max_length=16)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("postponement")
        verbose_name_plural = _("postponements")
        default_permissions = ()
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["occasion"],
                condition=models.Q(state__in=["running", "stopped"]),
                name="one_postponement_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"{self.occasion} · {self.get_state_display()}"


class PostponementStep(models.Model):
    """One report. `moves`: promise, old and new time of each of its promises, as they were shown."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("postponement", "Waits")
        MOVED = "moved", pgettext_lazy("postponement", "Moved")
        GONE = "gone", pgettext_lazy("postponement", "No longer open when its turn came")
        CHANGED = "changed", pgettext_lazy("postponement", "Changed since it was shown, and left as it is")
        FAILED = "failed", pgettext_lazy("postponement", "Failed")

    postponement = models.ForeignKey(Postponement, on_delete=models.CASCADE, related_name="steps")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="+")
    moves: Any = models.JSONField(default=list)
    # Listed nowhere, and counted only where there are enough of them to betray none.
    is_confidential = models.BooleanField(default=False)
    outcome = models.CharField(max_length=7, choices=Outcome.choices, default=Outcome.WAITING)
    code = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["postponement", "report"], name="postponed_once_by_a_plan")
        ]
        indexes = [
            models.Index(
                fields=["postponement", "id"],
                condition=models.Q(outcome="waiting"),
                name="postponement_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.outcome}"
