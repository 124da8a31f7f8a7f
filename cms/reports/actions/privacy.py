"""Raising a report to confidential, and lowering it again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cms.entities.models import Privacy

from .. import links
from ..actors import Actor
from ..confidential import MINIMUM_GRANTEES, grantees
from ..errors import Code, DomainError
from ..following import without_followers
from ..models import Report
from ..policies import may
from ..reasons import reason_with_text
from ..workflow import OPEN, State
from .acting import Act, acting
from .assignments import end_assignments, hand_over, to_triage
from .merging import part_from_members
from .replies import resume
from .splitting import family_of, parts_beside


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
    Nobody goes on working on what they can no longer see, and no other sender goes on reading of it. What it
    was split into goes along.
    """
    with acting(
        report_id, "set_privacy", actor=actor, at=at, version=version, beside=family_of(report_id)
    ) as act:
        report = act.report
        given, why = reason_with_text("set_privacy", reason, text)
        if privacy not in Privacy.values:
            raise DomainError(Code.INVALID, field="privacy")
        if privacy == report.privacy:
            raise DomainError(Code.INVALID, _("It is so already."), field="privacy")
        parts = _parts(act)
        was, entity_id = report.privacy, report.entity_id
        act.raises_version = _change(act, report, privacy)
        data = {"was": was, "privacy": privacy, "reason": given.code}
        act.record(why, data={**data, "round": report.round}, entity_id=entity_id)
        for part in parts:
            state, entity_id = part.state, part.entity_id
            act.record_beside(
                part,
                "set_privacy",
                version=_change(act, part, privacy),
                from_state=state,
                text=why,
                data={**data, "round": part.round},
                entity_id=entity_id,
            )
    return report


def _parts(act: Act) -> list[Report]:
    """What it was split into, where this person may change each of them."""
    parts = parts_beside(act)
    if any(part.state == State.MERGED for part in parts):
        raise DomainError(Code.WRONG_STATE, _("A part of it is merged with another report: undo that first."))
    if not all(may(act.actor, "set_privacy", part, act.scope) for part in parts):
        raise DomainError(Code.DENIED)
    return parts


def _change(act: Act, report: Report, privacy: str) -> bool:
    """Whether state, entity or assignees changed with it."""
    if privacy == Privacy.CONFIDENTIAL:
        part_from_members(act, report)
    report.privacy = privacy
    return privacy == Privacy.CONFIDENTIAL and _withdraw_from_sight(report, act.at)


def _withdraw_from_sight(report: Report, at: datetime) -> bool:
    """Take it from an entity or from people that may not see it; whether anything had to be taken."""
    # A link lies in the messages of a phone that may be in other hands.
    links.revoke(report, at=at)
    without_followers([report])
    if report.entity is None:
        return False
    allowed = grantees(report.entity)
    if len(allowed) < MINIMUM_GRANTEES:
        if report.state == State.AWAITING_SENDER:
            resume(report, at)
        if report.state in OPEN:
            to_triage(report, at)
        else:
            hand_over(report, None, at)
        return True
    working = report.assignments.filter(until=None)
    ending = working.exclude(person_id__in=allowed)
    if report.responsible_id is not None and report.responsible_id not in allowed:
        end_assignments(report, at)
        if report.state == State.AWAITING_SENDER:
            report.left_state = State.WITH_ENTITY
        elif report.state in OPEN:
            report.state = State.WITH_ENTITY
        return True
    return bool(ending.update(until=at))
