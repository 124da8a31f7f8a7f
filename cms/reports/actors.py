"""Who acts. Always explicit: the system is an actor, never `None`."""

from __future__ import annotations

from dataclasses import dataclass

from permissions.models import User

from .workflow import Who


@dataclass(frozen=True)
class StaffActor:
    """A signed-in member of staff. What they may do is asked of the policy when they do it."""

    user: User
    who: Who = Who.STAFF


@dataclass(frozen=True)
class SenderActor:
    """Who proved to be a report's sender: by secret or link (`report_id`), or by signing in (`sender_id`)."""

    report_id: int | None = None
    sender_id: int | None = None
    who: Who = Who.SENDER


@dataclass(frozen=True)
class EntitySender:
    """A member of staff who acts for their entity as the sender of what it sent. Which entities those are is
    asked of the policy (submit_on_behalf) when they do it.
    """

    user: User
    who: Who = Who.SENDER


@dataclass(frozen=True)
class SystemActor:
    """The clock, and nothing else."""

    who: Who = Who.SYSTEM


Actor = StaffActor | SenderActor | EntitySender | SystemActor
SYSTEM = SystemActor()


def person_of(actor: Actor) -> User | None:
    """The member of staff who acts, in whichever part; None for people who sent something, and the clock."""
    return actor.user if isinstance(actor, StaffActor | EntitySender) else None
