"""What was proposed for a confidential service, until a second person confirms it or it is taken back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .catalogue import Service


class PrivacyProposal(models.Model):
    """`changes`: field of the service → value. Nothing of it holds until it is confirmed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for confirmation")
        CONFIRMED = "confirmed", _("Confirmed")
        WITHDRAWN = "withdrawn", _("Taken back")

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="privacy_proposals")
    changes: Any = models.JSONField()
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.WAITING)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("proposal of weaker privacy")
        verbose_name_plural = _("proposals of weaker privacy")
        default_permissions = ()
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["service"], condition=models.Q(state="waiting"), name="one_privacy_proposal_waiting"
            )
        ]

    def __str__(self) -> str:
        return self.service.name

    @property
    def is_pending(self) -> bool:
        return self.state == self.State.WAITING
