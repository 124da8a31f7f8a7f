"""The catalogue: categories, services with their questions, routing rules, reply templates, reasons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSetGroup

from cms.entities.models import Category, IntakeQuestion, Service
from cms.reports.models import Reason, ReplyTemplate
from cms.reports.workflow import TRANSITIONS

from ..policies import KEEP_AND_DELETE
from ..report import gaps
from ..report.specs import SPECS
from ..routing.viewset import RoutingRuleViewSet, TryMenuItem
from ..sheets.buttons import TableButtons
from .fields import formfield
from .guarded import DeskCreateView, DeskIndexView, DeskViewSet, column, flag
from .privacy import PrivacyConfirmView, PrivacyEditView, PrivacyFormMixin
from .proposed import ConfirmedViewSet
from .rules import depends_on, faults_of_question, faults_of_service
from .synonyms import SynonymViewSet
from .titles import TitledIndexView, situation_title


class CatalogueIndexView(TableButtons, DeskIndexView):
    workbook = "catalogue"


class CategoryViewSet(DeskViewSet):
    model = Category
    codename = "manage_catalogue"
    name = "categories"
    icon = "folder-inverse"
    index_view_class = CatalogueIndexView
    form_fields = ["code", "name_ar", "name_en", "parent", "order"]
    list_display = ["__str__", "code", "parent", "order"]
    search_fields = ["name_ar", "name_en", "code"]
    list_filter = ["parent"]


class BaseQuestionFormSet(forms.BaseInlineFormSet):
    """Questions are right or wrong among each other: one names the answer of another."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        kept = [form for form in kept if form not in self.deleted_forms]
        if any(form.errors for form in kept):
            return
        changed = [form for form in kept if form.has_changed()]
        for form in kept:
            if form in changed or any(depends_on(form.instance, other.instance) for other in changed):
                others = [other.instance for other in kept if other is not form]
                for name, sentence in faults_of_question(form.instance, others):
                    form.add_error(name, sentence)


QuestionFormSet = forms.inlineformset_factory(
    Service,
    IntakeQuestion,
    formset=BaseQuestionFormSet,
    fields=[
        "order",
        "code",
        "label_ar",
        "label_en",
        "type",
        "required",
        "minimum",
        "maximum",
        "choices",
        "show_when",
    ],
    formfield_callback=formfield,
    extra=1,
)


class ServiceForm(PrivacyFormMixin, forms.ModelForm):
    """A service and its questions, saved together."""

    class Meta:
        model = Service
        fields = [
            "code",
            "category",
            "kind",
            "name_ar",
            "name_en",
            "description_ar",
            "description_en",
            "keywords_ar",
            "keywords_en",
            "goes_to_triage",
            "first_reply_value",
            "first_reply_unit",
            "resolution_value",
            "resolution_unit",
            "clock_on_transfer",
            "sender_wait_days",
            "reopen_window_days",
            "retention_months",
            "priority",
            "privacy",
            "allows_anonymous",
            "requires_national_id",
            "needs_location",
            "emergency_number",
            "emergency_ar",
            "emergency_en",
            "is_active",
        ]
        formfield_callback = formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = QuestionFormSet(
            self.data if self.is_bound else None, instance=self.instance, prefix="questions"
        )

    def is_valid(self) -> bool:
        valid = super().is_valid()
        return self.questions.is_valid() and valid

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name, sentence in faults_of_service(data):
            self.add_error(name, sentence)
        self.hold_back(data)
        return data

    def save(self, commit: bool = True) -> Any:
        service = super().save(commit)
        self.questions.instance = service
        if commit:
            self.questions.save()
        return service


class ServiceCreateView(DeskCreateView):
    template_name = "desk/service_form.html"


class ServiceEditView(PrivacyEditView):
    template_name = "desk/service_form.html"


