"""Thin: what nobody needs any more."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from cms.outbox.leases import lease
from permissions import attempts

from . import codes, throttles


@shared_task(name="cms.notifications.tasks.purge", ignore_result=True)
def purge() -> int:
    with lease("notifications-purge", 3000) as held:
        if not held:
            return 0
        now = timezone.now()
        return codes.purge(at=now) + throttles.purge(at=now, keep=timedelta(days=2)) + attempts.sweep(at=now)
