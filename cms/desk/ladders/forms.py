"""What is typed of a ladder: what it is for, and its steps, one to a line."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cms.entities.escalation import DUE, Step
from cms.entities.models import Entity, Escalation, EscalationStep, Privacy, Service
from cms.entities.models.escalation import LAST
from cms.notifications.models import SmsTemplate
from cms.notifications.titles import event_title

USED, AT, AFTER = "used", "due", "after"
WHEN = (
    (USED, _("% of the time")),
    (AT, _("when it is due")),
    (AFTER, _("working days after")),
)
SPARE = 3
NEUTRAL = "staff_confidential"


class OwnForm(forms.ModelForm):
    """A ladder of its own, which begins as a copy of the one that holds until now."""

    class Meta:
        model = Escalation
        fields = ["promise", "privacy", "service", "priority", "entity"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("service", Service.objects.filter(is_active=True)),
            ("entity", Entity.objects.filter(is_active=True)),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
            self.fields[name].empty_label = "–"  # type: ignore[attr-defined]


class StepForm(forms.Form):
    when = forms.ChoiceField(label=_("When"), choices=WHEN)
    amount = forms.IntegerField(label=_("How much"), required=False, min_value=1, max_value=99)
    audience = forms.ChoiceField(label=_("Who"), choices=EscalationStep.Audience.choices)
    channel = forms.ChoiceField(label=_("Channel"), choices=EscalationStep.Channel.choices)
    mode = forms.ChoiceField(label=_("How"), choices=EscalationStep.Mode.choices)
    event = forms.ChoiceField(label=_("Text"))
    remove = forms.BooleanField(label=_("Remove"), required=False)

    def __init__(
        self, *args: Any, escalation: Escalation, texts: set[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.escalation, self.texts = escalation, texts
        events = sorted({event for event, _audience in texts}, key=event_title)
        self.fields["event"].choices = [(event, event_title(event)) for event in events]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = str(field.label)
            if isinstance(field, forms.ChoiceField):
                # What a list shows by itself was not typed.
                field.initial = next((value for value, _label in field.choices), None)  # type: ignore[union-attr, misc]

    def has_changed(self) -> bool:
        """A spare line in which nothing was typed is no step; one that was there is, as it stands."""
        return bool(self.initial) or super().has_changed()

    @classmethod
    def initial_of(cls, step: Step) -> dict[str, Any]:
        at = step.position
        when = USED if at < DUE else AT if at == DUE else AFTER
        amount = at if at < DUE else at - DUE or None
        given = {"audience": step.audience, "channel": step.channel, "mode": step.mode, "event": step.event}
        return {"when": when, "amount": amount, **given}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.errors or data.get("remove"):
            return data
        amount = data.get("amount")
        if data["when"] != AT and amount is None:
            self.add_error("amount", _("Say how much."))
            return data
        data["position"] = {USED: amount, AT: DUE, AFTER: DUE + (amount or 0)}[data["when"]]
        if data["position"] > LAST:
            self.add_error("amount", _("That is later than a ladder reaches."))
        confidential = self.escalation.privacy == Privacy.CONFIDENTIAL
        if confidential and data["event"] != NEUTRAL:
            self.add_error("event", _("Of confidential reports the neutral text alone is sent."))
        elif not confidential and (data["event"], data["audience"]) not in self.texts:
            self.add_error("event", _("There is no such text for these people."))
        if self.errors:
            return data
        try:
            self.row(data).clean()
        except ValidationError as error:
            self.add_error(None, error.messages)  # type: ignore[arg-type]
        return data

    def row(self, data: dict[str, Any]) -> EscalationStep:
        names = ("position", "audience", "channel", "mode", "event")
        return EscalationStep(escalation=self.escalation, **{name: data[name] for name in names})


class StepsFormSet(forms.BaseFormSet):
    def clean(self) -> None:
        seen = set()
        for form in self.kept():
            data = form.cleaned_data
            key = (data.get("position"), data["audience"], data["channel"])
            if key in seen:
                form.add_error(None, _("These people are told of this over this channel already."))
            seen.add(key)

    def kept(self) -> list[StepForm]:
        return [
            form
            for form in self.forms
            if form.is_valid() and form.has_changed() and not form.cleaned_data.get("remove")
        ]


def texts_for(escalation: Escalation) -> set[tuple[str, str]]:
    """(event, audience) of the texts that staff may be sent of such a promise."""
    if escalation.privacy == Privacy.CONFIDENTIAL:
        return {(NEUTRAL, audience) for audience in EscalationStep.Audience.values}
    rows = SmsTemplate.objects.filter(
        audience__in=EscalationStep.Audience.values, event__regex=r"^(deadline|first_reply|triage)_"
    )
    return set(rows.values_list("event", "audience"))
