"""What becomes of a report whose entity closes or merges into another one: the system moves it, and nobody
has to see it for that. Each is a transfer or a return like any other, in a transaction of its own.
"""

from __future__ import annotations

from datetime import datetime

from ..actors import SYSTEM
from ..errors import Code
from ..models import Report
from ..workflow import State
from .acting import acting
from .assignments import to_triage
from .replies import resume
from .triage import new_entity, pass_on


def hand_on(report_id: int, *, handover: int, entity: str, why: str, at: datetime | None = None) -> Report:
    """To the entity (by code) that goes on with the work. Raises DomainError at `entity` where it may not."""
    with acting(report_id, "transfer", actor=SYSTEM, at=at) as act:
        chosen = new_entity(act.report, entity)
        report, left = act.report, act.report.entity
        kept = pass_on(act, chosen)
        if left is not None:
            report.routing_reason_ar = f"آل إليها عمل {left.name_ar}."
            report.routing_reason_en = f"The work of {left.name_en} went to it."
        act.record(why, data={**kept, "handover": handover})
    return report


def hand_back(
    report_id: int, *, handover: int, why: str, refused: Code, at: datetime | None = None
) -> Report:
    """To triage, because the entity that goes on with the work may not have it (`refused` says why)."""
    with acting(report_id, "return", actor=SYSTEM, at=at) as act:
        report, was = act.report, act.report.entity_id
        resumed = resume(report, act.at) if report.state == State.AWAITING_SENDER else {}
        to_triage(report, act.at)
        data = {"handover": handover, "refused": refused.value, "round": report.round, **resumed}
        act.record(why, data=data, entity_id=was)
    return report
