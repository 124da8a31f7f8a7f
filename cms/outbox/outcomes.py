"""What becomes of a claimed effect: done, later, held, cancelled, given up. Written while the claim holds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime

from django.db import InterfaceError, OperationalError
from django.db.models import F

from .handlers import OURS, Cancel, Hold, Permanent, Registered, Retry
from .models import Effect

log = logging.getLogger(__name__)

State = Effect.State
# What passes by itself.
TRANSIENT = (OperationalError, InterfaceError, ConnectionError, TimeoutError)
# What a handler says of its effect; anything else that it raises was not meant.
VERDICTS = (Hold, Cancel, Permanent, Retry)


class ClaimLost(Exception):
    """The lease passed while this worker was at it, and another has taken the effect."""


def end(effect: Effect, **changes: object) -> None:
    """Write an outcome, if the claim still holds."""
    mine = Effect.objects.filter(pk=effect.pk, state=State.CLAIMED, claimed_by=effect.claimed_by)
    if not mine.update(lease_until=None, claimed_by="", **changes):
        raise ClaimLost(effect.key)


def end_done(effects: Collection[Effect], *, wiped: Collection[int], at: datetime) -> None:
    """Mark effects done that are locked and known to be held; `wiped` of them lose their parameters."""
    changes = {"state": State.DONE, "done_at": at, "last_error": "", "held_reason": ""}
    keys = [effect.pk for effect in effects]
    if wiped:
        Effect.objects.filter(pk__in=wiped).update(payload={})
    Effect.objects.filter(pk__in=keys).update(lease_until=None, claimed_by="", **changes)


def hold_together(effects: Collection[Effect], hold: Hold, *, by: str) -> None:
    """Effects of one worker that nobody can do now; no attempt is counted."""
    mine = Effect.objects.filter(
        pk__in=[effect.pk for effect in effects], state=State.CLAIMED, claimed_by=by, attempts__gt=0
    )
    mine.update(
        state=State.PENDING,
        lease_until=None,
        claimed_by="",
        not_before=hold.until,
        held_reason=str(hold)[:40],
        attempts=F("attempts") - 1,
    )


def give_back(effects: Collection[Effect]) -> None:
    """Effects that were claimed and not begun: somebody takes them at once, and no attempt is counted."""
    for effect in effects:
        mine = Effect.objects.filter(pk=effect.pk, state=State.CLAIMED, claimed_by=effect.claimed_by)
        mine.update(
            state=State.PENDING, lease_until=None, claimed_by="", attempts=max(effect.attempts - 1, 0)
        )


def wiped(row: Registered | None) -> dict[str, object]:
    return {"payload": {}} if row is not None and row.wipe else {}


def settle(effect: Effect, row: Registered | None, error: Exception, now: Callable[[], datetime]) -> None:
    """Write what an exception means for its effect; never raises for a claim that is lost."""
    try:
        _settle(effect, row, error, now)
    except ClaimLost:
        lost(effect)


def lost(effect: Effect) -> None:
    log.warning("outbox: another worker has taken %s", effect)


def _settle(effect: Effect, row: Registered | None, error: Exception, now: Callable[[], datetime]) -> None:
    if isinstance(error, ClaimLost):
        raise error
    if isinstance(error, Hold):
        end(
            effect,
            state=State.PENDING,
            not_before=error.until,
            held_reason=str(error)[:40],
            attempts=max(effect.attempts - 1, 0),
        )
    elif isinstance(error, Cancel):
        end(effect, state=State.CANCELLED, done_at=now(), last_error=str(error)[:500], **wiped(row))
    elif isinstance(error, Permanent):
        log.error("outbox: %s failed for good: %s", effect, error)
        end(effect, state=State.FAILED, done_at=now(), **_why(error), **wiped(row))
    elif isinstance(error, (Retry, *TRANSIENT)):
        _later(effect, row, error, now)
    else:
        # A bug of ours: the row stays to be seen and tried again once it is mended.
        log.error("outbox: %s broke", effect, exc_info=error)
        reason = f"{type(error).__name__}: {error}"[:500]
        end(effect, state=State.FAILED, done_at=now(), last_error=reason, **wiped(row))


def _later(effect: Effect, row: Registered | None, error: Exception, now: Callable[[], datetime]) -> None:
    pauses = row.pauses if row is not None else OURS
    why = _why(error)
    if effect.attempts >= pauses.most:
        log.error("outbox: gave up on %s after %s attempts: %s", effect, effect.attempts, why["last_error"])
        end(effect, state=State.FAILED, done_at=now(), **why, **wiped(row))
        return
    pause = pauses.after(effect.attempts)
    if asked := getattr(error, "after", None):
        pause = max(pause, asked)
    end(effect, state=State.PENDING, held_reason="", not_before=now() + pause, **why)


def _why(error: Exception) -> dict[str, object]:
    return {"last_error": str(error)[:500] or type(error).__name__, "via": getattr(error, "via", "")}
