"""An entity that closes, merges into another or moves in the tree: what goes where, and what became of it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .entities import Entity
from .plans import Plan


class HandoverQuerySet(models.QuerySet["Handover"]):
    def that_closed(self, entity: Entity) -> Handover | None:
        """The last one by which it was closed, under way or done."""
        kinds = (Handover.Kind.CLOSE, Handover.Kind.MERGE)
        states = (Handover.State.RUNNING, Handover.State.STOPPED, Handover.State.DONE)
        return self.filter(entity=entity, kind__in=kinds, state__in=states).order_by("pk").last()


class Handover(Plan):
    """`target`: whose the work becomes, or, for a move, the new parent (none: the top of the tree).

    `before` is what was found when it was confirmed: counts, and ids of people. Single rows are its steps.
    """

    class Kind(models.TextChoices):
        CLOSE = "close", _("It closes, and its work goes to another entity")
        MERGE = "merge", _("It merges into another entity")
        MOVE = "move", _("It moves below another entity")

    kind = models.CharField(_("what happens"), max_length=5, choices=Kind.choices)
    entity = models.ForeignKey(
        Entity, verbose_name=_("entity"), on_delete=models.PROTECT, related_name="handovers"
    )
    target = models.ForeignKey(
        Entity, verbose_name=_("target"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    people_move = models.BooleanField(default=False)
    confidential_to_triage = models.BooleanField(default=False)
    before: Any = models.JSONField(default=dict)

    objects = HandoverQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        default_permissions = ()
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity"],
                condition=models.Q(state__in=["running", "stopped"]),
                name="one_handover_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entity} · {self.get_kind_display()}"

    @property
    def is_move(self) -> bool:
        return self.kind == self.Kind.MOVE

    @property
    def successor(self) -> Entity:
        """The target of one that closes or merges, which always has one."""
        if self.target is None:
            raise ValueError("only a move to the top of the tree has no target")
        return self.target


class HandoverStep(models.Model):
    """One row that it moves, ends or leaves. `was` says how it was found, `code` why it went no further."""

    class What(models.TextChoices):
        REPORT = "report", _("Report")
        # Counted and listed nowhere: few would betray one.
        CONFIDENTIAL = "confidential", _("Confidential report")
        RULE = "rule", _("Routing rule")
        MEMBERSHIP = "membership", _("Membership")
        GRANT = "grant", _("Personal grant")

    class Outcome(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("handover", "Waits")
        MOVED = "moved", pgettext_lazy("handover", "Moved")
        ENDED = "ended", pgettext_lazy("handover", "Ended")
        TO_TRIAGE = "to_triage", pgettext_lazy("handover", "Refused there, sent to triage")
        GONE = "gone", pgettext_lazy("handover", "No longer open when its turn came")
        FAILED = "failed", pgettext_lazy("handover", "Failed")

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(max_length=12, choices=What.choices)
    # The row's id. No foreign key: reports are above this app, and a rule may be deleted later.
    row = models.BigIntegerField()
    was: Any = models.JSONField(default=dict)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default=Outcome.WAITING)
    code = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        # Not by the handover: its own order would join it to every statement, and lock it with a step.
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["handover", "what", "row"], name="handover_step_once")]
        indexes = [
            models.Index(
                fields=["handover", "id"], condition=models.Q(outcome="waiting"), name="handover_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.row}: {self.outcome}"
