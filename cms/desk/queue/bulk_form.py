"""The form of a bulk action: that of one report, without what belongs to one report alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from cms.entities.memberships import absent_at
from cms.entities.models import Priority
from cms.entities.snapshot import Catalogue
from cms.reports.confidential import assignable
from cms.reports.models import Reason, Report
from permissions.policy import Scope

from ..report.forms import ActionForm, Material
from ..report.specs import SPECS, Spec

# Of one report alone: who else works on it, and which employees a report in triage complains about.
OF_ONE = frozenset({"people", "about_entity"})


class BulkForm(ActionForm):
    """Built on no report: all choices are offered, and each row's own action refuses what is not its."""

    def __init__(self, spec: Spec, reports: Sequence[Report], material: Material, data: Any = None) -> None:
        self.entities_of: dict[int, list[str]] = {}
        if "responsible" in spec.fields:
            self._find_people(reports, material)
        super().__init__(
            replace(spec, fields=tuple(f for f in spec.fields if f not in OF_ONE)), material, data
        )
        self.fields.pop("version", None)

    def _find_people(self, reports: Sequence[Report], material: Material) -> None:
        """Two queries for each entity among the rows."""
        people: dict[int, Any] = {}
        absent: set[int] = set()
        places = {(report.entity_id, report.privacy): report for report in reports if report.entity}
        for report in places.values():
            for person in assignable(report):
                people[person.pk] = person
                names = self.entities_of.setdefault(person.pk, [])
                if report.entity and report.entity.short_name not in names:
                    names.append(report.entity.short_name)
            absent |= absent_at(report.entity_id, timezone.now()) if report.entity_id else set()
        several = len({entity for entity, _privacy in places}) > 1
        if not several:
            self.entities_of = {}
        material.people = sorted(people.values(), key=lambda person: person.name)
        material.absent = absent

    def _people_choices(self) -> list[tuple[int, str]]:
        return [
            (pk, f"{name} · {gettext(', ').join(self.entities_of[pk])}" if pk in self.entities_of else name)
            for pk, name in super()._people_choices()
        ]

    def _add_priority(self) -> None:
        self.fields["priority"] = forms.ChoiceField(
            label=_("Priority"), choices=list(Priority.choices), widget=forms.RadioSelect
        )

    def _filled_templates(self) -> list[dict[str, str]]:
        return []

    def arguments(self) -> dict[str, Any]:
        arguments = super().arguments()
        arguments.pop("version", None)
        return arguments


def form_for(
    action: str, reports: Sequence[Report], known: Catalogue, scope: Scope, data: Any = None
) -> BulkForm:
    reasons = list(Reason.objects.filter(used_for=action)) if "reason" in SPECS[action].fields else []
    material = Material(
        report=Report(language=(get_language() or "ar")[:2]),
        catalogue=known,
        scope=scope,
        reasons={action: reasons},
    )
    return BulkForm(SPECS[action], reports, material, data)
