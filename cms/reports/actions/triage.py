"""Deciding where a report belongs: route, transfer, return, reject."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity, Privacy, Service
from cms.entities.snapshot import catalogue

from .. import promises
from ..actors import Actor
from ..confidential import has_enough_grantees
from ..errors import Code, DomainError
from ..models import Report
from ..reasons import reason_with_text, told_of_rejection
from ..texts import clean_text
from ..workflow import State
from .acting import Act, acting
from .assignments import end_assignments, hand_over, to_triage
from .merging import group_of, promote_a_member
from .replies import resume


def new_entity(report: Report, code: str) -> Entity:
    """The entity of that code, where this report may go: not whom it is about, nor who sent it, and enough
    may see it.
    """
    cat = catalogue()
    chosen = cat.entity(code)
    if chosen is None:
        raise DomainError(Code.NOT_FOUND, field="entity")
    # Not from the catalogue, which leaves out what is closed: the rule holds for it too.
    about = report.about_entity
    if about is not None and any(cat.is_at_or_below(chosen, one) for one in about.with_successor()):
        raise DomainError(Code.ABOUT_ENTITY, field="entity")
    sender = report.sender_entity
    if sender is not None and chosen in sender.with_successor():
        raise DomainError(Code.OWN_ENTITY, field="entity")
    if report.privacy == Privacy.CONFIDENTIAL and not has_enough_grantees(chosen):
        raise DomainError(Code.TOO_FEW_GRANTEES, field="entity")
    return chosen


def successor_for(report: Report) -> Entity | None:
    """Of a report whose entity was closed: who goes on with its work, where that one may have it."""
    successor = report.entity.continued_by if report.entity is not None else None
    if successor is None:
        return None
    try:
        return new_entity(report, successor.code)
    except DomainError:
        return None


def _decided_for(report: Report, chosen: Entity) -> None:
    """No rule, a person sent it there: the sentence of why says so."""
    report.routing_rule = None
    report.routing_rule_version = None
    report.routing_reason_ar = f"قرار المشرف: {chosen.name_ar}."
    report.routing_reason_en = f"Decided by the supervisor: {chosen.name_en}."


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
        if about_entity:
            report.about_entity = catalogue().entity(about_entity)
            if report.about_entity is None:
                raise DomainError(Code.NOT_FOUND, field="aboutEntity")
        chosen = new_entity(report, entity)
        promises.meet(report, act.at, promises.Promise.TRIAGE)
        moved = promises.hand_over(report, chosen, act.at)
        hand_over(report, chosen, act.at)
        report.state = State.WITH_ENTITY
        # An appeal is decided with this; who rejected it before may act on it again.
        report.rejected_by = None
        _decided_for(report, chosen)
        act.record(why, data={"entity": chosen.code, "moved": moved, "round": report.round})
    return report


def transfer(
    report_id: int,
    *,
    actor: Actor,
    version: int | None,
    entity: str,
    reason: str,
    text: str = "",
    at: datetime | None = None,
) -> Report:
    """Another entity has it from now on, and the one that had it sees it no longer.

    A question to the sender is withdrawn and its pause ends; a draft stays with the entity that wrote it, in
    its events. The promises continue or begin anew, as the service says.
    """
    with acting(report_id, "transfer", actor=actor, at=at, version=version) as act:
        report = act.report
        given, why = reason_with_text("transfer", reason, text)
        chosen = new_entity(report, entity)
        if chosen.pk == report.entity_id:
            raise DomainError(Code.INVALID, _("It is with this entity already."), field="entity")
        act.record(why, data={"reason": given.code, **pass_on(act, chosen)})
    return report


def pass_on(act: Act, chosen: Entity) -> dict[str, Any]:
    """The locked report goes from its entity to this one. Gives what its event keeps of that."""
    report = act.report
    left = report.entity.code if report.entity else ""
    resumed = resume(report, act.at) if report.state == State.AWAITING_SENDER else {}
    restart = report.service.clock_on_transfer == Service.ClockOnTransfer.RESTART
    moved = promises.hand_over(report, chosen, act.at, restart=restart)
    hand_over(report, chosen, act.at)
    report.state = State.WITH_ENTITY
    _decided_for(report, chosen)
    return {"entity": chosen.code, "from": left, "moved": moved, "round": report.round, **resumed}


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
        to_triage(report, act.at)
        report.returned_count += 1
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
    with acting(report_id, "reject", actor=actor, at=at, version=version, beside=group_of(report_id)) as act:
        report = act.report
        given, why = reason_with_text("reject", reason, text)
        promote_a_member(act, report)
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
        told = told_of_rejection(given, why, report.language)
        act.record(told, data={"reason": given.code, "round": report.round})
    return report
