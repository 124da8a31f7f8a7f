"""Each working morning of the region: who watches a search is told how much is new in it, if anything is.

New is what was received on the days since they were told last, up to yesterday, and is theirs to see now.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.http import QueryDict

from cms.content.dates import local_day
from cms.entities.snapshot import Catalogue, catalogue
from cms.notifications.audiences import Audience
from cms.notifications.telling import News, tell_many
from cms.reports.actors import StaffActor
from cms.reports.lateness import morning
from cms.reports.standstill import working_calendar
from permissions.models import User
from permissions.policy import Scope, scope_of
from search import searching

from ..access import SEES, sees_reports
from ..models import SearchWatch
from .address import read
from .saved import readable, yesterday

log = logging.getLogger(__name__)
EVENT = "search_watch"
# Of one run: the next minute goes on.
BATCH = 100


def is_morning(cat: Catalogue, at: datetime) -> bool:
    """Of a day that the region works on, within the hours of sending."""
    if cat.region_calendar_id is None:
        return False
    opens, closes = (time.fromisoformat(text) for text in settings.SAWT_SENDING_HOURS)
    calendar = working_calendar(cat.calendar_version(cat.region_calendar_id, at))
    hours = morning(calendar, local_day(at), opens, closes)
    return hours is not None and hours[0] <= at < hours[1]


def run(at: datetime) -> int:
    """How many were told of something."""
    cat = catalogue()
    if not is_morning(cat, at):
        return 0
    until, told = yesterday(at), 0
    due = SearchWatch.objects.filter(told_until__lt=until, person__is_active=True).order_by("pk")
    for watch in due.select_related("search", "person")[:BATCH]:
        try:
            told += _tell(watch, until, cat, at)
        except Exception:
            # The others are told; this one is tried again in a minute.
            log.exception("a watched search was not asked")
    return told


def new_in(query: str, person: User, since: date, until: date, cat: Catalogue, at: datetime) -> int:
    """How many reports of these days, both included, the search finds for this person."""
    reading = read(QueryDict(query), cat)
    since, until = max(since, reading.since or since), min(until, reading.until or until)
    if since > until:
        return 0
    limited = replace(reading, since=since, until=until, after="")
    return searching.search(StaffActor(person), limited.asked(size=1, highlights=False), at=at).total


def _tell(watch: SearchWatch, until: date, cat: Catalogue, at: datetime) -> int:
    person, scope = watch.person, scope_of(watch.person, at=at)
    if not sees_reports(scope) or not readable(person, at).filter(pk=watch.search_id).exists():
        watch.delete()
        return 0
    new = new_in(watch.search.query, person, watch.told_until + timedelta(days=1), until, cat, at)
    with transaction.atomic():
        mine = SearchWatch.objects.filter(pk=watch.pk, told_until=watch.told_until)
        if not mine.update(told_until=until, new=new) or not new:
            return 0
        news = News(
            event=EVENT,
            key=f"watch:{watch.pk}:{until.isoformat()}",
            at=at,
            audience=Audience.WATCHER,
            entity_id=_at(scope),
            values={"count": new, "search": watch.search.name},
        )
        return tell_many([([person], news)])


def _at(scope: Scope) -> int | None:
    """An entity where they see reports, at which it is asked later if they still do; None: the region."""
    if any(scope.everywhere(codename) for codename in SEES):
        return None
    return min(pk for codename in SEES for pk in scope.at(codename))
