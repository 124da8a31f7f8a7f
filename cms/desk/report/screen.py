"""Everything the page of one report shows, in a number of queries that its history does not change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext

from cms.entities.memberships import absent_at
from cms.entities.models import IntakeQuestion
from cms.entities.naming import in_language
from cms.entities.snapshot import Catalogue, catalogue, present_stamp
from cms.reports.actors import StaffActor
from cms.reports.confidential import assignable
from cms.reports.files import reading
from cms.reports.models import (
    Assignment,
    Channel,
    Deadline,
    Directive,
    Follower,
    Reason,
    ReplyTemplate,
    Report,
)
from cms.reports.policies import available_actions
from cms.reports.reveal import can_be_revealed
from cms.reports.timeline import staff_timeline
from cms.reports.workflow import State
from permissions.policy import Scope

from .. import words
from ..access import oversees_access
from ..promises import Due, due_of, no_promise
from ..queue.rows import subject_of
from ..routing.trying import address_of
from . import history, merged, parts
from .forms import ActionForm, Material
from .sender import sender_card
from .specs import SPECS, ordered

RELATED = ("sender", "responsible", "draft_by")
# Of the catalogue, which the process holds: to join them all, PostgreSQL plans longer than it looks.
OF_CATALOGUE = ("service", "place", "entity", "about_entity", "sender_entity")


@dataclass(frozen=True)
class Promised:
    label: str
    promised: str
    due: Due | None
    due_at: datetime
    calendar: str
    paused: list[str]


def visible_report(public_id: Any, actor: StaffActor, scope: Scope, *, to_act: bool = False) -> Report:
    """A hidden report answers exactly as a missing one. `to_act`: without what only its page asks of it."""
    seen = Report.objects.visible_to(actor, scope)
    if not to_act:
        seen = seen.with_open_directive().with_members().with_parts()
        seen = seen.annotate(follower_count=_followers())
    found = seen.select_related(*RELATED).annotate(catalogue_stamp=present_stamp())
    report = found.filter(public_id=public_id).first()
    if report is None:
        raise Http404
    _relate(report, catalogue(report.catalogue_stamp))
    return report


def _followers() -> Coalesce:
    """How many follow it; who they are is nobody's to know."""
    each = Follower.objects.filter(report=OuterRef("pk")).order_by().values("report")
    return Coalesce(Subquery(each.annotate(n=Count("pk")).values("n")), 0)


def _relate(report: Report, known: Catalogue) -> None:
    """Give the report its rows of the catalogue. What has left that is read when it is asked for."""
    held = {"service": known.service_by_id, "place": known.place_by_id}
    for name in OF_CATALOGUE:
        key = getattr(report, f"{name}_id")
        row = held.get(name, known.entity_by_id)(key) if key is not None else None
        if row is not None:
            setattr(report, name, row)


def gather(
    report: Report,
    actor: StaffActor,
    scope: Scope,
    build: Callable[[Material], dict[str, ActionForm]] | None = None,
    *,
    revealed: bool = False,
) -> dict[str, Any]:
    """The template's context. `build` gives bound forms by action, for a page that comes back with errors.

    `revealed`: the sender's identity is shown in full, as a reason was given.
    """
    now = timezone.now()
    known = catalogue(getattr(report, "catalogue_stamp", None))
    available = available_actions(actor, report, scope)
    assignments = list(report.assignments.select_related("person").order_by("-is_responsible", "since", "pk"))
    names = {row.person_id: row.person.name for row in assignments}
    directives = directives_of(report)
    material = material_of(report, known, available, scope, assignments, directives)
    given = build(material) if build else {}
    forms = {a: given.get(a) or ActionForm(SPECS[a], material) for a in available if a in SPECS}
    if report.entity_id is None and "note" in forms:
        forms["note"].fields["text"].help_text = gettext(
            "Those who triage read it, and later the entity; the sender does not."
        )
    works_on_it = any(row.person_id == actor.user.pk for row in assignments if row.until is None)
    # A draft is there already, whoever is away.
    absent = report.state != State.REPLY_DRAFTED and report.responsible_id in material.absent
    specs = ordered(available, works_on_it=works_on_it, absent=absent)
    opened = next((a for a in given if a in forms), specs[0].action if specs else "")
    events = staff_timeline(report, scope)
    files = reading.by_event(reading.of_staff(report, scope))
    reason_labels = {
        (row.used_for, row.code): row.label for rows in material.reasons.values() for row in rows
    }
    timeline = history.lines(events, known, reason_labels, names)
    title = gettext("Report %(reference)s") % {"reference": report.reference}
    return {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("desk:queue"), "label": gettext("Report queue")},
            {"url": "", "label": title},
        ],
        "header_title": title,
        "header_icon": "list-ul",
        "report": report,
        "subject": subject_of(report.title, report.text),
        "panels": [
            {"spec": spec, "form": forms[spec.action], "open": spec.action == opened, "lead": i == 0}
            for i, spec in enumerate(specs)
        ],
        "note_form": forms.get("note"),
        "sender": sender_card(report, scope, revealed=revealed),
        "reveal_reasons": material.reasons.get("reveal", []) if can_be_revealed(report, scope) else [],
        "may_update": "update_sender" in available,
        "sent_back": history.remark(events, known, reason_labels),
        "last_step": history.last_step(events, known, now),
        "last_by": history.last_by(events),
        "channel": pgettext("channel", "API")
        if report.channel == Channel.API
        else report.get_channel_display(),
        "answers": _answers(report, known),
        "place_path": _place_path(report, known),
        "assigned": [row for row in assignments if row.until is None],
        "directives": directives,
        "primary": merged.primary_link(report, scope),
        "group": merged.group_of(report, scope),
        "parent": parts.parent_link(report, scope),
        "parts": parts.parts_of(report, scope),
        "promises": _promises(report, now, known),
        "no_promise": no_promise(report),
        "why": in_language(report, "routing_reason"),
        "try_address": address_of(report, known) if scope.everywhere("manage_catalogue") else "",
        "oversees_access": oversees_access(scope, report),
        "conversation": history.conversation(events, known, files),
        "report_files": [
            row
            for rows in files.values()
            for row in rows
            if row.event is not None and row.event.code == "submit"
        ],
        "own_files": history.own_files(events, known, files),
        "timeline": timeline,
        "audiences": [
            (audience.value, label)
            for audience, label in history.audience_labels().items()
            if any(line.audience == audience.value for line in timeline)
        ],
        "notes": history.notes(events, known),
        "rating": history.rating(events, report.round),
    }


