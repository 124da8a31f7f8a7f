"""The forms of the actions: they collect, the domain decides. A DomainError lands at its field."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from cms.content.counting import counted
from cms.entities.models import Entity, Place, Priority, Privacy
from cms.entities.naming import in_language
from cms.entities.snapshot import Catalogue
from cms.reports.errors import DomainError, Invalid
from cms.reports.files.kinds import ACCEPT
from cms.reports.models import Directive, Reason, ReplyTemplate, Report
from cms.reports.policies import may_set_service
from cms.reports.reasons import used_for, where_to_turn
from cms.reports.timeline import text_of
from permissions.policy import NOBODY, Scope

from .. import words
from ..queue.rows import place_name, subject_of
from ..viewsets.titles import situation_title
from . import gaps
from .parts import PartRows, field_name
from .specs import Spec

# Domain field names → ours.
FIELDS = {"attachments": "files", "aboutEntity": "about_entity", "reason_code": "reason", "dueOn": "due_on"}


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> None:
        return None


@dataclass
class Material:
    """What the forms of one report choose from."""

    report: Report
    catalogue: Catalogue
    scope: Scope = NOBODY
    people: Sequence[Any] = ()
    # Ids of those who are recorded absent from the entity now.
    absent: Container[int] = ()
    # (id, is responsible) of who works on it now.
    assigned: Sequence[tuple[int, bool]] = ()
    # Who was responsible here before it was reopened or came back.
    had_it: int | None = None
    directives: Sequence[Directive] = ()
    # Reports of perhaps the same event.
    likely: Sequence[Any] = ()
    reasons: dict[str, list[Reason]] = field(default_factory=dict)
    templates: dict[str, list[ReplyTemplate]] = field(default_factory=dict)

    def entities(self) -> list[Entity]:
        about = self.catalogue.entity_by_id(self.report.about_entity_id)
        return [
            entity
            for entity in self.catalogue.entities
            if (about is None or not self.catalogue.is_at_or_below(entity, about))
            and entity.pk != self.report.sender_entity_id
        ]


def _indented(nodes: Sequence[Entity | Place]) -> list[tuple[str, str]]:
    return [(node.code, "\u2003" * (node.depth - 1) + node.name) for node in nodes]


class ActionForm(forms.Form):
    """One action's form. `arguments()` are the keyword arguments of the domain function."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, spec: Spec, material: Material, data: Any = None) -> None:
        super().__init__(data, auto_id=f"{spec.action}-%s", use_required_attribute=True)
        self.spec = spec
        self.material = material
        report = material.report
        self.initial["version"] = report.version
        if not spec.needs_version:
            del self.fields["version"]
        for name in spec.fields:
            if name != "parts":
                getattr(self, f"_add_{name}")()
        if spec.action in ("answer", "draft_reply") and report.draft:
            self.initial["text"] = report.draft
        self.part_rows: PartRows | None = PartRows(self) if "parts" in spec.fields else None
        self.templates = self._filled_templates() if "text" in spec.fields else []

    def _add_text(self) -> None:
        attrs = {"rows": self.spec.text_rows, "dir": "auto", "maxlength": 5000}
        self.fields["text"] = forms.CharField(
            label=str(self.spec.text_label or ""),
            required=self.spec.text_required,
            help_text=str(self.spec.help or ""),
            widget=forms.Textarea(attrs=attrs),
            strip=False,
        )

    def _add_reason(self) -> None:
        reasons = self.material.reasons.get(used_for(self.spec.action), [])
        if self.spec.action == "reject":
            # The sender reads what is chosen here, so it is chosen in full view.
            read = [(reason.code, self._as_read(reason)) for reason in reasons]
            self.fields["reason"] = forms.ChoiceField(
                label=_("Reason, as the sender reads it"), choices=read, widget=forms.RadioSelect
            )
            return
        choices = [("", gettext("Choose a reason")), *((r.code, r.label) for r in reasons)]
        optional = self.spec.action == "reopen"
        self.fields["reason"] = forms.ChoiceField(label=_("Reason"), choices=choices, required=not optional)

    def _as_read(self, reason: Reason) -> str:
        """In the sender's language, with where they are told to turn."""
        language = self.material.report.language
        label, where = in_language(reason, "label", language), where_to_turn(reason, language)
        return format_html('<bdi dir="auto">{}<br><small>{}</small></bdi>', label, where) if where else label

    def _add_entity(self) -> None:
        choices = [("", gettext("Choose an entity")), *_indented(self.material.entities())]
        self.fields["entity"] = forms.ChoiceField(label=_("Entity"), choices=choices)

    def _add_about_entity(self) -> None:
        if self.material.report.about_entity_id:
            return
        choices = [("", gettext("None")), *_indented(self.material.catalogue.entities)]
        self.fields["about_entity"] = forms.ChoiceField(
            label=_("Does it complain about an entity's employees?"),
            choices=choices,
            required=False,
            help_text=_("That entity, and those below it, will not see the report."),
        )

    def _add_priority(self) -> None:
        choices = [(p.value, p.label) for p in Priority if p.value != self.material.report.priority]
        self.fields["priority"] = forms.ChoiceField(
            label=_("Priority"), choices=choices, widget=forms.RadioSelect
        )

    def _add_privacy(self) -> None:
        choices = [(p.value, p.label) for p in Privacy if p.value != self.material.report.privacy]
        self.initial["privacy"] = choices[0][0]
        self.fields["privacy"] = forms.ChoiceField(
            label=_("Privacy"), choices=choices, widget=forms.RadioSelect
        )

    def _add_place(self) -> None:
        places = [row for row in self.material.catalogue.places if row.pk != self.material.report.place_id]
        choices = [("", gettext("Choose a place")), *_indented(places)]
        self.fields["place"] = forms.ChoiceField(label=_("Place"), choices=choices)

    def _add_service(self) -> None:
        report = self.material.report
        groups: dict[str, list[tuple[str, str]]] = {}
        for service in self.material.catalogue.services:
            if service.pk != report.service_id and may_set_service(self.material.scope, report, service):
                groups.setdefault(service.category.name, []).append((service.code, service.name))
        choices = [("", gettext("Choose a service")), *groups.items()]
        self.fields["service"] = forms.ChoiceField(label=_("Service"), choices=choices)

    def _add_files(self) -> None:
        """Only the field: the files themselves are taken in when the action runs (`files.sent_with`)."""
        attrs = {"multiple": True, "accept": ACCEPT, "required": True}
        self.fields["files"] = forms.Field(
            label=_("Files"),
            required=False,
            widget=ManyFiles(attrs=attrs),
            help_text=_("Up to 10 files of 20 MB: photos, PDF, MP4 video."),
        )

    def _add_due_on(self) -> None:
        today = timezone.localdate()
        self.fields["due_on"] = forms.DateField(
            label=_("To be done by"),
            initial=today,
            widget=forms.DateInput(attrs={"type": "date", "min": today.isoformat()}, format="%Y-%m-%d"),
        )

    def _add_directive(self) -> None:
        choices = [(row.pk, Truncator(text_of(row.event)).chars(120)) for row in self.material.directives]
        self.fields["directive"] = forms.TypedChoiceField(
            label=_("Directive"), choices=choices, coerce=int, widget=forms.RadioSelect
        )
        if len(choices) == 1:
            self.initial["directive"] = choices[0][0]

    def _add_primary(self) -> None:
        likely = [(row.reference, self._described(row)) for row in self.material.likely]
        if likely:
            self.fields["likely"] = forms.ChoiceField(
                label=_("Perhaps one of these tells of the same"),
                choices=[*likely, ("", gettext("Another one, by its number"))],
                required=False,
                widget=forms.RadioSelect,
            )
        self.fields["primary"] = forms.CharField(
            label=_("Number of the report that it joins"),
            required=not likely,
            max_length=60,
            widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
        )

    def propose(self, reference: str) -> None:
        """The report that it joins, of those that are offered or by its number."""
        offered = reference in {row.reference for row in self.material.likely}
        self.initial["likely" if offered else "primary"] = reference

    def _described(self, row: Any) -> str:
        now = timezone.now()
        return format_html(
            '<span><span class="ref">{}</span> · <bdi>{}</bdi> · {} · {}</span>',
            row.reference,
            Truncator(subject_of(row.title, row.excerpt)).chars(80),
            place_name(row.place_id, self.material.catalogue),
            words.day(row.submitted_at, now),
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "likely" in self.fields:
            data["primary"] = data.get("primary") or data.pop("likely", "")
            if not data["primary"] and "primary" not in self.errors:
                self.add_error("primary", gettext("Choose a report, or write its number."))
        return data

    def _people_choices(self) -> list[tuple[int, str]]:
        return [
            (person.pk, gettext("%(name)s (absent)") % {"name": person.name})
            if person.pk in self.material.absent
            else (person.pk, person.name)
            for person in self.material.people
        ]

    def _add_responsible(self) -> None:
        choices = self._people_choices()
        self.fields["responsible"] = forms.TypedChoiceField(
            label=_("Responsible"), choices=choices, coerce=int, widget=forms.RadioSelect
        )
        responsible = [person for person, is_responsible in self.material.assigned if is_responsible]
        if responsible:
            self.initial["responsible"] = responsible[0]
        elif len(choices) == 1:
            self.initial["responsible"] = choices[0][0]
        elif self.material.had_it in dict(choices) and self.material.had_it not in self.material.absent:
            self.initial["responsible"] = self.material.had_it
            self.fields["responsible"].help_text = gettext("%(name)s had it before.") % {
                "name": dict(choices)[self.material.had_it]
            }

    def _add_people(self) -> None:
        choices = self._people_choices()
        if len(choices) > 1:
            self.initial["people"] = [
                person for person, responsible in self.material.assigned if not responsible
            ]
            self.fields["people"] = forms.TypedMultipleChoiceField(
                label=_("Also working on it"),
                choices=choices,
                coerce=int,
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        left = gaps.left(text, self.material.report.language) if self.spec.to_sender else []
        if left:
            raise forms.ValidationError(
                gettext("Fill in before you send this: %(gaps)s.") % {"gaps": gettext(", ").join(left)},
                code="gap",
            )
        return text

    def arguments(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        if not self.spec.needs_version:
            data.pop("version", None)
        if "responsible" in data:
            data["people"] = [data["responsible"], *(data.get("people") or [])]
        if "about_entity" in data:
            data["about_entity"] = data["about_entity"] or None
        if self.part_rows is not None:
            data["parts"] = self.part_rows.taken(data)
        data.pop("likely", None)
        data.pop("files", None)
        if self.spec.action == "reopen":
            data["reason_code"] = data.pop("reason")
        return data

    def take(self, error: DomainError) -> None:
        """Show a domain error where it belongs."""
        for each in error.errors if isinstance(error, Invalid) else [error]:
            name = self._name_of(each.field)
            if self.spec.action == "reopen" and name == "reason":
                name = "text"
            self.add_error(name if name in self.fields else None, each.message)

    def _name_of(self, path: tuple[str, ...] | None) -> str:
        """The form's name of the domain's field."""
        if self.part_rows is not None and path is not None and len(path) == 3:
            return field_name(self.part_rows.used_numbers()[int(path[1])], path[2])
        name = path[0] if path else ""
        return FIELDS.get(name, name)

    @property
    def some_may_stay_empty(self) -> bool:
        """Then those that may not are marked."""
        return any(not field.field.required for field in self.visible_fields())

    def plain_fields(self) -> list[Any]:
        """All but the rows of parts, which stand together."""
        return [field for field in self if not field.name.startswith("part-")]

    def _filled_templates(self) -> list[dict[str, str]]:
        """The templates for this action in the report's language, with what is known filled in."""
        report = self.material.report
        language = report.language
        with override(language):
            reopening = counted(report.service.reopen_window_days, "day")
        known = {
            "reference": report.reference,
            "entity": in_language(report.entity, "name", language) if report.entity else "",
            "service": in_language(report.service, "name", language),
            "place": in_language(report.place, "name", language),
            "title": report.title,
            "emergency_number": report.service.emergency_number,
            "reopen_days": reopening,
        }
        rows = []
        for action in self.spec.template_actions:
            for template in self.material.templates.get(action, []):
                text = gaps.filled(in_language(template, "text", language), known, language)
                label = f"{situation_title(template.situation)}: {Truncator(text).chars(70)}"
                rows.append({"code": template.code, "text": text, "label": label})
        return rows

    def with_template(self, code: str) -> str:
        """What was typed, with the template's text after it; a text that was not touched is replaced."""
        typed = str(self.data.get("text", "")).strip()
        text = next((row["text"] for row in self.templates if row["code"] == code), "")
        untouched = not typed or typed in {row["text"] for row in self.templates}
        if not text:
            return typed
        return text if untouched else f"{typed}\n\n{text}"
