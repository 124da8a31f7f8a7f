"""The table of rules: who is told of which event over which channel, in which words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cms.notifications.models import Audience, Rule
from cms.notifications.spreading import STEPS
from cms.notifications.titles import OF_LADDERS, event_title

from ..policies import KEEP_AND_DELETE
from .guarded import DeskViewSet, column, flag
from .titles import TitledIndexView

# What is told beside the steps of a report.
BESIDE = ("mention", "late_weekly", "search_watch", *OF_LADDERS)
# Whom no rule means: a report's sender has rules of their own, and nobody follows yet.
NOT_STAFF = (Audience.SENDER, Audience.FOLLOWER, Audience.STAFF, Audience.KEEPER)


class RuleForm(forms.ModelForm):
    class Meta:
        model = Rule
        fields = ["event", "audience", "channel", "template", "mode", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        events = sorted(((code, event_title(code)) for code in (*STEPS, *BESIDE)), key=lambda pair: pair[1])
        self.fields["event"] = forms.ChoiceField(label=self.fields["event"].label, choices=events)
        audiences = [pair for pair in Audience.choices if pair[0] not in NOT_STAFF]
        self.fields["audience"].choices = [("", "---------"), *audiences]  # type: ignore[attr-defined]
        staff = self.fields["template"].queryset.exclude(audience=Audience.SENDER)  # type: ignore[attr-defined]
        self.fields["template"].queryset = staff  # type: ignore[attr-defined]


class RuleIndexView(TitledIndexView):
    in_words = {"event": event_title}

    def title_of(self, row: Rule) -> tuple[str, str]:
        return event_title(row.event), ""

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("template")


class RuleViewSet(DeskViewSet):
    model = Rule
    codename = "manage_configuration"
    actions = KEEP_AND_DELETE
    name = "message-rules"
    icon = "list-ul"
    menu_label = _("Who is told")
    index_view_class = RuleIndexView
    list_display = [
        "event",
        "audience",
        "channel",
        column("template", _("text"), lambda row: row.template.text),
        "mode",
        flag("is_active", _("in use")),
    ]
    search_fields = ["event", "template__text_ar", "template__text_en"]
    list_filter = ["event", "audience", "channel", "mode", "is_active"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return RuleForm
