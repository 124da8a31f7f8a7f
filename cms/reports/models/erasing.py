"""Who asked for a report's erasure and who agreed, and what forbids it for a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .report import Report


class Erasure(models.Model):
    """Proposed by one person, carried out when another one confirms it. Holds no words of anybody's."""

    class Ground(models.TextChoices):
        SENDER = "sender", _("The sender asked for it")
        LAW = "law", _("A law or a court asks for it")
        MISTAKE = "mistake", _("It holds what must not be kept")

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="erasures")
    ground = models.CharField(_("ground"), max_length=8, choices=Ground.choices)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["report"],
                condition=Q(confirmed_at=None, withdrawn_at=None),
                name="one_erasure_waits_per_report",
            )
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class LegalHold(models.Model):
    """Nothing of the report is erased until this day has passed (none: until it is lifted)."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(_("reason"), max_length=300)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    until = models.DateField(_("until"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["report"], condition=Q(lifted_at=None), name="hold_in_force")]

    def __str__(self) -> str:
        return f"hold {self.pk}"

    @classmethod
    def in_force(cls, at: datetime) -> Any:
        """The holds that forbid erasing at this moment."""
        from django.utils import timezone

        today = timezone.localdate(at)
        return cls.objects.filter(Q(until=None) | Q(until__gte=today), lifted_at=None)
