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
class SystemActor:
    """The clock, and nothing else."""

    who: Who = Who.SYSTEM


Actor = StaffActor | SenderActor | SystemActor
SYSTEM = SystemActor()
