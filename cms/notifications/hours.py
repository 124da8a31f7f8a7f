"""When messages may ring: settings.SAWT_SENDING_HOURS, wall time of settings.TIME_ZONE."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

HELD = "sending_hours"
QUIET = "quiet_hours"
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


def next_morning(at: datetime, weekday: int | None = None) -> datetime:
    """When sending hours begin next, after `at`; on that day of the week, Monday being 0, if one is given."""
    opens = time.fromisoformat(settings.SAWT_SENDING_HOURS[0])
    zone = ZoneInfo(settings.TIME_ZONE)
    day = at.astimezone(zone).date()
    while True:
        morning = datetime.combine(day, opens, tzinfo=zone)
        if morning > at and weekday in (None, day.weekday()):
            return morning
        day += timedelta(days=1)


def end_of_quiet(at: datetime, quiet_from: time | None, quiet_until: time | None) -> datetime:
    """`at` itself outside a person's quiet hours, which may go past midnight; else when they end."""
    if quiet_from is None or quiet_until is None:
        return at
    local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    now = local.time()
    if quiet_from < quiet_until:
        quiet = quiet_from <= now < quiet_until
    else:
        quiet = now >= quiet_from or now < quiet_until
    if not quiet:
        return at
    day = local.date() + timedelta(days=1 if now >= quiet_until else 0)
    return datetime.combine(day, quiet_until, tzinfo=local.tzinfo)


def local_day(at: datetime) -> str:
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date().isoformat()
