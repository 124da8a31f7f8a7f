"""Thin: what nobody needs any more, and the morning's digests."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from cms.outbox.leases import lease
from permissions import attempts

from . import codes, digests, forgetting, inbox, throttles


@shared_task(name="cms.notifications.tasks.purge", ignore_result=True)
def purge() -> int:
    with lease("notifications-purge", 3000) as held:
        if not held:
            return 0
        now = timezone.now()
        texts = timedelta(days=settings.SAWT_MESSAGE_TEXTS_DAYS)
        forgetting.drop_texts(at=now, keep=texts)
        gone = codes.purge(at=now) + throttles.purge(at=now, keep=timedelta(days=2)) + attempts.sweep(at=now)
        return gone + inbox.purge(at=now)


@shared_task(name="cms.notifications.tasks.digest", ignore_result=True)
def digest() -> int:
    """The morning's digests of what is late; to how many people."""
    with lease("notifications-digest", 50) as held:
        return digests.run(timezone.now()) if held else 0
