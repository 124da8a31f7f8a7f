"""What happens to a report, turned into messages to its sender: one outbox row in the same transaction."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from cms.outbox import effects
from cms.reports.models import ContactPreference, Event, Report

if TYPE_CHECKING:
    from collections.abc import Iterator

SENDER_SMS = "sender_sms"

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
    "auto_close": ("reopen",),
    "auto_expire": ("reopen",),
}

_past: ContextVar[list[tuple[Event, Report]] | None] = ContextVar("past", default=None)


def on_report_event(event: Event, report: Report) -> None:
    """For settings.SAWT_EVENT_SUBSCRIBERS: one INSERT where a message may follow, else nothing."""
    template = TO_SENDER.get(event.code)
    if template is None or report.sender_id is None or report.is_confidential:
        return
    if report.contact_preference == ContactPreference.NEVER:
        return
    past = _past.get()
    if past is not None:
        past.append((event, report))
        return
    effects.enqueue(
        SENDER_SMS,
        {
            "report": report.pk,
            "event": event.code,
            "sequence": event.sequence,
            "template": template,
            "entity": event.entity_id,
            "at": event.at.isoformat(),
            "own_act": event.actor_kind == Event.ActorKind.SENDER,
        },
        key=f"sms:{report.pk}:{event.sequence}",
        at=event.at,
    )


@contextmanager
def recording_the_past() -> Iterator[None]:
    """For loads of history: nothing is sent; at the end each message is recorded as sent at its time.

    Enter it around the actions; what failed half way records nothing.
    """
    from .past import record

    events: list[tuple[Event, Report]] = []
    token = _past.set(events)
    try:
        yield
    finally:
        _past.reset(token)
    record(events)
