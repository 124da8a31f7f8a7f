"""What is typed: which days off are applied to open promises, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Occasion

from ..words import days_between

CLOSURES = (Occasion.Kind.HOLIDAY, Occasion.Kind.SUSPENSION)


class OccasionField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        where = obj.place.name if obj.place else obj.calendar.name if obj.calendar else ""
        days = days_between(obj.first_day, obj.last_day)
        return f"{obj.name} · {days}" + (f" · {where}" if where else "")


class PlanForm(forms.Form):
    occasion = OccasionField(
        queryset=Occasion.objects.none(),
        label=_("Which days off?"),
        help_text=_("Those that are over, and single days that are worked, move nothing."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Occasion.objects.filter(kind__in=CLOSURES).select_related("place", "calendar")
        self.fields["occasion"].queryset = rows.order_by("-first_day", "pk")  # type: ignore[attr-defined]
        self.fields["occasion"].empty_label = gettext("Choose the days off")  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    seen = forms.CharField(max_length=16, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        help_text=_("The announcement. It stays in each report's history and in the audit trail."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
