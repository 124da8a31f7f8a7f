"""The columns of a sheet, from the fields of the desk's own forms: a cell is read as its form reads it."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from cms.entities.models import Entity, IntakeQuestion, Place

from ..viewsets.fields import formfield
from .cells import Cell, Written, flag_of, number_of, one_newline, text_of
from .stored import Stored

LANGUAGES = ("ar", "en")
BETWEEN_CODES = re.compile(r"[,،;؛\n]")


def plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def known_as(names: tuple[str, ...], said: str) -> bool:
    """Whether a heading names it: in one language, in both as we write it, or as programs do."""
    lines = [plain(line) for line in said.splitlines() if line.strip()]
    return bool(lines) and (all(line in names for line in lines) or plain(said) in names)


def in_both(label: Any) -> list[str]:
    """The label in Arabic and in English."""
    found = []
    for language in LANGUAGES:
        with override(language):
            found.append(capfirst(str(label)))
    return found


class Column(ABC):
    """`name` is the model's field. What is `written` in a cell is what changes are compared by."""

    # Excel's format of the cells: text stays as it was typed.
    is_text = True
    width = 18

    def __init__(self, name: str, label: Any, *, required: bool) -> None:
        self.name = name
        self.lazy_label = label
        self.required = required
        self.headings = (*(plain(one) for one in in_both(label)), plain(name))

    @property
    def label(self) -> str:
        return capfirst(str(self.lazy_label))

    @property
    def heading(self) -> str:
        return "\n".join(in_both(self.lazy_label))

    @property
    def choices(self) -> list[str]:
        """The codes to choose from in the table program."""
        return []

    def written(self, row: Any, stored: Stored) -> Written:
        return self.as_written(getattr(row, self.name))

    def as_written(self, value: Any) -> Written:
        return "" if value is None else str(value)

    @abstractmethod
    def value(self, cell: Cell, stored: Stored) -> Any:
        """Raises ValidationError."""

    def differs(self, before: Written, after: Written) -> bool:
        return before != after

    def shown(self, written: Written) -> str:
        """As people read it."""
        return str(written)

    def missing(self) -> ValidationError:
        if self.name.endswith("_en"):
            return ValidationError(_("The text in English is missing."))
        if self.name.endswith("_ar"):
            return ValidationError(_("The text in Arabic is missing."))
        return ValidationError(_("A value is needed here."))


class TextColumn(Column):
    def __init__(self, name: str, label: Any, field: Any) -> None:
        super().__init__(name, label, required=field.required)
        self.field = field
        self.width = 40 if isinstance(field.widget, forms.Textarea) or name.endswith(("_ar", "_en")) else 24

    def as_written(self, value: Any) -> Written:
        written = self.field.prepare_value(value)
        return "" if written is None else one_newline(str(written))

    def value(self, cell: Cell, stored: Stored) -> Any:
        text = text_of(cell)
        if self.required and not text.strip():
            raise self.missing()
        return self.field.clean(text)


class ChoiceColumn(TextColumn):
    """Written by its code; read by its code, or by its words in either language."""

    def __init__(self, name: str, label: Any, field: Any) -> None:
        super().__init__(name, label, field)
        self.width = 18
        self.codes = [str(code) for code, _words in field.choices if code]
        self.by_words = {plain(code): code for code in self.codes}
        for language in LANGUAGES:
            with override(language):
                self.by_words |= {plain(str(words)): code for code, words in field.choices if code}

    @property
    def choices(self) -> list[str]:
        return self.codes

    def value(self, cell: Cell, stored: Stored) -> Any:
        text = text_of(cell).strip()
        if not text:
            if self.required:
                raise self.missing()
            return ""
        code = self.by_words.get(plain(text))
        if code is None:
            raise ValidationError(
                _("“%(value)s” is none of these: %(choices)s.")
                % {"value": text[:80], "choices": _(", ").join(self.shown(code) for code in self.codes)}
            )
        return self.field.clean(code)

    def shown(self, written: Written) -> str:
        words = {str(code): str(words) for code, words in self.field.choices}
        return words.get(str(written), str(written)) if written else ""


