"""Raising a report to confidential, and lowering it again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cms.entities.models import Privacy

from .. import links, promises
from ..actors import Actor
from ..confidential import MINIMUM_GRANTEES, grantees
from ..errors import Code, DomainError
from ..models import Report
from ..reasons import reason_with_text
from ..workflow import OPEN, State
from .acting import Act, acting
from .assignments import end_assignments
from .merging import group_of, part_from_members
from .replies import resume
from .triage import hand_over


def set_privacy(
    report_id: int,
    *,
    actor: Actor,
    version: int | None,
    privacy: str,
    reason: str,
    text: str = "",
    at: datetime | None = None,
) -> Report:
    """To confidential by who triages, to normal by who may see it; only audit and grantees read of it.

    Raised where fewer than two people may see confidential reports, it goes to the confidential triage.
    Nobody goes on working on what they can no longer see, and no other sender goes on reading of it.
    """
    with acting(
        report_id, "set_privacy", actor=actor, at=at, version=version, beside=group_of(report_id)
    ) as act:
        report = act.report
        given, why = reason_with_text("set_privacy", reason, text)
        if privacy not in Privacy.values:
            raise DomainError(Code.INVALID, field="privacy")
        if privacy == report.privacy:
            raise DomainError(Code.INVALID, _("It is so already."), field="privacy")
        if privacy == Privacy.CONFIDENTIAL:
            part_from_members(act)
        was, report.privacy = report.privacy, privacy
        entity_id = report.entity_id
        act.raises_version = privacy == Privacy.CONFIDENTIAL and _withdraw_from_sight(act)
        act.record(
            why,
            data={"was": was, "privacy": privacy, "reason": given.code, "round": report.round},
            entity_id=entity_id,
        )
    return report


def _withdraw_from_sight(act: Act) -> bool:
    """Take it from an entity or from people that may not see it; whether anything had to be taken."""
    report = act.report
    # A link lies in the messages of a phone that may be in other hands.
    links.revoke(report, at=act.at)
    if report.entity is None:
        return False
    allowed = grantees(report.entity)
    if len(allowed) < MINIMUM_GRANTEES:
        if report.state == State.AWAITING_SENDER:
            resume(act)
        hand_over(act, None)
        if report.state in OPEN:
            report.state = State.RECEIVED
            promises.start_triage(report, act.at)
        return True
    working = report.assignments.filter(until=None)
    ending = working.exclude(person_id__in=allowed)
    if report.responsible_id is not None and report.responsible_id not in allowed:
        end_assignments(report, act.at)
        if report.state == State.AWAITING_SENDER:
            report.left_state = State.WITH_ENTITY
        elif report.state in OPEN:
            report.state = State.WITH_ENTITY
        return True
    return bool(ending.update(until=act.at))
