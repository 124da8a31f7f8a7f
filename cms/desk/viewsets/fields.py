"""Form fields for what the catalogue stores as JSON and trees, typed as plain text and chosen from lists."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity, Place


class TreeChoiceField(forms.ModelChoiceField):
    """A tree in its order, indented."""

    def label_from_instance(self, obj: Any) -> str:
        return "\u2003" * (obj.depth - 1) + obj.name


class TreeMultipleChoiceField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return "\u2003" * (obj.depth - 1) + obj.name


class WordsField(forms.CharField):
    """A JSON list of words, typed with commas (Arabic or Latin) or one a line."""

    widget = forms.Textarea(attrs={"rows": 2, "dir": "auto"})

    def prepare_value(self, value: Any) -> Any:
        return "، ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = (value or "").replace("،", ",").replace("\n", ",")
        return [word.strip() for word in text.split(",") if word.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)

    def run_validators(self, value: Any) -> None:
        return None


class ChoicesField(forms.CharField):
    """The choices of a question, one a line: `code | عربي | English`."""

    widget = forms.Textarea(attrs={"rows": 3, "dir": "auto"})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(f"{row.get('code')} | {row.get('name_ar')} | {row.get('name_en')}" for row in value)

    def to_python(self, value: Any) -> Any:
        rows = []
        for line in (value or "").splitlines():
            if not line.strip():
                continue
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 3 or not all(parts):
                raise ValidationError(_("Write each choice as: code | Arabic | English"))
            rows.append({"code": parts[0], "name_ar": parts[1], "name_en": parts[2]})
        return rows

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return (initial or []) != self.to_python(data)
        except ValidationError:
            return True

    def run_validators(self, value: Any) -> None:
        return None


class ConditionField(forms.CharField):
    """When a question is shown: empty for always, or `question = value`."""

    def prepare_value(self, value: Any) -> Any:
        return f"{value['question']} = {value['equals']}" if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        if not (value or "").strip():
            return None
        question, _equals, wanted = value.partition("=")
        if not question.strip() or not wanted.strip():
            raise ValidationError(gettext("Write it as: question = value"))
        return {"question": question.strip(), "equals": wanted.strip()}

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return (initial or None) != self.to_python(data)
        except ValidationError:
            return True

    def run_validators(self, value: Any) -> None:
        return None


JSON_FIELDS = {
    "keywords_ar": WordsField,
    "keywords_en": WordsField,
    "words_ar": WordsField,
    "words_en": WordsField,
    "placeholders": WordsField,
    "choices": ChoicesField,
    "show_when": ConditionField,
}


# Read from the left whatever the page's language: English, and what is typed in Latin signs.
LEFT_TO_RIGHT = frozenset({"code", "phone", "email", "username", "emergency_number", "new_password"})


def direction(name: str) -> str:
    """In which direction a field's value is written; nothing where the page's own is right."""
    if name in LEFT_TO_RIGHT or name.endswith("_en"):
        return "ltr"
    return "rtl" if name.endswith("_ar") else ""


def formfield(db_field: Any, **kwargs: Any) -> Any:
    """The form field of a model's field in the desk, written in its value's own direction."""
    field = _formfield(db_field, **kwargs)
    written = direction(db_field.name)
    if written and field is not None and not isinstance(field, forms.ChoiceField):
        field.widget.attrs["dir"] = written
    return field


def _formfield(db_field: Any, **kwargs: Any) -> Any:
    # A form's own words come before the model's.
    help_text = kwargs.get("help_text") or db_field.help_text
    if db_field.name in JSON_FIELDS:
        return JSON_FIELDS[db_field.name](label=db_field.verbose_name, required=False, help_text=help_text)
    model = getattr(db_field, "related_model", None)
    if model in (Place, Entity):
        rows = model._default_manager.order_by("path")
        said = {"label": capfirst(db_field.verbose_name), "help_text": help_text}
        if db_field.many_to_many:
            return TreeMultipleChoiceField(
                rows, required=not db_field.blank, widget=forms.SelectMultiple, **said
            )
        return TreeChoiceField(rows, required=not db_field.blank, **said)
    return db_field.formfield(**kwargs)
