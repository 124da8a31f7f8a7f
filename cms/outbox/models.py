"""Effects that must not be lost, and the leases that keep several beats from firing one sweep twice."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Effect(models.Model):
    """One thing to do after a commit: send this message, index that report.

    Written in the transaction of what causes it; `key` makes it once. `payload` holds parameters (ids, never
    rendered text). Claimed by lease: a worker that dies leaves a row whose lease passes; another takes it.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        CLAIMED = "claimed", _("Being done")
        DONE = "done", _("Done")
        FAILED = "failed", _("Given up")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("key"), max_length=160, unique=True)
    # Those of a line are done apart from the others (`cms.outbox.lines`).
    line = models.CharField(max_length=10, blank=True, default="", db_default="")
    payload: Any = models.JSONField(_("parameters"), default=dict)
    priority = models.SmallIntegerField(_("priority"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.PENDING)
    not_before = models.DateTimeField(_("not before"))
    held_reason = models.CharField(_("held because"), max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=40, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    # The key of the gateway that the last failed attempt went to.
    via = models.CharField(_("gateway"), max_length=60, blank=True)
    # What the request that caused it is called in the logs.
    correlation = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(_("created"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("effect")
        verbose_name_plural = _("effects")
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["line", "-priority", "not_before", "id"],
                condition=models.Q(state="pending"),
                name="effect_due",
            ),
            models.Index(fields=["lease_until"], condition=models.Q(state="claimed"), name="effect_claimed"),
            models.Index(
                fields=["done_at"],
                condition=models.Q(state__in=["done", "cancelled"]),
                name="effect_finished",
            ),
            models.Index(
                fields=["-done_at", "-id"], condition=models.Q(state="failed"), name="effect_given_up"
            ),
            # Of the lines: what of a kind is not done yet.
            models.Index(
                fields=["kind", "id"],
                condition=models.Q(line__gt="", state__in=["pending", "claimed", "failed"]),
                name="effect_of_line_undone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Lease(models.Model):
    """Who runs a sweep, and until when nobody else does."""

    name = models.CharField(max_length=60, primary_key=True)
    until = models.DateTimeField()
    holder = models.CharField(max_length=40)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
