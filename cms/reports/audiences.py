"""Who reads which event: a set of audiences, kept on the row as bits. Pure.

Source: domain.md, 'Who sees which event'.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Event


class Audience(StrEnum):
    SENDER = "sender"
    ENTITY = "entity"
    LEADERSHIP = "leadership"
    AUDIT = "audit"


EVERYONE = frozenset({Audience.SENDER, Audience.ENTITY, Audience.LEADERSHIP})
INSIDE = frozenset({Audience.ENTITY, Audience.LEADERSHIP})
ENTITY_ONLY = frozenset({Audience.ENTITY})
AUDIT_ONLY = frozenset({Audience.AUDIT})

# The bits of `Event.audiences`. They are part of the hashed bytes: never renumber.
AUDIENCE_BITS: dict[Audience, int] = {
    Audience.SENDER: 1,
    Audience.ENTITY: 2,
    Audience.LEADERSHIP: 4,
    Audience.AUDIT: 8,
}


def bits(audiences: Collection[Audience]) -> int:
    return sum(AUDIENCE_BITS[audience] for audience in audiences)


def is_for(event: Event, audience: Audience) -> bool:
    return bool(event.audiences & AUDIENCE_BITS[audience])
