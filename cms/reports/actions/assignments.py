"""Who works on it: assign, reassign, take over, start."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity

from .. import promises
from ..actors import Actor
from ..confidential import assignable
from ..errors import Code, DomainError
from ..models import Assignment, Custody, Report
from ..workflow import State
from .acting import Act, acting


def end_assignments(report: Report, at: datetime) -> None:
    """The assignments end, and stay in the history."""
    report.assignments.filter(until=None).update(until=at)
    report.responsible = None


def give_custody(report: Report, entity: Entity | None, at: datetime) -> None:
    """From now on this entity (none: triage) has it; who had it before, and for how long, is kept."""
    Custody.objects.create(report=report, entity_id=report.entity_id, since=report.entity_since, until=at)
    report.entity = entity
    report.entity_since = at


def hand_over(report: Report, entity: Entity | None, at: datetime) -> None:
    """It goes on at another entity (none: triage), unassigned; a draft stays with the one that wrote it, in
    its events.
    """
    end_assignments(report, at)
    give_custody(report, entity, at)
    report.draft = ""
    report.draft_by = None


def to_triage(report: Report, at: datetime) -> None:
    """It waits for a supervisor, against the clock."""
    hand_over(report, None, at)
    report.state = State.RECEIVED
    promises.start_triage(report, at)


def _chosen(report: Report, people: Sequence[int], responsible: int) -> list[int]:
    """The people without repetition, all of them specialists who may work on it, one responsible."""
    chosen = list(dict.fromkeys(people))
    if not chosen:
        raise DomainError(Code.REQUIRED, field="people")
    if responsible not in chosen:
        raise DomainError(Code.INVALID, _("One of the assigned people is responsible."), field="responsible")
    able = set(assignable(report).values_list("pk", flat=True))
    if not able.issuperset(chosen):
        raise DomainError(Code.NOT_FOUND, field="people")
    return chosen


def _give(act: Act, people: Sequence[int], responsible: int) -> None:
    """These and no others work on it from now on. Who goes on as before keeps the row, with its beginning."""
    report = act.report
    if report.entity is None:
        raise DomainError(Code.WRONG_STATE)
    wanted = {person: person == responsible for person in people}
    ending = []
    for row in report.assignments.filter(until=None):
        if wanted.get(row.person_id) is row.is_responsible:
            del wanted[row.person_id]
        else:
            ending.append(row.pk)
    report.assignments.filter(pk__in=ending).update(until=act.at)
    Assignment.objects.bulk_create(
        Assignment(
            report=report,
            person_id=person,
            entity=report.entity,
            is_responsible=is_responsible,
            since=act.at,
        )
        for person, is_responsible in wanted.items()
    )
    report.responsible_id = responsible
    act.record(data={"people": list(people), "responsible": responsible, "round": report.round})


def assign(
    report_id: int,
    *,
    actor: Actor,
    version: int | None,
    people: Sequence[int],
    responsible: int,
    at: datetime | None = None,
) -> Report:
    """Give it to specialists of the entity (user ids), one of them responsible."""
    with acting(report_id, "assign", actor=actor, at=at, version=version) as act:
        chosen = _chosen(act.report, people, responsible)
        act.report.state = State.ASSIGNED
        _give(act, chosen, responsible)
    return act.report


def reassign(
    report_id: int,
    *,
    actor: Actor,
    version: int | None,
    people: Sequence[int],
    responsible: int,
    at: datetime | None = None,
) -> Report:
    """Give it to others, or add and take away some. Refused (`invalid`) where it would change nothing."""
    with acting(report_id, "reassign", actor=actor, at=at, version=version) as act:
        chosen = _chosen(act.report, people, responsible)
        present = dict(act.report.assignments.filter(until=None).values_list("person_id", "is_responsible"))
        if present == {person: person == responsible for person in chosen}:
            raise DomainError(Code.INVALID, _("They work on it already."), field="people")
        _give(act, chosen, responsible)
    return act.report


def take_over(report_id: int, *, actor: Actor, version: int | None, at: datetime | None = None) -> Report:
    """The actor becomes responsible; who was it goes on working on it, and sees it still."""
    with acting(report_id, "take_over", actor=actor, at=at, version=version) as act:
        me = act.person.pk
        present = act.report.assignments.filter(until=None).order_by("since", "pk")
        others = [row.person_id for row in present if row.person_id != me]
        _give(act, [me, *others], me)
    return act.report


def start(report_id: int, *, actor: Actor, version: int | None, at: datetime | None = None) -> Report:
    with acting(report_id, "start", actor=actor, at=at, version=version) as act:
        act.report.state = State.IN_PROGRESS
        act.record(data={"round": act.report.round})
    return act.report
