"""The service catalogue: what one can report on or ask for, its questions, and where it goes."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ..naming import Named, in_language
from .entities import Entity
from .places import Place


class ReportKind(models.TextChoices):
    COMPLAINT = "complaint", _("Complaint")
    SUGGESTION = "suggestion", _("Suggestion")
    OBSERVATION = "observation", _("Observation")
    INQUIRY = "inquiry", _("Inquiry")
    THANKS = "thanks", _("Thanks")
    REQUEST = "request", _("Request")


class Priority(models.TextChoices):
    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


class Privacy(models.TextChoices):
    NORMAL = "normal", pgettext_lazy("privacy", "Normal")
    CONFIDENTIAL = "confidential", _("Confidential")


class PromiseUnit(models.TextChoices):
    HOURS = "hours", _("Working hours")
    DAYS = "days", _("Working days")


class Category(Named):
    code = models.SlugField(_("code"), max_length=60, unique=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["order", "id"]

    def clean(self) -> None:
        if self.parent and self.parent.parent_id:
            raise ValidationError({"parent": _("Categories have at most two levels.")})


class Service(Named):
    class ClockOnTransfer(models.TextChoices):
        CONTINUE = "continue", _("Continues")
        RESTART = "restart", _("Starts again")

    code = models.SlugField(_("code"), max_length=60, unique=True)
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="services"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=ReportKind.choices)
    description_ar = models.CharField(_("description in Arabic"), max_length=300, blank=True)
    description_en = models.CharField(_("description in English"), max_length=300, blank=True)
    keywords_ar = models.JSONField(_("Arabic keywords, as people type them"), default=list, blank=True)
    keywords_en = models.JSONField(_("English keywords"), default=list, blank=True)
    goes_to_triage = models.BooleanField(
        _("goes to triage"), default=False, help_text=_("A supervisor decides where each report goes.")
    )
    first_reply_value = models.PositiveSmallIntegerField(_("first reply within"), null=True, blank=True)
    first_reply_unit = models.CharField(
        _("unit of the first reply"), max_length=5, choices=PromiseUnit.choices, blank=True
    )
    resolution_value = models.PositiveSmallIntegerField(_("resolution within"), null=True, blank=True)
    resolution_unit = models.CharField(
        _("unit of the resolution"), max_length=5, choices=PromiseUnit.choices, blank=True
    )
    clock_on_transfer = models.CharField(
        _("the clock on transfer"),
        max_length=8,
        choices=ClockOnTransfer.choices,
        default=ClockOnTransfer.CONTINUE,
    )
    sender_wait_days = models.PositiveSmallIntegerField(_("days a question waits"), default=7)
    reopen_window_days = models.PositiveSmallIntegerField(_("days to reopen"), default=14)
    retention_months = models.PositiveSmallIntegerField(
        _("months kept"),
        default=60,
        validators=[MinValueValidator(1)],
        help_text=_("So long after a report ended its texts and its sender's data are erased."),
    )
    priority = models.CharField(
        _("priority"), max_length=6, choices=Priority.choices, default=Priority.NORMAL
    )
    privacy = models.CharField(_("privacy"), max_length=12, choices=Privacy.choices, default=Privacy.NORMAL)
    allows_anonymous = models.BooleanField(_("may be anonymous"), default=False)
    requires_national_id = models.BooleanField(_("asks for the national ID"), default=False)
    needs_location = models.BooleanField(_("needs a location"), default=False)
    emergency_number = models.CharField(_("emergency number"), max_length=10, blank=True)
    emergency_ar = models.CharField(_("emergency note in Arabic"), max_length=300, blank=True)
    emergency_en = models.CharField(_("emergency note in English"), max_length=300, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["category__order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(allows_anonymous=True, requires_national_id=True),
                name="anonymous_or_national_id",
            )
        ]

    def clean(self) -> None:
        if self.allows_anonymous and self.requires_national_id:
            raise ValidationError(
                {"requires_national_id": _("An anonymous report cannot ask for a national ID.")}
            )

    @property
    def description(self) -> str:
        return in_language(self, "description")

    @property
    def emergency(self) -> str:
        return in_language(self, "emergency")


# A date has no limit that is further from today.
DAYS_OF_A_LIFE = 36_525


class IntakeQuestion(models.Model):
    """A question of the form for this service. `show_when`: null, or {"question": code, "equals": value}."""

    class Type(models.TextChoices):
        TEXT = "text", _("Text")
        CHOICE = "choice", _("Choice")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        YESNO = "yesno", _("Yes or no")

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="intake_questions")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    code = models.SlugField(_("code"), max_length=60)
    label_ar = models.CharField(_("label in Arabic"), max_length=200)
    label_en = models.CharField(_("label in English"), max_length=200)
    type = models.CharField(_("type"), max_length=6, choices=Type.choices)
    required = models.BooleanField(_("required"), default=False)
    minimum = models.FloatField(
        _("smallest number"),
        null=True,
        blank=True,
        default=0,
        help_text=_("For a number; empty for any, negative ones too."),
    )
    maximum = models.FloatField(
        _("largest number"),
        null=True,
        blank=True,
        help_text=_("For a date: in days from today; 0 for no day that is still to come."),
    )
    choices: Any = models.JSONField(_("choices"), default=list, blank=True)
    show_when: Any = models.JSONField(_("shown when"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("intake question")
        verbose_name_plural = _("intake questions")
        ordering = ["service", "order"]
        constraints = [models.UniqueConstraint(fields=["service", "code"], name="question_once_per_service")]

    def clean(self) -> None:
        if self.minimum is not None and self.maximum is not None and self.maximum < self.minimum:
            raise ValidationError({"maximum": _("The largest number is smaller than the smallest.")})

    @property
    def label(self) -> str:
        return in_language(self, "label")

    @property
    def latest_day(self) -> date | None:
        """The last day that is accepted as an answer, where there is one."""
        if self.type != self.Type.DATE or self.maximum is None or abs(self.maximum) > DAYS_OF_A_LIFE:
            return None
        return timezone.localdate() + timedelta(days=int(self.maximum))

    def __str__(self) -> str:
        return self.label


class RoutingRule(models.Model):
    """(service or category) × place → entity. `version` rises with each change; reports keep the sentence."""

    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="routing_rules",
    )
    category = models.ForeignKey(
        Category, verbose_name=_("category"), null=True, blank=True, on_delete=models.CASCADE
    )
    place = models.ForeignKey(Place, verbose_name=_("place"), on_delete=models.PROTECT)
    entity = models.ForeignKey(Entity, verbose_name=_("entity"), on_delete=models.PROTECT)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(service=None) ^ models.Q(category=None), name="rule_service_or_category"
            ),
            models.UniqueConstraint(
                fields=["service", "place"], condition=~models.Q(service=None), name="rule_once_per_service"
            ),
            models.UniqueConstraint(
                fields=["category", "place"],
                condition=~models.Q(category=None),
                name="rule_once_per_category",
            ),
        ]

    def __str__(self) -> str:
        # An arrow points where reading goes; no script mirrors it.
        arrow = "→" if (get_language() or "ar").startswith("en") else "←"
        return f"{self.service or self.category} × {self.place} {arrow} {self.entity}"

    def clean(self) -> None:
        if (self.service_id is None) == (self.category_id is None):
            raise ValidationError(_("A rule names a service or a category, one of the two."))
        if self.entity_id is not None and not self.entity.is_active:
            raise ValidationError({"entity": _("This entity is closed.")})
        ties = RoutingRule.objects.filter(
            service=self.service_id, category=self.category_id, place=self.place_id
        ).exclude(pk=self.pk)
        for tie in ties.select_related("service", "category", "place", "entity"):
            raise ValidationError(
                _("Rule %(rule)s speaks of the same in the same place; two that tie are refused: %(said)s."),
                code="tie",
                params={"rule": tie.pk, "said": tie},
            )

    def validate_constraints(self, exclude: Any = None) -> None:
        """Nothing: `clean` says all of them in words, and the database keeps them."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            self.version += 1
        super().save(*args, **kwargs)


class CatalogueVersion(models.Model):
    """One row whose stamp is drawn anew with every change of entities, places, services or rules.

    A stamp, not a counter: a change that is rolled back must never meet a later one under the same number.
    """

    stamp = models.UUIDField(default=uuid.uuid4)

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return str(self.stamp)
