"""From one event of a report to everybody on the staff who is told of it, by the table of rules.

The event's transaction writes one outbox row; who is meant is found when that is done, seconds later, so that
an action costs its actor nothing, and whom the rules mean is asked as things are then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from cms.outbox.effects import NewEffect
from cms.outbox.handlers import Cancel, register
from cms.outbox.models import Effect
from cms.reports.models import Event, Report
from permissions.models import User

from . import senders
from .models import Channel, Notice, Rule
from .people import AUDIENCES, Audiences, alert_nobody
from .staff import overtaken_by
from .telling import News, Table, notice_of, tell_many

STAFF_NEWS = "staff_news"

# Steps of a report that rules may speak of. What is not here tells nobody and costs no row.
STEPS = (
    "submit",
    "route",
    "transfer",
    "return",
    "appeal",
    "assign",
    "reassign",
    "sender_reply",
    "add_information",
    "draft_reply",
    "send_back",
    "accept",
    "rate",
    "reopen",
    "withdraw",
    "split",
    "set_priority",
    "direct",
    "directive_done",
    "directive_decline",
)
# Only who was given it by this very step: the others have heard.
TO_NEWCOMERS = ("assign", "reassign")


def effect_of(event: Event, report: Report) -> NewEffect | None:
    """The row that an event's transaction writes; None where no rule may speak of it."""
    if event.code not in STEPS:
        return None
    payload = {
        "report": report.pk,
        "event": event.code,
        "sequence": event.sequence,
        "entity": event.entity_id,
        "actor": event.actor_id,
        "at": event.at.isoformat(),
    }
    return NewEffect(STAFF_NEWS, payload, f"{STAFF_NEWS}:{report.pk}:{event.sequence}")


@register(STAFF_NEWS)
def spread(effect: Effect) -> Callable[[], None]:
    now = senders.clock()
    report = Report.objects.select_related("entity").filter(pk=effect.payload["report"]).first()
    if report is None or report.erased_at is not None:
        raise Cancel("erased")
    if overtaken := overtaken_by(effect, report):
        raise Cancel(f"obsolete: {overtaken}")
    rules = list(Rule.objects.filter(event=effect.payload["event"], is_active=True))
    if not rules:
        raise Cancel("no rule")
    # In the transaction that ends the effect: everybody is told, and once.
    return lambda: _tell(effect.payload, report, sorted({rule.audience for rule in rules}), now)


def _tell(payload: dict[str, Any], report: Report, audiences: Sequence[str], now: datetime) -> None:
    found = Audiences(now, [report])
    told: list[tuple[Sequence[User], News]] = []
    for audience in audiences:
        people = found.of(audience, report)
        if not people and AUDIENCES[audience].codename:
            alert_nobody(payload["event"], audience, report, at=now)
        told.append((_meant(people, payload, report), news_of(payload, report, audience)))
    tell_many(told)


def _meant(people: Sequence[User], payload: dict[str, Any], report: Report) -> list[User]:
    """Less who did it themselves."""
    meant = [person for person in people if person.pk != payload["actor"]]
    if payload["event"] in TO_NEWCOMERS and meant:
        since = datetime.fromisoformat(payload["at"])
        new = set(report.assignments.filter(since=since, until=None).values_list("person_id", flat=True))
        meant = [person for person in meant if person.pk in new]
    return meant


def news_of(payload: dict[str, Any], report: Report, audience: str) -> News:
    return News(
        event=payload["event"],
        key=f"report:{report.pk}:{payload['sequence']}",
        at=datetime.fromisoformat(payload["at"]),
        audience=audience,
        report=report,
        entity_id=payload["entity"],
        sequence=payload["sequence"],
        urgent=report.priority == "urgent",
    )


def past_notices(events: Sequence[tuple[Event, Report]], until: datetime) -> list[Notice]:
    """What the inboxes would hold at `until` of a history that was loaded: unsaved, of what still holds."""
    table = Table({event.code for event, _ in events})
    reports = Report.objects.select_related("entity").in_bulk({report.pk for _, report in events})
    found = Audiences(until, reports.values())
    notices: dict[tuple[int, str], Notice] = {}
    for event, given in events:
        report = reports.get(given.pk)
        effect = effect_of(event, given)
        if report is None or effect is None or overtaken_by(Effect(payload=dict(effect.payload)), report):
            continue
        for audience in {rule.audience for rule in table.rules.values() if rule.event == event.code}:
            news = news_of(dict(effect.payload), report, audience)
            if table.channels(news).get(Channel.INBOX, Rule.Mode.OFF) == Rule.Mode.OFF:
                continue
            for person in _meant(found.of(audience, report), dict(effect.payload), report):
                notices.setdefault((person.pk, news.key), notice_of(person, news, table, in_inbox=True))
    return list(notices.values())
