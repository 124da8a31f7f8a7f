"""The ladder that holds for a promise: what is written for its service, priority or entity, the region's, or
what is built in. Pure but for the rows that are passed in. Source: domain.md, 'Promises and escalation'.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .models.catalogue import Priority, Privacy
from .models.escalation import DUE, Escalation, EscalationStep

Audience, Channel, Mode = EscalationStep.Audience, EscalationStep.Channel, EscalationStep.Mode
Promise = Escalation.Promise

__all__ = ["DUE", "Ladders", "Step", "built_in"]


@dataclass(frozen=True, order=True)
class Step:
    """One step; `position` as `cms.entities.models.escalation` counts it. `event` names its text."""

    position: int
    audience: str
    channel: str
    mode: str
    event: str

    @property
    def is_late(self) -> bool:
        return self.position >= DUE


Steps = tuple[Step, ...]
HALF, NEAR, TWO_LATE, FIVE_LATE = 50, 80, DUE + 2, DUE + 5


def _steps(*rows: tuple[int, str, str, str, str]) -> Steps:
    return tuple(Step(*rows_of) for rows_of in rows)


_WORKS_ON_IT = (Audience.COORDINATOR, Audience.SPECIALIST)
_NEARING = tuple(
    Step(position, who, channel, Mode.AT_ONCE, event)
    for position, event, channels in (
        (HALF, "deadline_half", [Channel.INBOX]),
        (NEAR, "deadline_near", [Channel.INBOX, Channel.EMAIL]),
    )
    for who in _WORKS_ON_IT
    for channel in channels
)
_NEUTRAL = "staff_confidential"

# By promise and privacy.
_BUILT_IN: dict[tuple[str, str], Steps] = {
    (Promise.RESOLUTION, Privacy.NORMAL): (
        *_NEARING,
        Step(DUE, Audience.ENTITY_LEADER, Channel.SMS, Mode.BY_URGENCY, "deadline_due"),
        Step(TWO_LATE, Audience.SUPERVISOR, Channel.SMS, Mode.BY_URGENCY, "deadline_due"),
        Step(FIVE_LATE, Audience.EMIRATE_LEADER, Channel.SMS, Mode.BY_URGENCY, "deadline_due"),
    ),
    # The leader follows how reports are resolved; a first reply is its coordinator's matter.
    (Promise.FIRST_REPLY, Privacy.NORMAL): _steps(
        (NEAR, Audience.COORDINATOR, Channel.INBOX, Mode.AT_ONCE, "first_reply_near"),
        (NEAR, Audience.SPECIALIST, Channel.INBOX, Mode.AT_ONCE, "first_reply_near"),
        (DUE, Audience.COORDINATOR, Channel.INBOX, Mode.AT_ONCE, "first_reply_late"),
        (DUE, Audience.COORDINATOR, Channel.EMAIL, Mode.AT_ONCE, "first_reply_late"),
    ),
    (Promise.TRIAGE, Privacy.NORMAL): _steps(
        (DUE, Audience.SUPERVISOR, Channel.INBOX, Mode.AT_ONCE, "triage_due"),
        (DUE, Audience.SUPERVISOR, Channel.SMS, Mode.BY_URGENCY, "triage_due"),
    ),
    # Of a confidential one its grantees hear and then the triage group, neutrally; never the usual leaders.
    **{
        (promise, Privacy.CONFIDENTIAL): _steps(
            (NEAR, Audience.GRANTEES, Channel.INBOX, Mode.AT_ONCE, _NEUTRAL),
            (DUE, Audience.GRANTEES, Channel.SMS, Mode.AT_ONCE, _NEUTRAL),
            (TWO_LATE, Audience.SUPERVISOR, Channel.SMS, Mode.AT_ONCE, _NEUTRAL),
        )
        for promise in (Promise.RESOLUTION, Promise.FIRST_REPLY)
    },
    (Promise.TRIAGE, Privacy.CONFIDENTIAL): _steps(
        (DUE, Audience.SUPERVISOR, Channel.SMS, Mode.AT_ONCE, _NEUTRAL),
    ),
}


# Of what is urgent the words say so.
_URGENT = tuple(
    replace(step, event="deadline_due_urgent") if step.event == "deadline_due" else step
    for step in _BUILT_IN[Promise.RESOLUTION, Privacy.NORMAL]
)


def built_in(promise: str, privacy: str, priority: str = "") -> Steps:
    if priority == Priority.URGENT and (promise, privacy) == (Promise.RESOLUTION, Privacy.NORMAL):
        return _URGENT
    return _BUILT_IN[promise, privacy]


def steps_of(escalation: Escalation) -> Steps:
    rows = escalation.steps.all()
    return tuple(sorted(Step(row.position, row.audience, row.channel, row.mode, row.event) for row in rows))


class Ladders:
    """All ladders of one reading of the catalogue."""

    def __init__(self, rows: Iterable[Escalation]) -> None:
        self._steps: dict[tuple[str, str, str, object], Steps] = {}
        for row in rows:
            for kind, subject in (("service", row.service_id), ("priority", row.priority)):
                if subject:
                    self._keep(row, kind, subject)
            if row.entity_id:
                self._keep(row, "entity", row.entity_id)
            elif not (row.service_id or row.priority):
                self._keep(row, "", None)

    def _keep(self, row: Escalation, kind: str, subject: object) -> None:
        self._steps[row.promise, row.privacy, kind, subject] = steps_of(row)

    @property
    def differ_by_entity(self) -> bool:
        return any(kind == "entity" for _promise, _privacy, kind, _subject in self._steps)

    def in_use(self) -> set[Step]:
        """The steps of all ladders that hold somewhere."""
        whole = {(promise, privacy) for promise, privacy, kind, _subject in self._steps if not kind}
        built = [steps for key, steps in _BUILT_IN.items() if key not in whole]
        if (Promise.RESOLUTION, Privacy.NORMAL) not in whole:
            built.append(_URGENT)
        return {step for steps in (*self._steps.values(), *built) for step in steps}

    def steps(
        self, promise: str, privacy: str, *, service: int | None, priority: str, entity: int | None
    ) -> Steps:
        """The steps of the one ladder that holds, in their order."""
        asked = (("service", service), ("priority", priority), ("entity", entity), ("", None))
        for kind, subject in asked:
            found = self._steps.get((promise, privacy, kind, subject))
            if found is not None:
                return found
        return built_in(promise, privacy, priority)