def material_of(
    report: Report,
    known: Catalogue,
    available: list[str],
    scope: Scope,
    assignments: Iterable[Assignment],
    directives: Iterable[Directive],
) -> Material:
    """What the forms of these actions choose from: two to four queries, and what is handed in."""
    material = Material(
        report=report,
        catalogue=known,
        scope=scope,
        reasons=_grouped(list(Reason.objects.all()), "used_for"),
        templates=_grouped(list(ReplyTemplate.objects.all()), "for_action"),
    )
    if {"assign", "reassign"}.intersection(available):
        material.people = list(assignable(report))
        material.absent = absent_at(report.entity_id, timezone.now()) if report.entity_id else set()
    if "assign" in available:
        material.had_it = _had_it(report, assignments)
    if "reassign" in available:
        material.assigned = [(row.person_id, row.is_responsible) for row in assignments if row.until is None]
    if "merge" in available:
        material.likely = merged.likely_primaries(report, known, scope)
    if {"directive_done", "directive_decline"}.intersection(available):
        material.directives = [row for row in directives if row.outcome == Directive.Outcome.OPEN]
    return material


def _had_it(report: Report, assignments: Iterable[Assignment]) -> int | None:
    """Who was the last to be responsible for it at the entity that has it now, in an earlier round."""
    earlier = [row for row in assignments if row.is_responsible and row.entity_id == report.entity_id]
    return max(earlier, key=lambda row: (row.since, row.pk)).person_id if earlier else None


def directives_of(report: Report) -> QuerySet[Directive]:
    """With their words, oldest first."""
    return report.directives.select_related("event__body", "by")


def _grouped(rows: list[Any], attribute: str) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(getattr(row, attribute), []).append(row)
    return groups


CLOCK = "around_the_clock"


def _promises(report: Report, now: datetime, known: Catalogue) -> list[Promised]:
    """Those of the present round, and a first reply of the first one: the sender was told all of them."""
    found = []
    for row in report.deadlines.select_related("calendar").order_by("round", "pk"):
        if row.promise == Deadline.Promise.RESOLUTION and row.round != report.round:
            continue
        spans = [(s, e) for s, e in row.pauses]
        version = known.version(row.calendar_id, row.calendar_version)
        found.append(
            Promised(
                label=row.get_promise_display(),
                promised=words.promised(row.value, row.unit, around_the_clock=version.hours["mode"] == CLOCK),
                due=due_of(row, now, known),
                due_at=row.due_at,
                calendar=row.calendar.name,
                paused=[_span(start, end, now) for start, end in spans],
            )
        )
    return found


def _span(start: str, end: str | None, now: datetime) -> str:
    begun = words.moment(datetime.fromisoformat(start), now)
    if not end:
        return gettext("since %(begun)s") % {"begun": begun}
    return gettext("%(begun)s until %(ended)s") % {
        "begun": begun,
        "ended": words.moment(datetime.fromisoformat(end), now),
    }


def _answers(report: Report, known: Catalogue) -> list[tuple[str, str]]:
    """(question, answer) in words; an answer whose question is gone is still shown."""
    if not report.answers:
        return []
    service = known.service_by_id(report.service_id)
    questions: list[IntakeQuestion] = (
        service.questions if service is not None else list(report.service.intake_questions.all())  # type: ignore[attr-defined]
    )
    by_code = {question.code: question for question in questions}
    return [
        (by_code[code].label if code in by_code else code, _answer(by_code.get(code), value))
        for code, value in report.answers.items()
    ]


def _answer(question: IntakeQuestion | None, value: Any) -> str:
    if question is not None and question.type == IntakeQuestion.Type.YESNO:
        return gettext("Yes") if value == "yes" else gettext("No")
    if question is not None and question.type == IntakeQuestion.Type.CHOICE:
        for choice in question.choices:
            if choice.get("code") == value:
                language = "name_en" if _english() else "name_ar"
                return str(choice.get(language) or value)
    return str(value)


def _english() -> bool:
    return (get_language() or "ar").startswith("en")


def _place_path(report: Report, known: Catalogue) -> str:
    place = known.place_by_id(report.place_id)
    if place is None:
        return report.place.name
    return gettext(", ").join([p.name for p in known.ancestors(place)] + [place.name])
