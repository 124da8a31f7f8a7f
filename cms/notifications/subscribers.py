"""What happens to a report, turned into messages: one outbox row for its sender, in the same transaction,
one for the sender of each report that is merged with it, and one from which the staff are told.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cms.content.dates import gregorian
from cms.outbox import effects
from cms.reports.audiences import Audience, is_for
from cms.reports.models import ContactPreference, Event, Report

from . import following, live, spreading, subscribed
from .forgetting import forget_report

if TYPE_CHECKING:
    from collections.abc import Iterator

SENDER_SMS, ENTITY_EMAIL = "sender_sms", "entity_email"

# Event → template. Whether a template is optional, and so not sent, is asked when it is sent.
TO_SENDER = {
    "submit": "submit",
    "route": "route",
    "transfer": "transfer",
    "update_sender": "update_sender",
    "ask_sender": "ask_sender",
    "answer": "answer",
    "acknowledge": "update_sender",
    "accept": "accept",
    "reopen": "reopen",
    "auto_close": "auto_close",
    "auto_expire": "auto_expire",
    "reject": "reject",
    "withdraw": "withdraw",
    "merge": "merge",
    "split": "split",
    "postpone": "due_moved_holiday",
}
# What the senders of merged reports are told of their primary. That no reply came to a question is news to
# them: it was not theirs. A primary that is withdrawn or rejected has no members any more.
TO_MEMBERS = {
    "route": "route",
    "transfer": "transfer",
    "update_sender": "update_sender",
    "answer": "answer",
    "acknowledge": "update_sender",
    "reopen": "reopen",
    "auto_close": "auto_close",
    "auto_expire": "update_sender",
}

# Event → what, coming later to the same report, makes its message untrue: held through the night, it would be
# read after the news that overtook it.
MADE_UNTRUE_BY = {
    "route": ("return", "transfer", "reject", "withdraw"),
    "transfer": ("return", "transfer", "reject", "withdraw"),
    "ask_sender": ("withdraw_question", "sender_reply", "transfer", "auto_expire", "withdraw"),
    "answer": ("accept", "reopen", "auto_close"),
    "acknowledge": ("reopen",),
    "reject": ("appeal", "reopen"),
    "reopen": ("answer", "reject", "withdraw"),
    "accept": ("reopen",),
    "auto_close": ("reopen",),
    "auto_expire": ("reopen",),
    "postpone": ("answer", "reject", "withdraw", "transfer", "return", "merge", "postpone"),
    "merge": ("unmerge", "promote", "reopen", "withdraw"),
}


@dataclass
class Past:
    """What was recorded of a history: whose senders hear of which events, and all events."""

    senders: list[tuple[Event, Report]] = field(default_factory=list)
    events: list[tuple[Event, Report]] = field(default_factory=list)


_past: ContextVar[Past | None] = ContextVar("past", default=None)


def on_report_event(event: Event, report: Report) -> None:
    """For settings.SAWT_EVENT_SUBSCRIBERS: one INSERT where a message may follow, else nothing."""
    if event.code == "erase":
        forget_report(report)
        return
    told, letters = _senders(event, report)
    past = _past.get()
    if past is not None:
        past.senders += [(event, each) for each in told]
        past.events.append((event, report))
        return
    live.report_changed(event, report)
    messages = [_message(event, each) for each in told]
    messages += [_message(event, each, ENTITY_EMAIL) for each in letters]
    if (news := spreading.effect_of(event, report)) is not None:
        messages.append(news)
    messages += following.effects_of(event, report)
    messages += subscribed.effects_of(event, report)
    effects.enqueue_many(messages, at=event.at)


def _senders(event: Event, report: Report) -> tuple[list[Report], list[Report]]:
    """The reports whose senders are told: people, and entities."""
    if report.is_confidential or not is_for(event, Audience.SENDER):
        return [], []
    if report.parent_id is not None and (event.code == "split" or "with_whole" in event.data):
        # Its sender hears of all parts at once, by the report that was split.
        return [], []
    if event.code == "auto_close" and report.parent is not None and report.parent.closed_at is not None:
        # Its sender knows one number, and has heard that it is closed.
        return [], []
    told = [report] if event.code in TO_SENDER else []
    if event.code in TO_MEMBERS:
        told += report.members.all()
    letters = [each for each in told if each.is_letter and not is_own_act(event, each)]
    told = [
        each
        for each in told
        if each.sender_id is not None and each.contact_preference != ContactPreference.NEVER
    ]
    return told, letters


def _message(event: Event, report: Report, kind: str = SENDER_SMS) -> effects.NewEffect:
    """To the one person that sent it; to an entity by mail, since no telephone is an entity's."""
    return effects.NewEffect(
        kind,
        {
            "report": report.pk,
            "event": event.code,
            # What overtakes it is asked of the report's own history.
            "sequence": event.sequence if event.report_id == report.pk else None,
            "template": template_of(event, report),
            "entity": event.entity_id,
            "at": event.at.isoformat(),
            "own_act": is_own_act(event, report),
            **_said(event, report),
        },
        key_of(event, report),
    )


def _said(event: Event, report: Report) -> dict[str, Any]:
    """What a text says of the event itself: of a moved time, for which days off and to which day."""
    if event.code != "postpone":
        return {}
    due = {move["promise"]: move["due"] for move in event.data["moved"]}
    latest = datetime.fromisoformat(due.get("resolution") or next(iter(due.values())))
    name = event.data["name_en" if report.language == "en" else "name_ar"]
    return {"values": {"holiday": name, "due": gregorian(latest, report.language, weekday=False)}}


def template_of(event: Event, report: Report) -> str:
    """The text for the sender of this report, which is the event's own or one merged with it."""
    return (TO_SENDER if event.report_id == report.pk else TO_MEMBERS)[event.code]


def is_own_act(event: Event, report: Report) -> bool:
    return event.actor_kind == Event.ActorKind.SENDER and event.report_id == report.pk


def key_of(event: Event, report: Report) -> str:
    """One message for each event and sender."""
    own = f"sms:{report.pk}:{event.sequence}"
    return own if event.report_id == report.pk else f"sms:{report.pk}:{event.report_id}.{event.sequence}"


@contextmanager
def recording_the_past(until: datetime | None = None) -> Iterator[None]:
    """For loads of history: nothing is sent; at the end each message is recorded as sent at its time.

    Enter it around the actions; what failed half way records nothing, nor does what the night would still
    hold back at `until`.
    """
    from .past import record, record_inboxes

    past = Past()
    token = _past.set(past)
    try:
        yield
    finally:
        _past.reset(token)
    record(past.senders, until)
    record_inboxes(past.events, until)
