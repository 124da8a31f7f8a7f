"""Split reports at the desk: the rows in which parts are written, and what page leads to what part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity, Service
from cms.reports.actions import Part
from cms.reports.actions.splitting import MOST
from cms.reports.models import Report
from cms.reports.policies import may_split
from cms.reports.workflow import State
from permissions.policy import Scope

from .merged import Link, links

# As many rows stand open as a split has at least; the others are opened when they are needed.
OPEN_ROWS = 2
FIELDS = ("title", "service", "entity")


def field_name(number: int | str, field: str) -> str:
    """The form's name for a part's field; parts are counted from 0."""
    return f"part-{number}-{field}"


class PickField(forms.CharField):
    """One of many, typed or chosen from a list that all rows share: its name, or its code."""

    def __init__(self, choices: Mapping[str, str], listed: str, **kwargs: Any) -> None:
        self.choices = choices
        attrs = {"list": listed, "autocomplete": "off", "dir": "auto"}
        super().__init__(widget=forms.TextInput(attrs=attrs), required=False, max_length=300, **kwargs)

    def clean(self, value: Any) -> str:
        typed = " ".join(str(super().clean(value) or "").split())
        if not typed or typed in self.choices.values():
            return typed
        if typed not in self.choices:
            raise forms.ValidationError(gettext("Choose one from the list."), code="unknown")
        return self.choices[typed]


@dataclass(frozen=True)
class Listed:
    """What is chosen from, by name; `id` is the list's own on the page."""

    id: str
    choices: dict[str, str]


def _by_name(rows: Iterable[Service | Entity], beside: Mapping[str, str]) -> dict[str, str]:
    """Code by name; of two that are called alike the second one says more."""
    names: dict[str, str] = {}
    for row in rows:
        name = row.name if row.name not in names else f"{row.name} – {beside[row.code]}"
        names[name] = row.code
    return names


class PartRows:
    """The rows of one form: fields are added to it, and what was typed becomes parts."""

    def __init__(self, form: Any) -> None:
        self.form = form
        material = form.material
        report, known = material.report, material.catalogue
        services = _by_name(known.services, {row.code: row.category.name for row in known.services})
        entities = [row for row in material.entities() if may_split(material.scope, report, row)]
        self.services = Listed("split-services", services)
        # One alone is no choice: the parts stay there.
        stays = len(entities) == 1 and entities[0].pk == report.entity_id
        codes = {row.code: row.code for row in entities}
        self.entities = None if stays else Listed("split-entities", _by_name(entities, codes))
        for number in range(MOST):
            self._add(number)

    def _add(self, number: int) -> None:
        report, fields = self.form.material.report, self.form.fields
        fields[field_name(number, "title")] = forms.CharField(
            label=_("What is it about?"),
            required=False,
            max_length=120,
            widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        )
        service = field_name(number, "service")
        fields[service] = PickField(self.services.choices, self.services.id, label=_("Service"))
        self.form.initial[service] = report.service.name
        if self.entities is not None:
            entity = field_name(number, "entity")
            fields[entity] = PickField(self.entities.choices, self.entities.id, label=_("Entity"))
            self.form.initial[entity] = report.entity.name if report.entity else ""

    def _row(self, number: int) -> dict[str, Any]:
        names = [field_name(number, field) for field in FIELDS]
        bound = [self.form[name] for name in names if name in self.form.fields]
        typed = bool(str(bound[0].value() or "").strip())
        return {"fields": bound, "number": number + 1, "used": typed or any(field.errors for field in bound)}

    @property
    def first(self) -> list[dict[str, Any]]:
        return [self._row(number) for number in range(OPEN_ROWS)]

    @property
    def more(self) -> list[dict[str, Any]]:
        return [self._row(number) for number in range(OPEN_ROWS, MOST)]

    @property
    def more_used(self) -> bool:
        return any(row["used"] for row in self.more)

    def taken(self, data: dict[str, Any]) -> list[Part]:
        """The parts; a row without words is none. Takes the rows' fields out of `data`."""
        parts = []
        for number in range(MOST):
            given = {field: data.pop(field_name(number, field), "") for field in FIELDS}
            if given["title"].strip():
                parts.append(Part(**given))
        return parts

    def used_numbers(self) -> list[int]:
        """The rows that `taken` makes parts of, in their order."""
        names = ((number, self.form.data.get(field_name(number, "title"), "")) for number in range(MOST))
        return [number for number, title in names if title.strip()]


@dataclass(frozen=True)
class PartLink:
    link: Link
    title: str
    state: str
    state_label: str
    entity: str


def parts_of(report: Report, scope: Scope) -> list[PartLink]:
    """The parts of a report (which came `with_parts()`), in their order."""
    if not report.has_parts:  # type: ignore[attr-defined]
        return []
    rows = list(report.children.select_related("entity").order_by("pk"))
    seen = links(rows, scope)
    return [
        PartLink(
            link=seen[row.pk],
            title=row.title if seen[row.pk].url else "",
            state=row.state,
            state_label=str(State(row.state).label),
            entity=row.entity.name if row.entity else gettext("In triage"),
        )
        for row in rows
    ]


def parent_link(report: Report, scope: Scope) -> Link | None:
    """What a part was split from."""
    if report.parent is None:
        return None
    return links([report.parent], scope)[report.parent.pk]
