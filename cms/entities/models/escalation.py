"""What happens as a promise nears and passes: steps as data, for one service, priority or entity, or for the
whole region. Where nobody wrote any, `cms.entities.escalation` has those that are built in.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .catalogue import Priority, Privacy, Service
from .entities import Entity

# Where a step stands: 1–99 is that share of the time used, DUE the due time, and each working day after it
# (of the region's calendar) one more.
DUE = 100
LAST = DUE + 60
DIGESTED = ("entity_leader", "supervisor", "emirate_leader")


class Escalation(models.Model):
    """The ladder of one promise. The one that names the service goes before the one of the priority, that
    before the entity's, and all of them before the region's.
    """

    class Promise(models.TextChoices):
        FIRST_REPLY = "first_reply", _("First reply")
        RESOLUTION = "resolution", _("Resolution")
        TRIAGE = "triage", _("Triage")

    promise = models.CharField(_("promise"), max_length=11, choices=Promise.choices)
    privacy = models.CharField(_("privacy"), max_length=12, choices=Privacy.choices, default=Privacy.NORMAL)
    service = models.ForeignKey(
        Service, verbose_name=_("service"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    priority = models.CharField(_("priority"), max_length=6, choices=Priority.choices, blank=True)
    entity = models.ForeignKey(
        Entity, verbose_name=_("entity"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    # What it is for, so that there is one of it: a constraint over empty columns means nothing on SQLite.
    subject = models.CharField(max_length=60, unique=True, editable=False)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("ladder")
        verbose_name_plural = _("ladders")
        ordering = ["promise", "privacy", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(service=None, entity=None)
                | models.Q(service=None, priority="")
                | models.Q(entity=None, priority=""),
                name="escalation_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_promise_display()} · {self.holds_for}"

    @property
    def holds_for(self) -> str:
        """The one thing that it is for, in words."""
        of = self.service or self.entity
        if of is not None:
            return of.name
        return str(self.get_priority_display() if self.priority else _("the whole region"))

    def clean(self) -> None:
        if sum(map(bool, (self.service_id, self.priority, self.entity_id))) > 1:
            raise ValidationError(_("A ladder is for one service, one priority or one entity."))
        if self.promise == self.Promise.TRIAGE and self.entity_id:
            raise ValidationError(_("What waits for triage is with no entity yet."))
        if Escalation.objects.filter(subject=self.subject_now()).exclude(pk=self.pk).exists():
            raise ValidationError(_("There is a ladder for this already."), code="twice")

    def subject_now(self) -> str:
        of = f"{self.service_id or ''}/{self.priority}/{self.entity_id or ''}"
        return f"{self.promise}/{self.privacy}/{of}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.subject = self.subject_now()
        super().save(*args, **kwargs)

    def validate_constraints(self, exclude: object = None) -> None:
        """Nothing: `clean` says all of them in words, and the database keeps them."""


class EscalationStep(models.Model):
    """At this point this audience is told over this channel, in the words of this event's text."""

    class Audience(models.TextChoices):
        SPECIALIST = "specialist", _("Specialist")
        COORDINATOR = "coordinator", _("Coordinator")
        ENTITY_LEADER = "entity_leader", _("Entity leader")
        SUPERVISOR = "supervisor", _("Supervisor")
        EMIRATE_LEADER = "emirate_leader", _("Emirate leader")
        GRANTEES = "staff", _("Those named for confidential reports")

    class Channel(models.TextChoices):
        INBOX = "inbox", _("Inbox")
        SMS = "sms", _("SMS")
        EMAIL = "email", _("E-mail")

    class Mode(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        BY_URGENCY = "by_urgency", _("Urgent and high at once, the rest in the morning's digest")
        DIGEST = "digest", _("In the morning's digest")

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(
        _("when"), validators=[MinValueValidator(1), MaxValueValidator(LAST)]
    )
    audience = models.CharField(_("who"), max_length=20, choices=Audience.choices)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel.choices)
    mode = models.CharField(_("how"), max_length=10, choices=Mode.choices, default=Mode.AT_ONCE)
    event = models.CharField(_("text"), max_length=40)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        default_permissions = ()
        ordering = ["escalation", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["escalation", "position", "audience", "channel"], name="escalation_step_once"
            ),
            models.CheckConstraint(
                condition=models.Q(position__gte=1, position__lte=LAST), name="escalation_step_position"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.audience}/{self.channel}"

    def clean(self) -> None:
        if self.mode == self.Mode.AT_ONCE:
            return
        if self.position < DUE:
            raise ValidationError(
                {"mode": _("The digest tells of what is late: before, one is told at once.")}
            )
        if self.audience not in DIGESTED:
            raise ValidationError(
                {"mode": _("Leaders and supervisors have a digest; others are told at once.")}
            )
