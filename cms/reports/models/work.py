"""Who works on a report, what was promised, and which entity had it for how long."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms.entities.models import Calendar, Entity
from cms.entities.naming import in_language

from .history import Event
from .report import Report


class Assignment(models.Model):
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="assignments")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="report_assignments"
    )
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    is_responsible = models.BooleanField(default=False)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["person", "report"], condition=models.Q(until=None), name="assignment_current"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["report"],
                condition=models.Q(until=None, is_responsible=True),
                name="one_responsible_per_report",
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.person_id}"


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    def running(self) -> DeadlineQuerySet:
        """Open, and its time goes on."""
        return self.filter(outcome="open", paused_since=None)

    def overdue(self, at: datetime) -> DeadlineQuerySet:
        """Running, and its time has passed."""
        return self.running().filter(due_at__lt=at)


class Deadline(models.Model):
    """The stored row of one promise in one round. `minutes` are working minutes of `calendar`@`version`."""

    class Promise(models.TextChoices):
        FIRST_REPLY = "first_reply", _("First reply")
        RESOLUTION = "resolution", _("Resolution")
        TRIAGE = "triage", _("Triage")

    class Outcome(models.TextChoices):
        OPEN = "open", _("Open")
        MET = "met", _("Met")
        MISSED = "missed", _("Missed")
        ENDED = "ended", _("Ended")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="deadlines")
    promise = models.CharField(max_length=11, choices=Promise.choices)
    round = models.PositiveSmallIntegerField(default=1)
    value = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=5)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="+")
    calendar_version = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    # Spans [from, until or null] as ISO 8601, UTC.
    pauses: Any = models.JSONField(default=list)
    paused_since = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=6, choices=Outcome.choices, default=Outcome.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)
    # How far up its ladder it is (`cms.entities.models.escalation`: from DUE on it is late), and when the
    # sweep has to look at it next; never while it stands still or has ended.
    reached = models.PositiveSmallIntegerField(default=0)
    next_step_at = models.DateTimeField(null=True, blank=True)

    objects = DeadlineQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["report", "promise", "round"], name="one_promise_per_round")
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(outcome="open", paused_since=None),
                name="deadline_running",
            ),
            models.Index(
                fields=["next_step_at", "id"],
                condition=models.Q(next_step_at__isnull=False),
                name="deadline_next_step",
            ),
            # Whoever counts answers that came late reads these alone, and not every promise that was made.
            models.Index(
                fields=["report"],
                condition=models.Q(promise="resolution", outcome="missed"),
                name="deadline_missed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.promise}/{self.round}"


class Rescheduling(models.Model):
    """A ladder changed: all open promises are looked at anew, in the order of their ids up to `last`."""

    at = models.DateTimeField()
    last = models.PositiveBigIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.last}"


class StepTaken(models.Model):
    """One step of a ladder that a promise came to in its round, once: who was told, or why nobody was."""

    class Outcome(models.TextChoices):
        SENT = "sent", pgettext_lazy("step", "Told")
        DIGEST = "digest", pgettext_lazy("step", "For the morning's digest")
        SKIPPED = "skipped", pgettext_lazy("step", "Left out")

    class Reason(models.TextChoices):
        OVERTAKEN = "overtaken", _("A later step of theirs was due at the same time")
        NOBODY = "nobody", _("There was nobody to tell")
        PAST = "past", _("It lies before the history was loaded")

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    audience = models.CharField(max_length=20)
    channel = models.CharField(max_length=5)
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    reason = models.CharField(max_length=9, choices=Reason.choices, blank=True)
    people = models.PositiveSmallIntegerField(default=0)
    # When it was due, and when the sweep came to it.
    due_at = models.DateTimeField()
    at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["deadline", "position", "audience", "channel"], name="step_taken_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id}: {self.position} {self.audience}/{self.channel}"


class DigestRun(models.Model):
    """The morning's digests of those who work by this calendar were written, once a day."""

    day = models.DateField()
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["day", "calendar"], name="digest_run_once")]

    def __str__(self) -> str:
        return f"{self.day}: {self.calendar_id}"


class DigestTold(models.Model):
    """What one person's digest of a morning said; whoever works by two calendars has one all the same."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, db_index=False, on_delete=models.CASCADE, related_name="+"
    )
    day = models.DateField()
    at = models.DateTimeField()
    late = models.PositiveIntegerField()
    new = models.PositiveIntegerField()
    oldest = models.CharField(max_length=20)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="digest_told_once")]

    def __str__(self) -> str:
        return f"{self.day}: {self.person_id}"


class Custody(models.Model):
    """An entity (none: triage) that had the report, from when until when; written when it leaves."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="custodies")
    entity = models.ForeignKey(Entity, null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()
        ordering = ["report", "since", "id"]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.entity_id}"


class Directive(models.Model):
    """A leader's instruction on a report, tracked to its end. Its words are its event's text.

    It stays with the report wherever that goes, and is overtaken when the report ends.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", pgettext_lazy("directive", "Done")
        DECLINED = "declined", _("Declined")
        OVERTAKEN = "overtaken", _("Overtaken")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="directives")
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="directive")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_on = models.DateField(_("due"))
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default=Outcome.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("directive")
        verbose_name_plural = _("directives")
        default_permissions = ()
        ordering = ["report", "at", "id"]
        indexes = [
            models.Index(fields=["due_on"], condition=models.Q(outcome="open"), name="directive_running")
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.due_on}"


class ReplyTemplate(models.Model):
    """A text a coordinator or specialist starts a reply from. `for_action` is a workflow action's code."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    situation = models.CharField(_("situation"), max_length=60)
    for_action = models.CharField(_("for the action"), max_length=24)
    text_ar = models.TextField(_("text in Arabic"))
    text_en = models.TextField(_("text in English"))
    placeholders: Any = models.JSONField(_("placeholders"), default=list, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        ordering = ["for_action", "code"]

    def __str__(self) -> str:
        return self.code

    @property
    def text(self) -> str:
        return in_language(self, "text")


class Reason(models.Model):
    """A reason that an action asks for; `needs_text` says that a sentence must go with it."""

    code = models.SlugField(_("code"), max_length=60)
    used_for = models.CharField(_("used for"), max_length=24)
    label_ar = models.CharField(_("label in Arabic"), max_length=160)
    label_en = models.CharField(_("label in English"), max_length=160)
    needs_text = models.BooleanField(_("needs a text"), default=False)
    where_to_turn_ar = models.CharField(_("where to turn, in Arabic"), max_length=300, blank=True)
    where_to_turn_en = models.CharField(_("where to turn, in English"), max_length=300, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering = ["used_for", "id"]
        constraints = [models.UniqueConstraint(fields=["used_for", "code"], name="reason_once_per_use")]

    @property
    def label(self) -> str:
        return in_language(self, "label")

    def __str__(self) -> str:
        return self.label
