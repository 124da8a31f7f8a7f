"""The history: appending to the hash chain, verifying it, and telling the subscribers.

Each row's hash covers the row before and the hash of its text; the report keeps the number of rows and the
head's hash. The hashed bytes have a format version of their own (`FORMAT`). Source: domain.md, 'Events'.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from cms.outbox import effects

from .actors import Actor, EntitySender, SenderActor, StaffActor, person_of
from .audiences import Audience, bits
from .models import Event, EventText, Report
from .workflow import TRANSITIONS

FORMAT = 1


def new_salt() -> str:
    return secrets.token_hex(16)


def text_hash(text: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\0{text}".encode()).hexdigest()


# Made once: an encoder for each row would cost as much as the row's hash.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def row_hash(
    public_id: Any,
    sequence: int,
    code: str,
    at: datetime,
    actor_kind: str,
    actor_id: int | None,
    entity_id: int | None,
    audiences: int,
    from_state: str,
    to_state: str,
    data: Any,
    text: str,
    version: int,
    previous: str,
) -> str:
    """The hash of format 1: canonical JSON of the row, of its text's hash and of the hash before it."""
    row = {
        "format": version,
        "report": str(public_id),
        "sequence": sequence,
        "code": code,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_kind": actor_kind,
        "actor": actor_id,
        "entity": entity_id,
        "audiences": audiences,
        "from": from_state,
        "to": to_state,
        "data": data,
        "text": text,
        "previous": previous,
    }
    return hashlib.sha256(_canonical(row).encode()).hexdigest()


# The columns of an event that its hash covers, in the order of `row_hash` after the report's id.
HASHED = (
    "sequence",
    "code",
    "at",
    "actor_kind",
    "actor_id",
    "entity_id",
    "audiences",
    "from_state",
    "to_state",
    "data",
    "text_hash",
    "format",
    "previous_hash",
)


def chained_hash(event: Event, public_id: Any) -> str:
    return row_hash(public_id, *(getattr(event, name) for name in HASHED))


_KINDS: dict[type, str] = {
    SenderActor: Event.ActorKind.SENDER,
    EntitySender: Event.ActorKind.SENDER,
    StaffActor: Event.ActorKind.STAFF,
}


def kind_of(actor: Actor) -> str:
    return _KINDS.get(type(actor), Event.ActorKind.SYSTEM)


def id_of(actor: Actor) -> int | None:
    """Which member of staff it was; of an entity's own report also when they acted as its sender."""
    person = person_of(actor)
    return person.pk if person is not None else None


def made(
    report: Report,
    code: str,
    *,
    actor: Actor,
    at: datetime,
    from_state: str,
    text_hash: str = "",
    data: dict[str, Any] | None = None,
    entity_id: int | None = None,
    audiences: Collection[Audience] | None = None,
) -> Event:
    """The next event of a locked report, not saved; its number and hash are the report's from now on.

    The report's `event_count` and `head_hash` change in memory; the caller saves both. `entity_id` is whose
    event it is: the present entity's by default.
    """
    event = Event(
        report=report,
        sequence=report.event_count + 1,
        code=code,
        at=at,
        actor_kind=kind_of(actor),
        actor_id=id_of(actor),
        entity_id=entity_id if entity_id is not None else report.entity_id,
        audiences=bits(TRANSITIONS[code].audiences if audiences is None else audiences),
        from_state=from_state,
        to_state=report.state,
        data=data or {},
        text_hash=text_hash,
        format=FORMAT,
        previous_hash=report.head_hash,
    )
    event.hash = chained_hash(event, report.public_id)
    report.event_count = event.sequence
    report.head_hash = event.hash
    return event


def append(
    report: Report,
    code: str,
    *,
    actor: Actor,
    at: datetime,
    from_state: str,
    text: str = "",
    data: dict[str, Any] | None = None,
    entity_id: int | None = None,
    audiences: Collection[Audience] | None = None,
) -> Event:
    """Append one event to a locked report, in the caller's transaction; the caller saves the report."""
    salt = new_salt() if text else ""
    event = made(
        report,
        code,
        actor=actor,
        at=at,
        from_state=from_state,
        text_hash=text_hash(text, salt) if text else "",
        data=data,
        entity_id=entity_id,
        audiences=audiences,
    )
    event.save(force_insert=True)
    if text:
        EventText.objects.create(event=event, text=text, salt=salt)
    return event


@cache
def _subscribers(paths: tuple[str, ...]) -> tuple[Callable[[Event, Report], None], ...]:
    return tuple(import_string(path) for path in paths)


def tell(event: Event, report: Report) -> None:
    """Let the subscribers write their outbox rows; called when the report is saved, before the commit."""
    with effects.gathered():
        for subscriber in _subscribers(tuple(settings.SAWT_EVENT_SUBSCRIBERS)):
            subscriber(event, report)
