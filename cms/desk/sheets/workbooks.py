"""The three workbooks: their sheets and columns, from the forms that the desk edits the rows with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Category, Entity, IntakeQuestion, Place, Service

from ..viewsets.catalogue import CategoryViewSet, QuestionFormSet, ServiceForm
from ..viewsets.trees import EntityForm, PlaceForm
from .columns import Column, column_of, in_both, plain
from .stored import TREES

# Excel allows no longer name of a sheet.
LONGEST_TITLE = 31


@dataclass(frozen=True)
class Sheet:
    """`keys`: the columns that tell one row from all others."""

    model: Any
    columns: tuple[Column, ...]
    keys: tuple[Column, ...]

    @property
    def is_tree(self) -> bool:
        return self.model in TREES

    @property
    def name(self) -> str:
        return str(self.model._meta.model_name)

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(plain(one)[:LONGEST_TITLE] for one in in_both(self.model._meta.verbose_name_plural))

    @property
    def title(self) -> str:
        return capfirst(str(self.model._meta.verbose_name_plural))[:LONGEST_TITLE]

    def column(self, name: str) -> Column | None:
        return next((one for one in self.columns if one.name == name), None)

    def key_of(self, row: Any, stored: Any) -> tuple[str, ...]:
        return tuple(str(column.written(row, stored)) for column in self.keys)


@dataclass(frozen=True)
class Workbook:
    """`name` is its address, and its file's name; `listing` where its rows are kept."""

    name: str
    title: Any
    icon: str
    listing: str
    sheets: tuple[Sheet, ...]

    def sheet(self, name: str) -> Sheet:
        return next(one for one in self.sheets if one.name == name)


def _sheet(model: Any, fields: list[str], keys: tuple[str, ...] = ("code",)) -> Sheet:
    if model in TREES:
        fields = [fields[0], "parent", *fields[1:]]
    columns = {name: column_of(model, name) for name in (*keys, *fields)}
    return Sheet(model, tuple(columns.values()), tuple(columns[name] for name in keys))


@cache
def workbooks() -> dict[str, Workbook]:
    """By name. A field that is added to a form is a column at once."""
    catalogue = (
        _sheet(Category, CategoryViewSet.form_fields),
        _sheet(Service, ServiceForm.Meta.fields),
        _sheet(IntakeQuestion, list(QuestionFormSet.form.base_fields), keys=("service", "code")),
    )
    return {
        one.name: one
        for one in (
            Workbook("catalogue", _("Catalogue"), "clipboard-list", "services:index", catalogue),
            Workbook("places", _("Places"), "site", "places:index", (_sheet(Place, PlaceForm.Meta.fields),)),
            Workbook(
                "entities",
                _("Entities"),
                "group",
                "entities:index",
                (_sheet(Entity, EntityForm.Meta.fields),),
            ),
        )
    }
