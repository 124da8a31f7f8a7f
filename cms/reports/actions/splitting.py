"""A report that holds several matters: each goes on as a part, with a service and an entity of its own.

A part is a report whose `parent` is the one it was split from. Its sender has one reference, the parent's,
and reads all parts there (`cms.reports.parts`).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cms.entities.models import Entity, Privacy, ReportKind, Service
from cms.entities.snapshot import catalogue

from .. import promises, secrets
from ..actors import Actor
from ..errors import Code, DomainError, Invalid
from ..models import Report
from ..policies import may_split
from ..reasons import reason_with_text
from ..texts import clean_text
from ..workflow import State
from .acting import Act, Beside, acting
from .intake import TITLE_MAXIMUM
from .merging import group_of
from .submit import insert
from .triage import new_entity

FEWEST, MOST = 2, 10


@dataclass(frozen=True, kw_only=True)
class Part:
    """One matter: `title` says which; codes of the service and of the entity ('': the one that has it)."""

    title: str
    service: str
    entity: str = ""


def family_of(report_id: int) -> Beside:
    """The ids of a report's group, of its parts, and of their groups: what its end may touch."""

    def ids() -> Collection[int]:
        found = {*group_of(report_id)()}
        for part in Report.objects.filter(parent=report_id).values_list("pk", flat=True):
            found |= {part, *group_of(part)()}
        return found

    return ids


def parts_beside(act: Act) -> list[Report]:
    """The parts that were locked with their report."""
    found = [other for other in act.beside.values() if other.parent_id == act.report.pk]
    return sorted(found, key=lambda part: part.pk)


def split(
    report_id: int,
    *,
    actor: Actor,
    version: int | None,
    reason: str,
    parts: Sequence[Part],
    text: str = "",
    at: datetime | None = None,
) -> Report:
    """Two to ten parts, each with its own service and entity; the report itself stays where it is.

    They stay with the entity that has it, unless the actor triages. `text` is why, for the staff. Raises
    Invalid with one error for each field of a part ("parts", its number from 0, its field).
    """
    if not FEWEST <= len(parts) <= MOST:
        raise DomainError(Code.INVALID, _("A report is split into two to ten parts."), field="parts")
    with acting(report_id, "split", actor=actor, at=at, version=version) as act:
        report = act.report
        given, why = reason_with_text("split", reason, text)
        made = [
            _made(act, title, service, entity, number, len(parts))
            for number, (title, service, entity) in enumerate(_checked(act, parts), start=1)
        ]
        act.record(
            why,
            data={"reason": given.code, "parts": [part.pk for part in made], "round": report.round},
        )
    return report


def _checked(act: Act, parts: Sequence[Part]) -> list[tuple[str, Service, Entity]]:
    errors: list[DomainError] = []
    checked = []
    for number, part in enumerate(parts):
        try:
            title = clean_text(part.title, field="title", minimum=3, maximum=TITLE_MAXIMUM, one_line=True)
            checked.append((title, _service(act, part.service), _entity(act, part.entity)))
        except DomainError as error:
            path = ("parts", str(number), *(error.field or ()))
            errors.append(DomainError(error.code, error.message, field=path))
    if errors:
        raise Invalid(errors)
    return checked


def _service(act: Act, code: str) -> Service:
    report, chosen = act.report, catalogue().service(code)
    if chosen is None:
        raise DomainError(Code.NOT_FOUND if code else Code.REQUIRED, field="service")
    if chosen.privacy == Privacy.CONFIDENTIAL and not report.is_confidential:
        raise DomainError(
            Code.INVALID,
            _("Reports of this service are confidential: make this report confidential first."),
            field="service",
        )
    thanks = (chosen.kind == ReportKind.THANKS) != (report.kind == ReportKind.THANKS)
    if thanks and not act.scope.has("triage_reports", report.entity_id):
        raise DomainError(Code.DENIED, _("Only a supervisor sets a service of this sort."), field="service")
    return chosen


def _entity(act: Act, code: str) -> Entity:
    report = act.report
    code = code or (report.entity.code if report.entity else "")
    if not code:
        raise DomainError(Code.REQUIRED, field="entity")
    chosen = new_entity(report, code)
    if not may_split(act.scope, report, chosen):
        raise DomainError(Code.DENIED, _("Only a supervisor gives a part to another entity."), field="entity")
    return chosen


def _made(act: Act, title: str, service: Service, entity: Entity, number: int, count: int) -> Report:
    """The part: what the sender wrote and was promised, in the words and at the place of the report."""
    report = act.report
    public_id, key = uuid.uuid4(), secrets.current_version()
    part = Report(
        public_id=public_id,
        # Nobody is told this secret: the parent's opens it.
        secret_hash=secrets.hashed(secrets.secret_for(public_id, key), key),
        secret_version=key,
        parent=report,
        kind=service.kind,
        service=service,
        place=report.place,
        entity=entity,
        about_entity=report.about_entity,
        state=State.WITH_ENTITY,
        privacy=report.privacy,
        priority=report.priority,
        channel=report.channel,
        language=report.language,
        title=title,
        text=report.text,
        answers=report.answers if service.pk == report.service_id else {},
        latitude=report.latitude,
        longitude=report.longitude,
        address_text=report.address_text,
        sender=report.sender,
        sender_kind=report.sender_kind,
        contact_preference=report.contact_preference,
        contact_hours=report.contact_hours,
        sender_entity=report.sender_entity,
        letter_number=report.letter_number,
        letter_date=report.letter_date,
        entered_by=report.entered_by,
        entity_since=act.at,
        submitted_at=report.submitted_at,
        updated_at=act.at,
        round=report.round,
        revision=0,
        routing_reason_ar="قُسم من بلاغ آخر.",
        routing_reason_en="Split from another report.",
    )
    insert(part, act.at)
    promises.carry_over(report, part)
    act.record_beside(
        part,
        "split",
        from_state="",
        text=f"{part.title}\n\n{part.text}",
        data={
            "parent": report.pk,
            "number": number,
            "of": count,
            "moved": promises.hand_over(part, entity, act.at),
            "round": part.round,
        },
    )
    return part
