"""What is planned, read through, confirmed, and then carried out row by row by a worker."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Plan(models.Model):
    """Its rows are its `steps`, which are waiting until they are dealt with."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("handover", "Planned")
        RUNNING = "running", pgettext_lazy("handover", "Under way")
        STOPPED = "stopped", pgettext_lazy("handover", "Stopped")
        DONE = "done", pgettext_lazy("handover", "Done")
        WITHDRAWN = "withdrawn", pgettext_lazy("handover", "Taken back")

    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PLANNED)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # Of the worker that is at it; another one goes on once this has passed.
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.RUNNING, self.State.STOPPED)
