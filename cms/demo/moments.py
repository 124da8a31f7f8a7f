"""When the steps of a report's life happened: in order, in the entity's working time where there is room."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from cms.reports.deadlines import WorkingCalendar

GAP = timedelta(seconds=40)


def between(
    start: datetime, end: datetime, count: int, calendar: WorkingCalendar, rng: random.Random
) -> list[datetime]:
    """`count` rising moments between `start` and `end`, neither of them included."""
    if not count:
        return []
    shares = sorted((step + rng.uniform(0.15, 0.85)) / count for step in range(count))
    first, last = calendar.worked(calendar.minute(start)), calendar.worked(calendar.minute(end))
    if last - first >= 20 * count:
        moments = [
            calendar.moment(calendar.reached(first + max(1, int(share * (last - first)))))
            + timedelta(seconds=rng.randrange(60))
            for share in shares
        ]
    else:
        moments = [start + share * (end - start) for share in shares]
    return in_order(start, moments, end)


def in_order(start: datetime, moments: list[datetime], end: datetime) -> list[datetime]:
    """Strictly rising, and apart from both ends as far as they leave room."""
    gap = min(GAP, (end - start) / (len(moments) + 2))
    latest = [end - gap * (len(moments) - number) for number in range(len(moments))]
    kept: list[datetime] = []
    before = start
    for moment, limit in zip(moments, latest, strict=True):
        before = min(max(moment, before + gap), limit)
        kept.append(before)
    return kept
