"""Sliding limits in the database, so that every process and every restart knows them."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from .models import Throttle


def key_of(*parts: str) -> str:
    """A keyed hash of whom this is about: what is stored names neither a number nor an address."""
    newest = settings.SAWT_SECRET_KEYS[max(settings.SAWT_SECRET_KEYS)]
    message = "\0".join(("throttle", *parts)).encode("utf-8", "replace")
    return hmac.new(newest.encode(), message, hashlib.sha256).hexdigest()


def locked(key: str, at: datetime) -> Throttle:
    """The row, made where it is missing, locked until the caller's transaction ends."""
    Throttle.objects.bulk_create([Throttle(key=key, updated_at=at)], ignore_conflicts=True)
    rows: QuerySet[Throttle] = Throttle.objects.filter(key=key)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    return rows.get()


def wait_for_room(row: Throttle, *, limit: int, window: timedelta, at: datetime) -> int:
    """Seconds until one more is within `limit` per sliding `window`; 0 where there is room now."""
    since = (at - window).timestamp()
    row.stamps = [stamp for stamp in row.stamps if stamp > since]
    if len(row.stamps) < limit:
        return 0
    oldest = datetime.fromtimestamp(row.stamps[-limit], UTC)
    return max(int((oldest + window - at).total_seconds()) + 1, 1)


def count(row: Throttle, at: datetime) -> None:
    row.stamps = [*row.stamps, at.timestamp()]
    row.updated_at = at
    row.save(update_fields=["stamps", "updated_at"])


def purge(*, at: datetime, keep: timedelta) -> int:
    return Throttle.objects.filter(updated_at__lt=at - keep).delete()[0]
