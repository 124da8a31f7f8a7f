"""Deciding where a report belongs: route, return, reject."""

from __future__ import annotations

from datetime import datetime

from cms.entities.models import Entity, Privacy
from cms.entities.snapshot import catalogue

from .. import promises
from ..actors import Actor
from ..confidential import has_enough_grantees
from ..errors import Code, DomainError
from ..models import Custody, Report
from ..reasons import reason_with_text
from ..texts import clean_text
from ..workflow import State
from .acting import Act, acting
from .assignments import end_assignments


def hand_over(act: Act, entity: Entity | None) -> None:
    """Give the report to an entity (none: triage); the time it had it before is kept."""
    report = act.report
    Custody.objects.create(report=report, entity_id=report.entity_id, since=report.entity_since, until=act.at)
    end_assignments(report, act.at)
    report.entity = entity
    report.entity_since = act.at


def route(
    report_id: int,
    *,
    actor: Actor,
    version: int | None,
    entity: str,
    about_entity: str | None = None,
    text: str = "",
    at: datetime | None = None,
) -> Report:
    """A supervisor sends a report in triage to an entity (by code)."""
    why = clean_text(text, field="text", maximum=1000)
    with acting(report_id, "route", actor=actor, at=at, version=version) as act:
        report = act.report
        cat = catalogue()
        chosen = cat.entity(entity)
        if chosen is None:
            raise DomainError(Code.NOT_FOUND, field="entity")
        if about_entity:
            report.about_entity = cat.entity(about_entity)
            if report.about_entity is None:
                raise DomainError(Code.NOT_FOUND, field="aboutEntity")
        # Not from the catalogue, which leaves out what is closed: the rule holds for it too.
        about = report.about_entity
        if about is not None and cat.is_at_or_below(chosen, about):
            raise DomainError(Code.ABOUT_ENTITY, field="entity")
        if report.privacy == Privacy.CONFIDENTIAL and not has_enough_grantees(chosen):
            raise DomainError(Code.TOO_FEW_GRANTEES, field="entity")
        promises.meet(report, act.at, promises.Promise.TRIAGE)
        moved = promises.continue_with(report, chosen, act.at)
        hand_over(act, chosen)
        report.state = State.WITH_ENTITY
        report.routing_rule = None
        report.routing_rule_version = None
        report.routing_reason_ar = f"قرار المشرف: {chosen.name_ar}."
        report.routing_reason_en = f"Decided by the supervisor: {chosen.name_en}."
        data = {"entity": chosen.code, "moved": moved, "round": report.round}
        act.record(data={**data, "why": why} if why else data)
    return report


def return_(
    report_id: int,
    *,
    actor: Actor,
    version: int | None,
    reason: str,
    text: str = "",
    at: datetime | None = None,
) -> Report:
    """The entity gives a report back to triage. The clock goes on."""
    with acting(report_id, "return", actor=actor, at=at, version=version) as act:
        report = act.report
        given, why = reason_with_text("return", reason, text)
        was = report.entity_id
        hand_over(act, None)
        report.state = State.RECEIVED
        report.returned_count += 1
        report.draft = ""
        report.draft_by = None
        promises.start_triage(report, act.at)
        act.record(why, data={"reason": given.code, "round": report.round}, entity_id=was)
    return report


def reject(
    report_id: int,
    *,
    actor: Actor,
    version: int | None,
    reason: str,
    text: str = "",
    at: datetime | None = None,
) -> Report:
    """Not accepted, with a reason that the sender reads and where to turn."""
    with acting(report_id, "reject", actor=actor, at=at, version=version) as act:
        report = act.report
        given, why = reason_with_text("reject", reason, text)
        end_assignments(report, act.at)
        report.state = State.REJECTED
        report.closed_at = act.at
        report.rejected_by_id = act.recorded_by
        promises.meet(
            report,
            act.at,
            promises.Promise.FIRST_REPLY,
            promises.Promise.RESOLUTION,
            promises.Promise.TRIAGE,
        )
        act.record(why, data={"reason": given.code, "round": report.round})
    return report