class NumberColumn(Column):
    is_text = False

    def __init__(self, name: str, label: Any, field: Any) -> None:
        super().__init__(name, label, required=field.required)
        self.field = field
        self.width = 14

    def as_written(self, value: Any) -> Written:
        return "" if value is None else value

    def differs(self, before: Written, after: Written) -> bool:
        if "" in (before, after):
            return before != after
        # A table program keeps fifteen digits of a number.
        return not math.isclose(float(before), float(after), rel_tol=1e-14)

    def value(self, cell: Cell, stored: Stored) -> Any:
        number = number_of(cell)
        if self.required and not number:
            raise self.missing()
        return self.field.clean(number)


class FlagColumn(Column):
    is_text = False
    width = 14

    def as_written(self, value: Any) -> Written:
        return bool(value)

    def value(self, cell: Cell, stored: Stored) -> Any:
        return flag_of(cell)

    def shown(self, written: Written) -> str:
        return _("Yes") if written else _("No")


class ReferenceColumn(Column):
    """Another row by its code; the value is the code."""

    def __init__(self, name: str, label: Any, target: Any, *, required: bool) -> None:
        super().__init__(name, label, required=required)
        self.target = target
        self.width = 24

    def written(self, row: Any, stored: Stored) -> Written:
        return stored.code_of(self.target, getattr(row, f"{self.name}_id"))

    def value(self, cell: Cell, stored: Stored) -> Any:
        code = text_of(cell).strip()
        if not code:
            if self.required:
                raise self.missing()
            return ""
        self.look(code, stored)
        return code

    def look(self, code: str, stored: Stored) -> None:
        if code not in stored.by_code(self.target):
            raise ValidationError(
                _("%(what)s: there is none with the code “%(code)s”, neither stored nor in this file.")
                % {"what": capfirst(str(self.target._meta.verbose_name)), "code": code[:80]}
            )


class ParentColumn(ReferenceColumn):
    """The node above, in a tree."""

    def written(self, row: Any, stored: Stored) -> Written:
        parent = stored.parent_of(row)
        return parent.code if parent else ""


class ReferencesColumn(ReferenceColumn):
    """Several rows by their codes, with commas between them; their order says nothing."""

    def __init__(self, name: str, label: Any, target: Any, *, required: bool) -> None:
        super().__init__(name, label, target, required=required)
        self.width = 40

    def written(self, row: Any, stored: Stored) -> Written:
        return self.as_written([one.code for one in getattr(row, self.name).all()] if row.pk else [])

    def as_written(self, value: Any) -> Written:
        return ", ".join(sorted(set(value or [])))

    def value(self, cell: Cell, stored: Stored) -> Any:
        codes = [code.strip() for code in BETWEEN_CODES.split(text_of(cell)) if code.strip()]
        for code in codes:
            self.look(code, stored)
        return sorted(set(codes))


def column_of(model: Any, name: str) -> Column:
    """The column of a field, by the kind of the field."""
    if name == "parent" and model in (Entity, Place):
        # No field of treebeard's nodes.
        from cms.entities.models import Category

        return ParentColumn(name, Category._meta.get_field("parent").verbose_name, model, required=False)
    field = model._meta.get_field(name)
    label = field.verbose_name
    if model is IntakeQuestion and name == "service":
        label = field.related_model._meta.verbose_name
    if field.many_to_many:
        return ReferencesColumn(name, label, field.related_model, required=not field.blank)
    if field.is_relation:
        return ReferenceColumn(name, label, field.related_model, required=not field.blank)
    asked = formfield(field)
    if isinstance(asked, forms.BooleanField):
        return FlagColumn(name, label, required=False)
    if isinstance(asked, forms.ChoiceField):
        return ChoiceColumn(name, label, asked)
    if isinstance(asked, (forms.IntegerField, forms.FloatField)):
        return NumberColumn(name, label, asked)
    return TextColumn(name, label, asked)