class ServiceViewSet(ConfirmedViewSet):
    model = Service
    codename = "manage_catalogue"
    name = "services"
    icon = "clipboard-list"
    index_view_class = CatalogueIndexView
    add_view_class = ServiceCreateView
    edit_view_class = ServiceEditView
    confirm_view_class = PrivacyConfirmView
    list_display = ["__str__", "code", "category", "kind", "privacy", flag("is_active", _("active"))]
    search_fields = ["name_ar", "name_en", "code", "keywords_ar", "keywords_en"]
    list_filter = ["category", "kind", "privacy", "is_active"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return ServiceForm


class TemplateForm(forms.ModelForm):
    for_action = forms.ChoiceField(label=_("for the action"))

    class Meta:
        model = ReplyTemplate
        fields = ["code", "situation", "for_action", "text_ar", "text_en", "placeholders"]
        formfield_callback = formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Of actions that share their templates the first names them all.
        actions = [spec.action for spec in SPECS.values() if spec.template_actions[:1] == (spec.action,)]
        if self.instance.for_action and self.instance.for_action not in actions:
            actions.append(self.instance.for_action)
        self.fields["for_action"].choices = [  # type: ignore[attr-defined]
            (action, TRANSITIONS[action].label if action in TRANSITIONS else action) for action in actions
        ]


# What reasons are kept for beside the actions of the table.
OTHER_USES = {
    "decline": TRANSITIONS["directive_decline"].label,
    "reveal": _("Show the sender's identity"),
    "extend": _("Extend the time"),
}


def action_words(code: str) -> str:
    return str(TRANSITIONS[code].label if code in TRANSITIONS else OTHER_USES.get(code, code))


def action_label(row: Any) -> str:
    return action_words(getattr(row, "for_action", "") or getattr(row, "used_for", ""))


class ReasonIndexView(DeskIndexView):
    in_words = {"used_for": action_words}


def _as_filled_in(row: ReplyTemplate) -> str:
    """Its gaps are called what they are called where it is filled in."""
    return Truncator(gaps.filled(row.text, {}, get_language() or "ar")).chars(90)


class TemplateIndexView(TitledIndexView):
    in_words = {"situation": situation_title, "for_action": action_words}

    def title_of(self, row: ReplyTemplate) -> tuple[str, str]:
        return situation_title(row.situation), row.code


class ReplyTemplateViewSet(DeskViewSet):
    model = ReplyTemplate
    codename = "manage_catalogue"
    actions = KEEP_AND_DELETE
    name = "reply-templates"
    icon = "openquote"
    index_view_class = TemplateIndexView
    list_display = [
        "code",
        column("action", _("for the action"), action_label),
        column("text", _("text"), _as_filled_in),
    ]
    search_fields = ["code", "text_ar", "text_en"]
    list_filter = ["for_action", "situation"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return TemplateForm


class ReasonViewSet(DeskViewSet):
    model = Reason
    codename = "manage_catalogue"
    actions = KEEP_AND_DELETE
    name = "reasons"
    icon = "list-ol"
    form_fields = [
        "used_for",
        "code",
        "label_ar",
        "label_en",
        "needs_text",
        "where_to_turn_ar",
        "where_to_turn_en",
    ]
    index_view_class = ReasonIndexView
    list_display = [
        "__str__",
        column("action", _("used for"), action_label),
        "code",
        flag("needs_text", _("needs a text")),
    ]
    search_fields = ["label_ar", "label_en", "code"]
    list_filter = ["used_for", "needs_text"]


class CatalogueGroup(ModelViewSetGroup):
    menu_label = _("Catalogue")
    menu_icon = "clipboard-list"
    menu_order = 20
    items = (
        ServiceViewSet,
        CategoryViewSet,
        RoutingRuleViewSet,
        ReplyTemplateViewSet,
        ReasonViewSet,
        SynonymViewSet,
    )

    def get_submenu_items(self) -> list[Any]:
        items = super().get_submenu_items()
        return [*items, TryMenuItem(order=len(items) + 1)]
