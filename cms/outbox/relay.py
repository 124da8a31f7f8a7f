"""Doing what is in the outbox: claim by lease, do, mark; again later where that may help; give up visibly."""

from __future__ import annotations

import logging
import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from .handlers import Cancel, Hold, Permanent, Registered, Retry, registered
from .models import Effect

log = logging.getLogger(__name__)

State = Effect.State
BATCH = 20
# Longer than the slowest handler's timeouts together with the rest of its batch.
LEASE = timedelta(seconds=120)
MOST_ATTEMPTS = 12
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
# What passes by itself.
TRANSIENT = (OperationalError, InterfaceError, ConnectionError, TimeoutError)


class ClaimLost(Exception):
    """The lease passed while this worker was at it, and another has taken the effect."""


def pause_after(attempts: int) -> timedelta:
    """10 s, 20 s, 40 s … an hour, each up to a quarter longer so that many do not come back at once."""
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 12), LONGEST_PAUSE)
    return pause * (1 + random.random() / 4)  # noqa: S311 (spreading, not secrecy)


def _locked(rows: QuerySet[Effect]) -> QuerySet[Effect]:
    # SQLite takes its one write lock at BEGIN, so that there nobody else is inside.
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True)
    return rows


def claim(worker: str, *, at: datetime, batch: int = BATCH, lease: timedelta = LEASE) -> list[Effect]:
    """Take effects that are due, or whose worker's lease has passed."""
    due = Effect.objects.filter(state=State.PENDING, not_before__lte=at)
    orphaned = Effect.objects.filter(state=State.CLAIMED, lease_until__lt=at)
    if not due.exists() and not orphaned.exists():
        # An idle sweep takes no write lock.
        return []
    with transaction.atomic():
        rows = list(_locked(due.order_by("-priority", "not_before", "pk"))[:batch])
        if len(rows) < batch:
            rows += list(_locked(orphaned.order_by("lease_until", "pk"))[: batch - len(rows)])
        Effect.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.CLAIMED, claimed_by=worker, lease_until=at + lease, attempts=F("attempts") + 1
        )
    for row in rows:
        row.state, row.claimed_by, row.lease_until = State.CLAIMED, worker, at + lease
        row.attempts += 1
    return rows


def _end(effect: Effect, **changes: object) -> None:
    """Write an outcome, if the claim still holds."""
    mine = Effect.objects.filter(pk=effect.pk, state=State.CLAIMED, claimed_by=effect.claimed_by)
    if not mine.update(lease_until=None, claimed_by="", **changes):
        raise ClaimLost(effect.key)


def _wiped(row: Registered | None) -> dict[str, object]:
    return {"payload": {}} if row is not None and row.wipe else {}


def _later(effect: Effect, row: Registered | None, error: Exception, now: Callable[[], datetime]) -> None:
    reason = str(error)[:500] or type(error).__name__
    if effect.attempts >= MOST_ATTEMPTS:
        log.error("outbox: gave up on %s after %s attempts: %s", effect, effect.attempts, reason)
        _end(effect, state=State.FAILED, last_error=reason, done_at=now(), **_wiped(row))
        return
    pause = getattr(error, "after", None) or pause_after(effect.attempts)
    _end(effect, state=State.PENDING, last_error=reason, not_before=now() + pause)


def do(effect: Effect, *, now: Callable[[], datetime] = timezone.now) -> None:
    """One claimed effect, to an outcome; never raises for what the effect itself did."""
    row = registered(effect.kind)
    try:
        try:
            if row is None:
                # A worker of another version, perhaps: its code knows the kind.
                raise Retry(f"no handler for {effect.kind}")
            record = row.handler(effect)
            with transaction.atomic():
                if record is not None:
                    record()
                _end(effect, state=State.DONE, done_at=now(), last_error="", held_reason="", **_wiped(row))
        except Hold as hold:
            _end(
                effect,
                state=State.PENDING,
                not_before=hold.until,
                held_reason=str(hold)[:40],
                attempts=max(effect.attempts - 1, 0),
            )
        except Cancel as cancel:
            _end(effect, state=State.CANCELLED, done_at=now(), last_error=str(cancel)[:500], **_wiped(row))
        except Permanent as error:
            log.error("outbox: %s failed for good: %s", effect, error)
            _end(effect, state=State.FAILED, done_at=now(), last_error=str(error)[:500], **_wiped(row))
        except (Retry, *TRANSIENT) as error:
            _later(effect, row, error, now)
        except ClaimLost:
            raise
        except Exception as error:
            # A bug of ours: the row stays to be seen and tried again once it is mended.
            log.exception("outbox: %s broke", effect)
            reason = f"{type(error).__name__}: {error}"[:500]
            _end(effect, state=State.FAILED, done_at=now(), last_error=reason, **_wiped(row))
    except ClaimLost:
        log.warning("outbox: another worker has taken %s", effect)


def run(
    *,
    worker: str = "",
    now: Callable[[], datetime] = timezone.now,
    limit: int | None = None,
    seconds: float = 50,
) -> int:
    """Do what is due until nothing is, or for so long; how many were done. Any number may run at once."""
    worker = worker or uuid.uuid4().hex
    batch = getattr(settings, "SAWT_OUTBOX_BATCH", BATCH)
    stop = timezone.now() + timedelta(seconds=seconds)
    count = 0
    while limit is None or count < limit:
        rows = claim(worker, at=now(), batch=batch if limit is None else min(batch, limit - count))
        for row in rows:
            do(row, now=now)
        count += len(rows)
        if len(rows) < batch or timezone.now() > stop:
            break
    return count
