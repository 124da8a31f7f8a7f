"""Writing effects, inside the transaction of what causes them; and what the outbox screen does with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from . import correlation
from .models import Effect

State = Effect.State
FINISHED = (State.DONE, State.CANCELLED)


@dataclass(frozen=True)
class NewEffect:
    """`key` is the effect's identity: a second one of the same key is not written."""

    kind: str
    payload: Mapping[str, Any]
    key: str
    not_before: datetime | None = None
    priority: int = 0
    held_reason: str = ""
    line: str = ""


_gathering: ContextVar[list[Effect] | None] = ContextVar("gathering", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """What is written within is written at its end, in one INSERT."""
    if _gathering.get() is not None:
        yield
        return
    rows: list[Effect] = []
    token = _gathering.set(rows)
    try:
        yield
    finally:
        _gathering.reset(token)
    _write(rows)


def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str,
    at: datetime,
    not_before: datetime | None = None,
    priority: int = 0,
    held_reason: str = "",
) -> None:
    """One effect, due `at` or `not_before`; done by the relay after the commit."""
    enqueue_many([NewEffect(kind, payload, key, not_before, priority, held_reason)], at=at)


def enqueue_many(effects: Iterable[NewEffect], *, at: datetime) -> None:
    """Many effects in one INSERT; keys that exist already are left alone."""
    asked = correlation.present()
    rows = [
        Effect(
            kind=effect.kind,
            payload=dict(effect.payload),
            key=effect.key,
            not_before=effect.not_before or at,
            priority=effect.priority,
            held_reason=effect.held_reason,
            line=effect.line,
            created_at=at,
            correlation=asked,
        )
        for effect in effects
    ]
    waiting = _gathering.get()
    if waiting is None:
        _write(rows)
    else:
        waiting += rows


def _write(rows: list[Effect]) -> None:
    if not rows:
        return
    Effect.objects.bulk_create(rows, ignore_conflicts=True)
    # What does a line looks for its work by itself, every second.
    if all(row.line for row in rows):
        return
    if not any(call[1] is wake for call in connection.run_on_commit):
        transaction.on_commit(wake)


def wake() -> None:
    """Ask a worker to run the relay now. The sweep does so anyway: a broker that is down only delays."""
    from .tasks import wake_relay

    wake_relay()


def cancel(keys: Iterable[str], *, at: datetime, reason: str) -> int:
    """Effects that wait and are no longer wanted; how many there were."""
    waiting = Effect.objects.filter(key__in=list(keys), state=State.PENDING)
    return waiting.update(state=State.CANCELLED, last_error=reason, payload={}, done_at=at)


def release_claims() -> int:
    """Give back what workers hold that are known to be gone, before their leases pass; how many.

    Only where one process does all the work and has just started: elsewhere the lease decides.
    """
    held = Effect.objects.filter(state=State.CLAIMED)
    return held.update(state=State.PENDING, lease_until=None, claimed_by="")


def archive(*, at: datetime, keep: timedelta, batch: int = 1000) -> int:
    """Move finished rows out of the way of the relay; what came of them is recorded elsewhere."""
    old = Effect.objects.filter(state__in=FINISHED, done_at__lt=at - keep).order_by("done_at")
    removed = 0
    while keys := list(old.values_list("pk", flat=True)[:batch]):
        removed += Effect.objects.filter(pk__in=keys).delete()[0]
    return removed


def oldest_waiting(at: datetime) -> timedelta | None:
    """How long the longest overdue effect has waited; None where none is overdue."""
    first = (
        Effect.objects.filter(state=State.PENDING, not_before__lte=at)
        .order_by("not_before")
        .values_list("not_before", flat=True)
        .first()
    )
    return None if first is None else at - first
