"""Setting right what a report says of itself: its priority, place and service. None of them moves it.

The promises stay as they were made; a report goes elsewhere by transfer or return.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cms.entities.models import Priority
from cms.entities.snapshot import catalogue

from ..actors import Actor
from ..errors import Code, DomainError
from ..models import Report
from ..policies import may_set_service
from ..texts import clean_text
from .acting import acting

REASON_MINIMUM, REASON_MAXIMUM = 3, 1000


def _reason(text: str) -> str:
    return clean_text(text, field="text", minimum=REASON_MINIMUM, maximum=REASON_MAXIMUM)


def _same(field: str) -> DomainError:
    return DomainError(Code.INVALID, _("It is so already."), field=field)


def set_priority(
    report_id: int,
    *,
    actor: Actor,
    priority: str,
    text: str,
    version: int | None = None,
    at: datetime | None = None,
) -> Report:
    """`priority`: one of `Priority`; `text`: the reason, which the sender does not read."""
    why = _reason(text)
    with acting(report_id, "set_priority", actor=actor, at=at, version=version) as act:
        report = act.report
        if priority not in Priority.values:
            raise DomainError(Code.INVALID, field="priority")
        if priority == report.priority:
            raise _same("priority")
        was, report.priority = report.priority, priority
        act.record(why, data={"was": was, "priority": priority, "round": report.round})
    return report


def set_place(
    report_id: int,
    *,
    actor: Actor,
    place: str,
    text: str,
    version: int | None = None,
    at: datetime | None = None,
) -> Report:
    """`place`: a code; `text`: the reason, which the sender does not read. The point stays the sender's."""
    why = _reason(text)
    with acting(report_id, "set_place", actor=actor, at=at, version=version) as act:
        report = act.report
        chosen = catalogue().place(place)
        if chosen is None:
            raise DomainError(Code.NOT_FOUND, field="place")
        if chosen.pk == report.place_id:
            raise _same("place")
        was, report.place = report.place.code, chosen
        act.record(why, data={"was": was, "place": chosen.code, "round": report.round})
    return report


def set_service(
    report_id: int,
    *,
    actor: Actor,
    service: str,
    text: str,
    version: int | None = None,
    at: datetime | None = None,
) -> Report:
    """`service`: a code; `text`: the reason, which the sender does not read. The kind is the service's.

    Priority, privacy and promises were snapshotted at submission and stay. To or from another privacy or
    kind thanks is a supervisor's decision (`denied` for others).
    """
    why = _reason(text)
    with acting(report_id, "set_service", actor=actor, at=at, version=version) as act:
        report = act.report
        chosen = catalogue().service(service)
        if chosen is None:
            raise DomainError(Code.NOT_FOUND, field="service")
        if chosen.pk == report.service_id:
            raise _same("service")
        if not may_set_service(act.scope, report, chosen):
            raise DomainError(
                Code.DENIED, _("Only a supervisor sets a service of this sort."), field="service"
            )
        was, report.service = report.service.code, chosen
        report.kind = chosen.kind
        act.record(why, data={"was": was, "service": chosen.code, "round": report.round})
    return report
