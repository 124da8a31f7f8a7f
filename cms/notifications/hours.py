"""When messages may ring: settings.SAWT_SENDING_HOURS, wall time of settings.TIME_ZONE."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

HELD = "sending_hours"
# What the recipient's own act caused so lately goes out at any hour: they are awake.
OWN_ACT = timedelta(minutes=15)


def next_open(at: datetime) -> datetime:
    """`at` itself within sending hours, else when they begin."""
    opens, closes = (time.fromisoformat(text) for text in settings.SAWT_SENDING_HOURS)
    local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    if opens <= local.time() < closes:
        return at
    day = local.date() if local.time() < opens else local.date() + timedelta(days=1)
    return datetime.combine(day, opens, tzinfo=local.tzinfo)


def local_day(at: datetime) -> str:
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date().isoformat()
