"""What is typed: what happens to which entity, and why it is confirmed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity, Handover

from ..viewsets.fields import TreeChoiceField


class PlanForm(forms.Form):
    entity = TreeChoiceField(queryset=Entity.objects.none(), label=_("Entity"), to_field_name="code")
    kind = forms.ChoiceField(
        label=_("What happens to it?"), choices=Handover.Kind.choices, widget=forms.RadioSelect
    )
    target = TreeChoiceField(
        queryset=Entity.objects.none(),
        label=_("To which entity?"),
        to_field_name="code",
        required=False,
        help_text=_(
            "Whose its work becomes, or below which it moves. Empty for a move: to the top of the tree."
        ),
    )
    people_move = forms.BooleanField(
        label=_("Its people go along, in the same roles"),
        required=False,
        help_text=_("Where it merges. Otherwise their access simply ends."),
    )
    confidential_to_triage = forms.BooleanField(
        label=_("Confidential reports that may not go there go to confidential triage"),
        required=False,
        help_text=_("Otherwise nothing happens as long as too few people are named for them there."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("entity", "target"):
            self.fields[name].queryset = Entity.objects.filter(is_active=True).order_by("path")  # type: ignore[attr-defined]
        self.fields["entity"].empty_label = gettext("Choose an entity")  # type: ignore[attr-defined]
        self.fields["target"].empty_label = gettext("None")  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        help_text=_(
            "The decree or the decision. Whoever receives a report reads it there; senders do not. It stays "
            "in the audit trail."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
