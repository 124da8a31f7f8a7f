"""One message a leader and working morning about what is late: how many, how many of them new, the oldest,
and a short link. Where nothing is late nothing is sent; a weekly summary goes to who asked for one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from cms.entities.models import Entity
from cms.entities.snapshot import Catalogue, catalogue
from cms.reports.lateness import Heap, Whose, heaps, is_first_of_week, last_morning, morning
from cms.reports.models import DigestRun, DigestTold
from cms.reports.standstill import working_calendar
from permissions.models import User
from permissions.policy import scope_of

from .audiences import Audience
from .models import Channel
from .people import Audiences, found_by
from .telling import News, tell_many

WEEKLY = "late_weekly"
# Event of the digest, by audience; who is of several hears of all in the words of the first.
EVENTS: dict[str, str] = {
    Audience.EMIRATE_LEADER: "late_emirate",
    Audience.SUPERVISOR: "late_supervisor",
    Audience.ENTITY_LEADER: "late_digest",
}


@dataclass
class Due:
    """A calendar whose morning has begun. `since`: when the one before did. `weekly`: the week begins."""

    calendar_id: int
    since: datetime
    weekly: bool


@dataclass
class OfPerson:
    """What one person's digest is about. `entity`: one whose reports are theirs; none for the region's."""

    person: User
    heap: Heap = field(default_factory=Heap)
    audiences: set[str] = field(default_factory=set)
    entity: Entity | None = None
    calendars: set[int] = field(default_factory=set)

    @property
    def audience(self) -> str:
        return next(audience for audience in EVENTS if audience in self.audiences)


def due_calendars(cat: Catalogue, now: datetime) -> tuple[date, list[Due]]:
    """Today, and the calendars whose morning it is and whose digests are not written yet. One statement."""
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    opens, closes = (time.fromisoformat(text) for text in settings.SAWT_SENDING_HOURS)
    ids = {entity.calendar_id for entity in cat.entities} | {cat.region_calendar_id}
    found: list[Due] = []
    for pk in sorted(each for each in ids if each is not None):
        calendar = working_calendar(cat.calendar_version(pk, now))
        hours = morning(calendar, today, opens, closes)
        if hours is not None and hours[0] <= now < hours[1]:
            since = last_morning(calendar, today, opens, closes)
            found.append(Due(pk, since, is_first_of_week(calendar, today)))
    done = set(DigestRun.objects.filter(day=today).values_list("calendar_id", flat=True)) if found else set()
    return today, [each for each in found if each.calendar_id not in done]


def run(now: datetime) -> int:
    """Write the digests whose morning has come; to how many people."""
    cat = catalogue()
    today, due = due_calendars(cat, now)
    if not due:
        return 0
    with transaction.atomic():
        runs = [DigestRun(day=today, calendar_id=each.calendar_id, at=now) for each in due]
        DigestRun.objects.bulk_create(runs)
        since = {each.calendar_id: each.since for each in due}
        people = [one for one in by_person(cat, now) if one.calendars & since.keys()]
        written = _tell(people, since, today, now)
        _tell_weekly(cat, {each.calendar_id for each in due if each.weekly}, people, now)
    return written


def by_person(cat: Catalogue, now: datetime) -> list[OfPerson]:
    """What is late, by who hears of it."""
    audiences = Audiences(now)
    scopes: dict[int, Any] = {}
    found: dict[int, OfPerson] = {}
    for whose, heap in heaps(cat, now).items():
        for person in _people(audiences, whose, cat):
            if whose.about is not None:
                scope = scopes.setdefault(person.pk, scope_of(person, at=now))
                if whose.about in scope.kin:
                    continue
            one = found.setdefault(person.pk, OfPerson(person))
            one.heap.join(heap)
            one.audiences.add(whose.audience)
            entity = cat.entity_ever(whose.entity)
            if found_by(whose.audience).everywhere or entity is None:
                one.calendars.add(cat.region_calendar_id or 0)
            else:
                one.entity = one.entity or entity
                one.calendars.add(entity.calendar_id)
    return list(found.values())


def _people(audiences: Audiences, whose: Whose, cat: Catalogue) -> list[User]:
    """What is in triage has no entity: then any will do, as its audience is the region's."""
    entity = cat.entity_ever(whose.entity) or next(iter(cat.entities), None)
    return audiences.of(whose.audience, entity) if entity is not None else []


def _tell(people: list[OfPerson], since: dict[int, datetime], today: date, now: datetime) -> int:
    before: dict[int, datetime] = {}
    earlier = DigestTold.objects.filter(person__in=[one.person.pk for one in people])
    for person, day, at in earlier.order_by("at").values_list("person_id", "day", "at"):
        before[person] = at
        if day == today:
            people = [one for one in people if one.person.pk != person]
    told, rows = [], []
    for one in people:
        assert one.heap.oldest is not None  # noqa: S101 (a heap is never empty)
        begins = before.get(one.person.pk) or min(since[pk] for pk in one.calendars & since.keys())
        new = sum(moment > begins for moment in one.heap.since.values())
        due_at, reference = one.heap.oldest
        late = len(one.heap.since)
        rows.append(DigestTold(person=one.person, day=today, at=now, late=late, new=new, oldest=reference))
        values = {
            "count": late,
            "new": new,
            "reference": reference,
            "age": _days(due_at, now),
            "triage": len(one.heap.triage),
        }
        everywhere = found_by(one.audience).everywhere
        told.append(
            (
                [one.person],
                News(
                    event=EVENTS[one.audience],
                    key=f"digest:{today.isoformat()}",
                    at=now,
                    audience=one.audience,
                    entity_id=None if everywhere or one.entity is None else one.entity.pk,
                    channels=sorted({Channel.INBOX.value, *one.heap.channels}),
                    values=values,
                ),
            )
        )
    DigestTold.objects.bulk_create(rows)
    return tell_many(told)


def _tell_weekly(cat: Catalogue, calendars: set[int], people: list[OfPerson], now: datetime) -> None:
    """To every leader of an entity whose week begins; the table of rules says that it is asked for."""
    late = {one.person.pk: one for one in people}
    audiences = Audiences(now)
    told = []
    for entity in cat.entities:
        if entity.calendar_id not in calendars:
            continue
        for person in audiences.of(Audience.ENTITY_LEADER, entity):
            heap = late[person.pk].heap if person.pk in late else Heap()
            week_ago = now.timestamp() - 7 * 24 * 3600
            values = {
                "count": len(heap.since),
                "new": sum(moment.timestamp() > week_ago for moment in heap.since.values()),
            }
            key = f"weekly:{now.date().isoformat()}"
            news = News(
                event=WEEKLY,
                key=key,
                at=now,
                audience=Audience.ENTITY_LEADER,
                entity_id=entity.pk,
                values=values,
            )
            told.append(([person], news))
    tell_many(told)


def _days(due_at: datetime, now: datetime) -> int:
    zone = ZoneInfo(settings.TIME_ZONE)
    return (now.astimezone(zone).date() - due_at.astimezone(zone).date()).days
