"""Reading the history: what the sender reads, and what a member of staff may read of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from cms.entities.models import Place, Service
from cms.entities.naming import in_language
from permissions.policy import Scope

from .audiences import Audience, is_for
from .merging import (
    COMMON_TEXTS,
    TOLD,
    followed_state,
    is_common,
    primary_of,
    read_chains,
    with_primaries,
)
from .models import Event, Reason, Report
from .workflow import TRANSITIONS, SenderState, State, sender_state

WRITTEN_BY_ENTITY = ("ask_sender", "update_sender", "answer", "reject", "acknowledge")
OFFICIAL = ("answer", "reject", "acknowledge")
NEW_ROUND = ("reopen", "appeal")
# Of these a message may be files alone.
WITH_FILES = ("sender_reply", "add_information")
WRITTEN_BY_SENDER = ("sender_reply", "add_information", "reopen", "appeal", "withdraw")


def heading(report: Report, service: Service, place: Place) -> str:
    """What a report is shown as: its title; where its sender wrote none, what it is about and where."""
    return report.title or gettext("%(service)s, %(place)s") % {"service": service.name, "place": place.name}


@dataclass(frozen=True)
class Entry:
    """One line of the sender's timeline. `text` is what the sender may read of it, often nothing.

    `common`: it happened to the report that this one is merged with.
    """

    at: datetime
    code: str
    label: str
    state: SenderState
    text: str
    actor_kind: str
    entity_name: str
    common: bool = False


@dataclass(frozen=True)
class Message:
    """One text of the conversation; `author` is `sender` or `entity`. `common`: said to a merged group.

    `reason`: what was chosen at reopening, in the reader's language; its text may be empty then.
    """

    at: datetime
    author: str
    text: str
    event_code: str
    entity_name: str
    common: bool = False
    event_id: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Answer:
    text: str
    at: datetime
    entity_name: str
    common: bool = False


def events_of(report: Report) -> list[Event]:
    """All events with their texts, oldest first: one query, kept on the instance for one request."""
    kept: list[Event] | None = getattr(report, "_events_read", None)
    if kept is None:
        kept = list(report.events.select_related("body", "actor", "entity").order_by("sequence"))
        report._events_read = kept  # type: ignore[attr-defined]
    return kept


def read_for_senders(reports: Sequence[Report]) -> None:
    """What the senders of these reports read of their events, kept on the instances."""
    own = {report.pk for report in reports}
    chains = read_chains(own | {report.merged_into_id for report in reports if report.merged_into_id})
    told = with_primaries(reports, {pk: chains[pk] for pk in own}, chains)
    for report in reports:
        report._senders_events = told[report.pk]  # type: ignore[attr-defined]


def senders_events(report: Report) -> list[Event]:
    if not hasattr(report, "_senders_events"):
        read_for_senders([report])
    kept: list[Event] = report._senders_events  # type: ignore[attr-defined]
    return kept


def text_of(event: Event) -> str:
    body = getattr(event, "body", None)
    return body.text if body is not None else ""


def _entity_name(event: Event) -> str:
    return in_language(event.entity, "name") if event.entity is not None else ""


# What each step is called to its sender; every other one has the table's own label.
SENDER_LABELS: dict[str, Promise] = {
    "submit": _("Your report was received"),
    "route": _("Passed to the entity"),
    "transfer": _("Passed to another entity"),
    "set_place": _("The place was corrected"),
    "set_service": _("The service was corrected"),
    "return": _("Back with the emirate, to find the right entity"),
    "assign": _("Under study at the entity"),
    "start": _("Work has started"),
    "draft_reply": _("Work has started"),
    "ask_sender": _("The entity asks you a question"),
    "withdraw_question": _("The question was withdrawn"),
    "sender_reply": _("You replied"),
    "add_information": _("You added information"),
    "update_sender": _("News from the entity"),
    "answer": _("The entity answered"),
    "acknowledge": _("Your thanks were read"),
    "accept": _("You accepted the reply"),
    "rate": _("You rated the reply"),
    "reopen": _("The report was opened again"),
    "appeal": _("You appealed; another supervisor decides"),
    "auto_close": _("Closed, as the time to reopen has passed"),
    "auto_expire": _("Closed, as no reply came"),
    "reject": _("The report was not accepted"),
    "withdraw": _("You withdrew the report"),
    "merge": _("Joined with a similar report: what is said about that one is said to you"),
    "unmerge": _("Parted again from the similar report"),
    "promote": _("Your report goes on by itself"),
    "split": _("Your report was divided into parts"),
    "postpone": _("The date was moved for days off"),
}


def _name_of_days(event: Event) -> str:
    first, second = ("name_en", "name_ar") if (get_language() or "ar")[:2] == "en" else ("name_ar", "name_en")
    return str(event.data.get(first) or event.data.get(second) or "")


def _sender_label(event: Event) -> str:
    label = str(SENDER_LABELS.get(event.code) or TRANSITIONS[event.code].label)
    named = _name_of_days(event) if event.code == "postpone" else ""
    return gettext("%(step)s: %(name)s") % {"step": label, "name": named} if named else label


def sender_timeline(report: Report) -> list[Entry]:
    """What the sender reads, oldest first. A state that changed unseen shows as state and time alone."""
    entries: list[Entry] = []
    shown: SenderState | None = None
    followed = SenderState.WITH_ENTITY
    for event in senders_events(report):
        if is_common(event, report):
            followed = followed_state(event.to_state)
            if event.code in TOLD or (followed != shown and event.code not in ("merge", "promote")):
                entries.append(_common_entry(event, followed))
                shown = followed
            continue
        state = sender_state(event.to_state) if event.to_state != State.MERGED else followed
        theirs = is_for(event, Audience.SENDER)
        if not theirs and state == shown:
            continue
        texts = WRITTEN_BY_ENTITY + WRITTEN_BY_SENDER
        entries.append(
            Entry(
                at=event.at,
                code=event.code if theirs else "start",
                # Unseen, and the report only follows another primary from now on: the state alone.
                label=_sender_label(event) if theirs or event.to_state != State.MERGED else str(state.label),
                state=state,
                text=text_of(event) if theirs and event.code in texts else "",
                actor_kind=event.actor_kind,
                entity_name=_entity_name(event) if theirs else "",
            )
        )
        shown = state
    return entries


def _common_entry(event: Event, state: SenderState) -> Entry:
    """A step of the primary. One that its own sender caused shows as the new state alone, by nobody."""
    told = event.code in TOLD
    return Entry(
        at=event.at,
        code=event.code if told else "start",
        label=_sender_label(event) if told else str(state.label),
        state=state,
        text=text_of(event) if event.code in COMMON_TEXTS else "",
        actor_kind=event.actor_kind if told else Event.ActorKind.SYSTEM,
        entity_name=_entity_name(event) if told else "",
        common=True,
    )


def conversation(report: Report) -> list[Message]:
    """What the entity and the sender wrote to each other, oldest first.

    The official text that holds now stands apart (`answer_of`); those of earlier rounds stay readable here.
    """
    messages = []
    events = senders_events(report)
    reasons = _reopening_reasons(events)
    own = [event for event in events if not is_common(event, report)]
    reopened = max((event.sequence for event in own if event.code in NEW_ROUND), default=0)
    for event in events:
        common = is_common(event, report)
        if common and event.code != "update_sender":
            continue
        earlier = event.code in OFFICIAL and not common and event.sequence < reopened
        if earlier or event.code in ("ask_sender", "update_sender"):
            author = "entity"
        elif event.code in WRITTEN_BY_SENDER and event.actor_kind == Event.ActorKind.SENDER:
            author = "sender"
        else:
            continue
        text = text_of(event)
        reason = reasons.get(event.data.get("reason", ""), "") if event.code == "reopen" else ""
        if text or reason or event.code in WITH_FILES:
            messages.append(
                Message(event.at, author, text, event.code, _entity_name(event), common, event.pk, reason)
            )
    return messages


def _reopening_reasons(events: Sequence[Event]) -> dict[str, str]:
    """By code; asked for only where one was chosen."""
    chosen = {event.data["reason"] for event in events if event.code == "reopen" and event.data.get("reason")}
    if not chosen:
        return {}
    return {row.code: row.label for row in Reason.objects.filter(used_for="reopen", code__in=chosen)}


def answer_of(report: Report) -> Answer | None:
    """The last official text: the answer, the refusal, or what was said to thanks. None while open."""
    if (primary_of(report) or report).state not in (State.ANSWERED, State.CLOSED, State.REJECTED):
        return None
    for event in reversed(senders_events(report)):
        if event.code in OFFICIAL:
            text = text_of(event)
            common = is_common(event, report)
            return Answer(text, event.at, _entity_name(event), common) if text else None
        if event.code in NEW_ROUND:
            return None
    return None


def staff_timeline(report: Report, scope: Scope) -> list[Event]:
    """The events whose audiences include this member of staff, who sees the report; oldest first."""
    return [event for event in events_of(report) if staff_reads(event, scope, report)]


def staff_reads(event: Event, scope: Scope, report: Report) -> bool:
    """Entity: who may see reports of the event's own entity; leadership: who holds direct_reports there;
    audit: who holds view_audit, and the report's grantees. What the sender reads, whoever sees the report
    reads.
    """
    entity = event.entity_id
    inside = scope.has("view_reports", entity) or scope.has("view_assigned_reports", entity)
    reads_audit = scope.everywhere("view_audit") or scope.has("view_confidential", report.entity_id)
    return (
        is_for(event, Audience.SENDER)
        or (is_for(event, Audience.ENTITY) and inside)
        or (is_for(event, Audience.LEADERSHIP) and scope.has("direct_reports", entity))
        or (is_for(event, Audience.AUDIT) and reads_audit)
    )
