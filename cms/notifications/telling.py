"""Telling members of staff, inside the transaction of what there is to tell: inbox rows and outbox effects.

Rows hold parameters; words are found when a message is read or leaves (`cms.notifications.staff`), in the
person's own language. Once for each key, person and channel, however often it is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cms.entities.models import Entity
from cms.outbox import effects
from cms.outbox.effects import NewEffect
from cms.reports.models import Report
from permissions.models import User

from . import hours, live
from .models import Channel, Choice, Notice, Preferences, Rule, SmsTemplate
from .placeholders import checked

STAFF_SMS, STAFF_EMAIL, STAFF_DIGEST = "staff_sms", "staff_email", "staff_digest"
URGENT = 10
SUNDAY = 6


@dataclass(frozen=True)
class News:
    """One thing to tell one audience.

    `key`: its identity, at most 100 signs, as in 'report:12:7' or 'late:42:2'. `channels`: by default those
    of the table of rules; where some are given, the table still says what people may turn off or on, and one
    that it has no row for is always told. `template`: by default the rule's, else the text of this event and
    audience. `values`: what the event brings (`placeholders`): numbers as int, days as ISO text. `sequence`:
    of the report's event it follows from; what comes later may make it untrue. `urgent`: at night too, to who
    chose so.
    """

    event: str
    key: str
    at: datetime
    audience: str
    report: Report | None = None
    entity_id: int | None = None
    template: SmsTemplate | None = None
    channels: Sequence[str] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    sequence: int | None = None
    urgent: bool = False


def tell(
    people: Iterable[User],
    *,
    event: str,
    key: str,
    at: datetime,
    audience: str,
    report: Report | None = None,
    entity: Entity | None = None,
    template: SmsTemplate | None = None,
    channels: Sequence[str] | None = None,
    values: Mapping[str, Any] | None = None,
    urgent: bool = False,
) -> int:
    """Tell these people one thing; how many of them hear of it over some channel. See `News`.

    Three SELECTs and at most two INSERTs, whatever the number of people; `tell_many` for many things at once.
    """
    news = News(
        event=event,
        key=key,
        at=at,
        audience=audience,
        report=report,
        entity_id=entity.pk if entity is not None else None,
        template=template,
        channels=channels,
        values=values or {},
        urgent=urgent,
    )
    return tell_many([(list(people), news)])


def tell_many(told: Sequence[tuple[Sequence[User], News]]) -> int:
    """The same for many things at once, in the same number of statements; how many (person, thing) pairs."""
    told = [(people, news) for people, news in told if people]
    if not told:
        return 0
    table = Table({news.event for _, news in told})
    wishes = Wishes({person.pk for people, _ in told for person in people})
    notices: list[Notice] = []
    messages: list[NewEffect] = []
    heard = 0
    for people, news in told:
        for person in people:
            channels = [
                channel
                for channel, mode in table.channels(news).items()
                if wishes.wants(person.pk, news.event, channel, mode)
            ]
            if not channels:
                continue
            heard += 1
            digest_at = wishes.digest_at(person.pk, news.at) if Channel.EMAIL in channels else None
            if Channel.INBOX in channels or digest_at is not None:
                in_inbox = Channel.INBOX in channels
                notices.append(notice_of(person, news, table, in_inbox=in_inbox, digest_at=digest_at))
            if Channel.SMS in channels:
                messages.append(_message(STAFF_SMS, person, news, table))
            if digest_at is not None:
                messages.append(_digest(person, digest_at))
            elif Channel.EMAIL in channels:
                messages.append(_message(STAFF_EMAIL, person, news, table))
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    live.inbox_changed(notice.person_id for notice in notices if notice.in_inbox)
    effects.enqueue_many(messages, at=max(news.at for _, news in told))
    return heard


class Table:
    """The rules of some events."""

    def __init__(self, events: Iterable[str]) -> None:
        rows = Rule.objects.filter(event__in=set(events))
        self.rules = {(row.event, row.audience, row.channel): row for row in rows}

    def channels(self, news: News) -> dict[str, str]:
        """Channel → mode."""
        rows = {channel: self.rules.get((news.event, news.audience, channel)) for channel in Channel.values}
        if news.channels is None:
            return {channel: rule.mode for channel, rule in rows.items() if rule and rule.is_active}
        given = {channel: rows[channel] for channel in news.channels}
        return {
            channel: rule.mode if rule else Rule.Mode.ALWAYS
            for channel, rule in given.items()
            if rule is None or rule.is_active
        }

    def mode(self, event: str, audience: str, channel: str) -> str:
        rule = self.rules.get((event, audience, channel))
        return rule.mode if rule else Rule.Mode.ALWAYS

    def template_id(self, news: News, channel: str) -> int | None:
        if news.template is not None:
            return news.template.pk
        rule = self.rules.get((news.event, news.audience, channel))
        return rule.template_id if rule else None


class Wishes:
    """What some people chose."""

    def __init__(self, people: Iterable[int]) -> None:
        ids = set(people)
        chosen = Choice.objects.filter(person__in=ids)
        self.choices = {(row.person_id, row.event, row.channel): row.wanted for row in chosen}
        self.preferences = {row.person_id: row for row in Preferences.objects.filter(person__in=ids)}

    def wants(self, person: int, event: str, channel: str, mode: str) -> bool:
        if mode == Rule.Mode.ALWAYS:
            return True
        return self.choices.get((person, event, channel), mode == Rule.Mode.ON)

    def digest_at(self, person: int, at: datetime) -> datetime | None:
        row = self.preferences.get(person)
        if row is None or row.digest == Preferences.Digest.NONE:
            return None
        return hours.next_morning(at, SUNDAY if row.digest == Preferences.Digest.WEEKLY else None)


def _entity_id(news: News) -> int | None:
    if news.entity_id is not None:
        return news.entity_id
    return news.report.entity_id if news.report is not None else None


def notice_of(
    person: User, news: News, table: Table, *, in_inbox: bool, digest_at: datetime | None = None
) -> Notice:
    return Notice(
        person=person,
        report_id=news.report.pk if news.report is not None else None,
        entity_id=_entity_id(news),
        event=news.event,
        audience=news.audience,
        template_id=table.template_id(news, Channel.INBOX if in_inbox else Channel.EMAIL),
        values=checked(news.values),
        key=news.key,
        at=news.at,
        in_inbox=in_inbox,
        digest_at=digest_at,
    )


def _message(kind: str, person: User, news: News, table: Table) -> NewEffect:
    channel = Channel.SMS if kind == STAFF_SMS else Channel.EMAIL
    payload = {
        "person": person.pk,
        "report": news.report.pk if news.report is not None else None,
        "entity": _entity_id(news),
        "event": news.event,
        "audience": str(news.audience),
        "template": table.template_id(news, channel),
        "values": checked(news.values),
        "sequence": _sequence(news),
        "urgent": news.urgent,
        "at": news.at.isoformat(),
    }
    return NewEffect(kind, payload, f"{kind}:{news.key}:{person.pk}", priority=URGENT if news.urgent else 0)


def _sequence(news: News) -> int | None:
    if news.sequence is not None or news.report is None:
        return news.sequence
    return news.report.event_count


def _digest(person: User, at: datetime) -> NewEffect:
    """One for each person and morning, whatever it will hold."""
    return NewEffect(
        STAFF_DIGEST,
        {"person": person.pk, "event": "digest", "at": at.isoformat()},
        f"{STAFF_DIGEST}:{person.pk}:{hours.local_day(at)}",
        not_before=at,
    )
