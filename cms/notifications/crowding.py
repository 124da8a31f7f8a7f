"""How many messages one number gets within an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from cms.outbox.handlers import Hold
from cms.outbox.relay import BATCH

from .models import SentMessage

HOUR = timedelta(hours=1)
CROWDED = "number_crowded"


def near_limit(number: str, at: datetime) -> str:
    """Raises Hold where the number has had its messages of an hour.

    Else '', or near the limit a name: what has it is never under way together (`Send.apart`), so that a
    group is counted exactly. Several workers may each be one over.
    """
    limit = settings.SAWT_SMS_PER_NUMBER
    had = SentMessage.objects.filter(
        to=number, created_at__gt=at - 48 * HOUR, sent_at__gt=at - HOUR, state=SentMessage.State.SENT
    ).order_by("-sent_at")
    times = [sent for sent in had.values_list("sent_at", flat=True)[:limit] if sent is not None]
    if len(times) >= limit:
        raise Hold(times[-1] + HOUR, CROWDED)
    return f"number:{number}" if len(times) + BATCH > limit else ""
