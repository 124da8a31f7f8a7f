"""One sweep at a time, however many beats there are."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from .models import Lease

# By how much the clocks of two machines may differ.
SKEW = timedelta(minutes=1)


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
        # One that reaches further than it was ever taken for is from before the clock was set back.
        free = Q(until__lte=now) | Q(until__gt=until + SKEW)
        held = bool(Lease.objects.filter(free, name=name).update(until=until, holder=holder))
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
