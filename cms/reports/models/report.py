"""A report: what a sender submitted, where it is, and what was promised.

Rows change only through `cms.reports.actions`. Denormalised columns (due dates, responsible assignee) serve
the lists, so that a page of a queue never joins the history.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity, Place, Priority, Privacy, ReportKind, RoutingRule, Service

from ..querysets import ReportQuerySet
from ..workflow import State
from .sender import Sender


class Channel(models.TextChoices):
    WEB = "web", _("Site")
    APP = "app", _("App")
    API = "api", _("Interface")
    PHONE = "phone", _("Phone")
    COUNTER = "counter", _("Counter")
    KIOSK = "kiosk", _("Kiosk")
    LETTER = "letter", _("Letter of an entity")


class ContactPreference(models.TextChoices):
    NEVER = "never", _("Do not contact me")
    NEUTRAL_MESSAGE = "neutral_message", _("A neutral message")
    CALL = "call", _("Call me between these hours")


class Report(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(_("reference"), max_length=20, unique=True)
    secret_hash = models.CharField(max_length=64)
    secret_version = models.PositiveSmallIntegerField(default=1)

    kind = models.CharField(_("kind"), max_length=12, choices=ReportKind.choices)
    service = models.ForeignKey(Service, verbose_name=_("service"), on_delete=models.PROTECT)
    place = models.ForeignKey(Place, verbose_name=_("place"), on_delete=models.PROTECT)
    entity = models.ForeignKey(
        Entity,
        verbose_name=_("entity"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reports",
    )
    about_entity = models.ForeignKey(
        Entity, null=True, blank=True, on_delete=models.PROTECT, related_name="reports_about"
    )
    state = models.CharField(_("state"), max_length=16, choices=State.choices)
    privacy = models.CharField(_("privacy"), max_length=12, choices=Privacy.choices)
    priority = models.CharField(_("priority"), max_length=6, choices=Priority.choices)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    language = models.CharField(max_length=2)

    title = models.CharField(_("title"), max_length=120, blank=True)
    text = models.TextField(_("text"))
    answers: Any = models.JSONField(_("answers"), default=dict)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    address_text = models.CharField(_("address"), max_length=300, blank=True)

    sender = models.ForeignKey(
        Sender, null=True, blank=True, on_delete=models.PROTECT, related_name="reports"
    )
    sender_kind = models.CharField(max_length=8, blank=True)
    # Sent by an entity instead of a person: by which, and that one's own number and date of it.
    # Few are, so the index below knows those alone.
    sender_entity = models.ForeignKey(
        Entity,
        verbose_name=_("sending entity"),
        db_index=False,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reports_sent",
    )
    letter_number = models.CharField(_("letter number"), max_length=40, blank=True)
    letter_date = models.DateField(_("letter date"), null=True, blank=True)
    contact_preference = models.CharField(max_length=16, choices=ContactPreference.choices, blank=True)
    contact_hours = models.CharField(max_length=40, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    # Since when the present entity (none: triage) has had the report; earlier ones are `Custody` rows.
    entity_since = models.DateTimeField()
    submitted_at = models.DateTimeField(_("submitted"))
    updated_at = models.DateTimeField(_("updated"))
    round = models.PositiveSmallIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)
    revision = models.PositiveIntegerField(default=1)

    routing_rule = models.ForeignKey(
        RoutingRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    routing_rule_version = models.PositiveIntegerField(null=True, blank=True)
    routing_reason_ar = models.CharField(max_length=400, blank=True)
    routing_reason_en = models.CharField(max_length=400, blank=True)

    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    draft = models.TextField(blank=True)
    draft_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    left_state = models.CharField(max_length=16, blank=True)
    question_until = models.DateTimeField(null=True, blank=True)
    questions_in_round = models.PositiveSmallIntegerField(default=0)
    first_reply_due_at = models.DateTimeField(null=True, blank=True)
    resolution_due_at = models.DateTimeField(null=True, blank=True)
    # What the queue sorts by: the resolution's due time while it runs, null when stopped or ended.
    next_due_at = models.DateTimeField(null=True, blank=True)

    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    reopen_until = models.DateTimeField(null=True, blank=True)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    returned_count = models.PositiveSmallIntegerField(default=0)
    rejected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    appealed_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="members"
    )
    # Of a merged report: since when, and the state that undoing the merge gives back.
    merged_at = models.DateTimeField(null=True, blank=True)
    state_before = models.CharField(max_length=16, choices=State.choices, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )

    event_count = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = ReportQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        default_permissions = ()
        indexes = [
            # The queue's counts read these alone, and no row.
            models.Index(
                fields=["entity", "state", "next_due_at", "id"],
                include=["privacy", "about_entity", "returned_count", "reopened_count"],
                name="report_queue",
            ),
            models.Index(
                fields=["state", "next_due_at", "id"],
                include=["entity", "privacy", "about_entity", "returned_count", "reopened_count"],
                name="report_state_due",
            ),
            # The queue's order, and its most frequent filters: a page is where the index is entered.
            models.Index(fields=["next_due_at", "-id"], name="report_due"),
            models.Index(fields=["entity", "next_due_at", "-id"], name="report_entity_due"),
            models.Index(fields=["service", "next_due_at", "-id"], name="report_service_due"),
            # One service of one entity: far more rows than PostgreSQL expects, and none of them is read.
            models.Index(
                fields=["service", "entity", "state", "next_due_at", "-id"],
                include=["privacy", "about_entity", "submitted_at", "revision"],
                name="report_service_state",
            ),
            models.Index(fields=["-submitted_at", "-id"], name="report_recent"),
            models.Index(fields=["entity", "-submitted_at", "-id"], name="report_entity_recent"),
            # What came from near by in the same days: of a busy service's month few rows are read.
            models.Index(
                fields=["service", "-submitted_at", "-id"],
                include=["latitude", "longitude", "place", "entity", "state", "privacy", "about_entity"],
                name="report_service_recent",
            ),
            models.Index(fields=["sender", "-submitted_at", "-id"], name="report_sender_recent"),
            # Few reports are entered for others, and only those cost anything here.
            models.Index(
                fields=["entered_by", "-submitted_at", "-id"],
                condition=models.Q(entered_by__isnull=False),
                name="report_entered_recent",
            ),
            # What an entity sent, for its own people.
            models.Index(
                fields=["sender_entity", "-submitted_at", "-id"],
                condition=models.Q(sender_entity__isnull=False),
                name="report_sent_recent",
            ),
            models.Index(
                fields=["reopen_until"],
                condition=models.Q(state="answered"),
                name="report_to_close",
            ),
            models.Index(
                fields=["question_until"],
                condition=models.Q(state="awaiting_sender"),
                name="report_to_expire",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sender=None) | models.Q(sender_entity=None), name="sent_by_one"
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_confidential(self) -> bool:
        return self.privacy == Privacy.CONFIDENTIAL

    @property
    def is_letter(self) -> bool:
        """Whether an entity sent it."""
        return self.sender_entity_id is not None


class IdempotencyKey(models.Model):
    """A client's key for one submission. The same key and body give the same report for 72 hours."""

    client = models.CharField(max_length=80)
    key = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64)
    report = models.ForeignKey(Report, null=True, on_delete=models.CASCADE)
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="idempotency_key_once")]

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return self.key


class Rating(models.Model):
    """The sender's rating of one round's answer."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="ratings")
    round = models.PositiveSmallIntegerField()
    score = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["report", "round"], name="rated_once_a_round"),
            models.CheckConstraint(
                condition=models.Q(score__gte=1) & models.Q(score__lte=5), name="score_1_to_5"
            ),
        ]

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.report_id}/{self.round}: {self.score}"


class AccessLink(models.Model):
    """The token in a message's link: of one report and one recipient, revocable, expiring, kept as a hash."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="links")
    sender = models.ForeignKey(Sender, null=True, on_delete=models.CASCADE)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"link {self.pk}"
