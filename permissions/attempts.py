"""Slowing those who guess. Counters live in the database, so every process sees the same ones."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F
from django.utils.crypto import salted_hmac

from .models import Attempts


def hashed(kind: str, key: str) -> str:
    """What a counter is kept under."""
    # Keys are references, numbers and addresses: keyed, so that nobody finds a number by trying them all.
    safe = key.encode("utf-8", "replace").decode()
    return salted_hmac(f"sawt.attempts.{kind}", safe, algorithm="sha256").hexdigest()


def failures(kind: str, key: str, *, at: datetime) -> tuple[int, int]:
    """(failures in the present window, seconds until it ends)."""
    rows = Attempts.objects.filter(key_hash=hashed(kind, key), window_until__gt=at)
    # One row at most.
    for count, until in rows.values_list("failures", "window_until"):
        return count, max(1, int((until - at).total_seconds()))
    return 0, 0


def blocked(kind: str, key: str, *, limit: int, at: datetime) -> int | None:
    """Seconds to wait where the limit of this window is reached; None where it is not."""
    count, wait = failures(kind, key, at=at)
    return wait if count >= limit else None


def fail(kind: str, key: str, *, window: timedelta, at: datetime) -> None:
    """Count one failure; a new window begins where none runs."""
    key_hash = hashed(kind, key)
    if Attempts.objects.filter(key_hash=key_hash, window_until__gt=at).update(failures=F("failures") + 1):
        return
    Attempts.objects.update_or_create(
        key_hash=key_hash, defaults={"failures": 1, "window_until": at + window}
    )


def forget(kind: str, key: str) -> None:
    Attempts.objects.filter(key_hash=hashed(kind, key)).delete()


def sweep(*, at: datetime) -> int:
    """Remove windows that have passed; how many there were."""
    return Attempts.objects.filter(window_until__lte=at).delete()[0]
