"""A ladder as it is drawn: a rung for each point in time, the last at the top, and who is told there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext, ngettext

from cms.entities.escalation import DUE, Step
from cms.entities.models import EscalationStep
from cms.notifications.titles import event_title

AUDIENCES = dict(EscalationStep.Audience.choices)
CHANNELS = dict(EscalationStep.Channel.choices)
MODES = dict(EscalationStep.Mode.choices)


@dataclass(frozen=True)
class Told:
    who: str
    channel: str
    how: str
    event: str


@dataclass(frozen=True)
class Rung:
    """`tone`: how far it is: near, due, late."""

    when: str
    tone: str
    told: list[Told]


def when(position: int) -> str:
    if position < DUE:
        return gettext("%(share)s%% of the time has passed") % {"share": position}
    if position == DUE:
        return gettext("The time has passed")
    days = position - DUE
    return ngettext("%(n)d working day late", "%(n)d working days late", days) % {"n": days}


def picture(steps: Iterable[Step]) -> list[Rung]:
    rungs = []
    for position, rows in groupby(sorted(steps), key=lambda step: step.position):
        told = [
            Told(
                str(AUDIENCES.get(row.audience, row.audience)),
                str(CHANNELS[row.channel]),
                str(MODES[row.mode]),
                event_title(row.event),
            )
            for row in rows
        ]
        tone = "near" if position < DUE else "due" if position == DUE else "late"
        rungs.append(Rung(when(position), tone, told))
    return rungs[::-1]
