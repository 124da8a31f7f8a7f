"""One sweep at a time, however many beats there are."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from .models import Lease


@contextmanager
def lease(name: str, seconds: float, *, at: datetime | None = None) -> Iterator[bool]:
    """Yields whether this is the one to run `name` now.

    The lease is kept until it passes, also after a quick run: another beat's tick a second later finds it
    taken. Take a little less than the schedule's interval. A run that raises gives it back.
    """
    now = at or timezone.now()
    holder = uuid.uuid4().hex
    until = now + timedelta(seconds=seconds)
    with transaction.atomic():
        held = bool(Lease.objects.filter(name=name, until__lte=now).update(until=until, holder=holder))
        if not held:
            Lease.objects.bulk_create([Lease(name=name, until=until, holder=holder)], ignore_conflicts=True)
    if not held:
        held = Lease.objects.filter(name=name, holder=holder).exists()
    try:
        yield held
    except BaseException:
        if held:
            Lease.objects.filter(name=name, holder=holder).delete()
        raise
