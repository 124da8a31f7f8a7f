"""Slowing who guesses: by client and what they guess at, and more gently by client alone.

Nothing is counted for a reference or a number alone: a stranger's guesses must never keep its owner out. The
pauses are short for the same reason (many honest people may share one client's address); the secret's 60 bits
are what cannot be guessed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from cms.reports.errors import Code, DomainError

from . import throttles
from .models import Throttle

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Slowing:
    """Free failures, then pauses of 2, 4, 8 … seconds up to `longest`; forgotten after `forget` of quiet."""

    free: int
    longest: timedelta
    forget: timedelta = timedelta(hours=1)


PAIR = Slowing(free=5, longest=timedelta(minutes=5))
CLIENT = Slowing(free=30, longest=timedelta(minutes=1))


def _buckets(kind: str, keys: tuple[str, ...]) -> list[tuple[str, Slowing]]:
    client, *rest = keys
    buckets = [(throttles.key_of(kind, client), CLIENT)]
    if rest:
        buckets.append((throttles.key_of(kind, *keys), PAIR))
    return buckets


def check(kind: str, *keys: str, at: datetime) -> None:
    """Before looking at a guess. `keys`: the client first, then what is guessed at (client, reference).

    Raises DomainError(too_many_attempts, retry_after) while a pause lasts.
    """
    hashes = [key for key, _ in _buckets(kind, keys)]
    blocked = Throttle.objects.filter(key__in=hashes, blocked_until__gt=at)
    until = max((row.blocked_until for row in blocked if row.blocked_until), default=None)
    if until is not None:
        seconds = int((until - at).total_seconds()) + 1
        raise DomainError(Code.TOO_MANY_ATTEMPTS, retry_after=seconds)


def fail(kind: str, *keys: str, at: datetime) -> None:
    """After a wrong guess. Call it outside a transaction that the error will undo."""
    for key, slowing in _buckets(kind, keys):
        with transaction.atomic():
            row = throttles.locked(key, at)
            quiet = at - row.updated_at > slowing.forget
            row.failures = 1 if quiet else row.failures + 1
            row.updated_at = at
            over = row.failures - slowing.free
            if over >= 0:
                row.blocked_until = at + min(timedelta(seconds=2 ** min(over + 1, 20)), slowing.longest)
                log.warning("guessing slowed: %s, failure %s of %s…", kind, row.failures, key[:8])
            row.save(update_fields=["failures", "updated_at", "blocked_until"])


def succeed(kind: str, *keys: str) -> None:
    """After a right one: this client's failures at this thing are forgotten, not those at others."""
    if len(keys) > 1:
        Throttle.objects.filter(key=throttles.key_of(kind, *keys)).delete()
