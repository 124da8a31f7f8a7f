"""A report changed: its document has to be renewed. One row of the outbox, in the change's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from cms.outbox import effects
from cms.outbox.effects import NewEffect
from cms.reports.models import Event, Report

from .scope import CHANGED, LINE, PENDING_ACCESS

# Steps that change neither whose a report is, nor who works on it, nor its privacy, nor take away what can be
# found. After every other one a document that is behind could tell of what may not be seen any more.
SAME_ACCESS = frozenset(
    (
        *("submit", "start", "ask_sender", "withdraw_question", "sender_reply", "add_information"),
        *(
            "update_sender",
            "draft_reply",
            "send_back",
            "answer",
            "acknowledge",
            "accept",
            "rate",
            "auto_close",
        ),
        *("postpone", "late", "direct", "directive_done", "directive_decline", "note", "attach"),
        *("set_priority", "set_place", "set_service"),
    )
)

_later: ContextVar[set[int] | None] = ContextVar("later", default=None)


def on_report_event(event: Event, report: Report) -> None:
    """For settings.SAWT_EVENT_SUBSCRIBERS."""
    later = _later.get()
    if later is not None:
        later.add(report.pk)
        return
    kind = CHANGED if event.code in SAME_ACCESS else PENDING_ACCESS
    effects.enqueue_many([_effect(kind, report.pk, report.revision)], at=event.at)


def _effect(kind: str, pk: int, revision: int, again: str = "") -> NewEffect:
    key = f"{kind}:{pk}:{revision}{again}"
    return NewEffect(kind, {"report": pk, "revision": revision}, key, line=LINE)


def ask_for(ids: Iterable[int], *, at: datetime) -> None:
    """Renew these documents although their reports did not change."""
    stamp = f":{at:%Y%m%d%H%M%S%f}"
    effects.enqueue_many([_effect(CHANGED, pk, 0, stamp) for pk in ids], at=at)


@contextmanager
def later() -> Iterator[set[int]]:
    """For loads of history: nothing is written; whoever loads renews at its end what is in the set."""
    ids: set[int] = set()
    token = _later.set(ids)
    try:
        yield ids
    finally:
        _later.reset(token)
