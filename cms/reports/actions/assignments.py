"""Who works on it: assign, start."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from ..actors import Actor
from ..confidential import assignable
from ..errors import Code, DomainError
from ..models import Assignment, Report
from ..workflow import State
from .acting import acting


def end_assignments(report: Report, at: datetime) -> None:
    """The assignments end, and stay in the history."""
    report.assignments.filter(until=None).update(until=at)
    report.responsible = None


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
        report = act.report
        chosen = list(dict.fromkeys(people))
        if not chosen:
            raise DomainError(Code.REQUIRED, field="people")
        if responsible not in chosen:
            raise DomainError(
                Code.INVALID, _("One of the assigned people is responsible."), field="responsible"
            )
        if report.entity is None:
            raise DomainError(Code.WRONG_STATE)
        able = set(assignable(report).values_list("pk", flat=True))
        if not able.issuperset(chosen):
            raise DomainError(Code.NOT_FOUND, field="people")
        Assignment.objects.bulk_create(
            Assignment(
                report=report,
                person_id=person,
                entity=report.entity,
                is_responsible=person == responsible,
                since=act.at,
            )
            for person in chosen
        )
        report.responsible_id = responsible
        report.state = State.ASSIGNED
        act.record(data={"people": chosen, "responsible": responsible, "round": report.round})
    return report


def start(report_id: int, *, actor: Actor, version: int | None, at: datetime | None = None) -> Report:
    with acting(report_id, "start", actor=actor, at=at, version=version) as act:
        act.report.state = State.IN_PROGRESS
        act.record(data={"round": act.report.round})
    return act.report
