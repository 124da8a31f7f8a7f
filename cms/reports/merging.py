"""What the sender of a merged report reads of its primary: its states and what is said to all, no more.

Never the primary's conversation, reference, files or sender. What a report followed, and for how long, stands
in its own events, so that what was once told to its sender stays told when it follows no longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import Any

from django.db.models import BigIntegerField, Q, QuerySet

from .compiled import Compiled, Parameter
from .models import Event, Report
from .workflow import SenderState, State, sender_state

COLUMNS_OF_SENDER = (
    "report_id",
    "sequence",
    "code",
    "at",
    "actor_kind",
    "audiences",
    "to_state",
    "body__text",
    "entity__name_ar",
    "entity__name_en",
)
# Events of a report's own chain in which it begins or ends to follow another one.
LINKS = ("merge", "unmerge", "promote", "reopen", "withdraw")
# Of the primary's events: what is told to members as it is told to the primary's sender.
TOLD = frozenset(
    {
        "route",
        "transfer",
        "return",
        "assign",
        "start",
        "update_sender",
        "answer",
        "acknowledge",
        "auto_close",
    }
)
# Of these the members read the text too.
COMMON_TEXTS = frozenset({"update_sender", "answer", "acknowledge"})


def primary_of(report: Report) -> Report | None:
    """The report that this one follows."""
    return report.merged_into if report.state == State.MERGED else None


def followed_state(state: str) -> SenderState:
    """A primary's state to a member's sender: it is not their reply that is waited for."""
    word = sender_state(state)
    return SenderState.IN_PROGRESS if word is SenderState.AWAITING_SENDER else word


def state_for_sender(report: Report) -> SenderState:
    """What the report's sender reads: a merged one shows its primary's state."""
    primary = primary_of(report)
    return followed_state(primary.state) if primary is not None else sender_state(report.state)


def is_common(event: Event, report: Report) -> bool:
    """An event of the primary, told to the members of the group."""
    return event.report_id != report.pk


@dataclass(frozen=True)
class _Span:
    """The primary that was followed, from which event of its chain until which (None: still)."""

    primary_id: int
    since: int
    until: int | None


def with_primaries(
    reports: Iterable[Report], own: Mapping[int, list[Event]], read: Mapping[int, list[Event]]
) -> dict[int, list[Event]]:
    """Each report's events with those of the primaries it followed among them, in the order of telling.

    `read`: the events of the present primaries, by report. One query where a report was ever merged, a second
    one where it followed another primary before.
    """
    ever = {report.pk for report in reports if any(event.code == "merge" for event in own[report.pk])}
    if not ever:
        return dict(own)
    links: dict[int, dict[int, Any]] = {pk: {} for pk in ever}
    rows = Event.objects.filter(report_id__in=ever, code__in=LINKS)
    for pk, sequence, data in rows.values_list("report_id", "sequence", "data"):
        links[pk][sequence] = data
    spans = {pk: _spans(own[pk], links[pk]) for pk in ever}
    missing = {span.primary_id for each in spans.values() for span in each.values()} - set(read)
    chains = {**read, **read_chains(missing)}
    return {
        pk: _woven(events, spans[pk], chains) if pk in ever else list(events) for pk, events in own.items()
    }


def read_chains(ids: Iterable[int]) -> dict[int, list[Event]]:
    """What senders read of these reports' events, in one narrow query: it is the most frequent."""
    chains: dict[int, list[Event]] = {pk: [] for pk in ids}
    if not chains:
        return chains
    # A report alone, or with the one it follows.
    if len(chains) <= 2:
        events: Iterable[Event] = _chains_of(len(chains))(**{f"r{n}": pk for n, pk in enumerate(chains)})
    else:
        events = _events_of(Q(report_id__in=chains))
    for event in events:
        chains[event.report_id].append(event)
    return chains


def _events_of(reports: Q) -> QuerySet[Event]:
    events = Event.objects.filter(reports).select_related("body", "entity")
    return events.only(*COLUMNS_OF_SENDER).order_by("report_id", "sequence")


@cache
def _chains_of(count: int) -> Compiled[Event]:
    any_of = [Q(report_id=Parameter(f"r{n}", BigIntegerField())) for n in range(count)]
    return Compiled(lambda: _events_of(reduce(or_, any_of)))


def _spans(events: Sequence[Event], links: Mapping[int, Any]) -> dict[int, _Span]:
    """By the number of the own event with which each began."""
    begun: dict[int, _Span] = {}
    last: int | None = None
    for event in events:
        data = links.get(event.sequence) or {}
        if last is not None and "until" in data:
            span = begun[last]
            begun[last], last = _Span(span.primary_id, span.since, data["until"]), None
        if "primary" in data:
            begun[event.sequence] = _Span(data["primary"], data["since"], None)
            last = event.sequence
    return begun


def _woven(
    own: Sequence[Event], spans: Mapping[int, _Span], chains: Mapping[int, list[Event]]
) -> list[Event]:
    """The primary's event at `since` stands before the own one that begins the span: it has the state."""
    woven: list[Event] = []
    waiting: list[Event] = []
    for event in own:
        span = spans.get(event.sequence)
        ends = span is not None or event.code in LINKS
        while waiting and (ends or waiting[0].at <= event.at):
            woven.append(waiting.pop(0))
        if span is not None:
            followed = [e for e in chains[span.primary_id] if _within(e.sequence, span)]
            woven += followed[:1]
            waiting = followed[1:]
        woven.append(event)
    return woven + waiting


def _within(sequence: int, span: _Span) -> bool:
    return span.since <= sequence and (span.until is None or sequence <= span.until)
