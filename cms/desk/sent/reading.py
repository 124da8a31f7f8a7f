"""One report as the entity that sent it reads it: what a sender reads, and which colleague wrote what.

Nothing internal of the entity that has it: no notes, drafts, names or reasons for the staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from cms.entities.asking import asked
from cms.entities.snapshot import catalogue
from cms.reports.facts import APPEAL_WINDOW
from cms.reports.files import reading
from cms.reports.merging import primary_of, state_for_sender
from cms.reports.models import Attachment, Event, Report
from cms.reports.splitting import parts_of
from cms.reports.timeline import Entry, answer_of, conversation, sender_timeline
from cms.reports.workflow import OPEN, SenderState

from ..queue.rows import place_name, subject_of
from ..states import event_icon, icon_of

RELATED = ("service", "place", "entity", "sender_entity", "parent", "merged_into", "merged_into__entity")


@dataclass(frozen=True)
class Line:
    """A step of the timeline. `who`: the entity, or the colleague, whose it was."""

    at: datetime
    label: str
    icon: str
    who: str
    state: str
    text: str = ""


@dataclass(frozen=True)
class Said:
    at: datetime
    ours: bool
    author: str
    person: str
    text: str
    files: Sequence[Attachment] = ()


def _colleagues(report: Report) -> dict[tuple[datetime, str], str]:
    """(when, what) → which of the sender's own people it was."""
    rows = Event.objects.filter(report=report, actor_kind=Event.ActorKind.SENDER).select_related("actor")
    return {(row.at, row.code): row.actor.name for row in rows if row.actor is not None}


def _lines(entries: Sequence[Entry], report: Report, names: dict[tuple[datetime, str], str]) -> list[Line]:
    """Newest first."""
    own = report.sender_entity.name if report.sender_entity else ""
    found = []
    shown: SenderState | None = None
    for entry in entries:
        who = entry.entity_name
        if entry.actor_kind == Event.ActorKind.SENDER and not entry.common:
            person = names.get((entry.at, entry.code), "")
            who = gettext("%(person)s, for %(entity)s") % {"person": person, "entity": own} if person else own
        state = str(entry.state.label) if entry.state != shown else ""
        found.append(Line(entry.at, entry.label, event_icon(entry.code), who, state))
        shown = entry.state
    return found[::-1]


def gather(report: Report, now: datetime) -> dict[str, Any]:
    known = catalogue()
    names = _colleagues(report)
    files = reading.by_event(reading.of_sender(report))
    word = state_for_sender(report)
    primary = primary_of(report)
    own = report.sender_entity.name if report.sender_entity else ""
    service = known.service_by_id(report.service_id)
    entries = sender_timeline(report)
    rating = report.ratings.filter(round=report.round).first()
    return {
        "report": report,
        "subject": subject_of(report.title, report.text),
        "state": {"code": word.value, "label": word.label, "icon": icon_of(word.value)},
        "is_late": report.state in OPEN and report.next_due_at is not None and report.next_due_at < now,
        "is_open": (primary or report).state in OPEN,
        # A merged report stands where its primary does.
        "holder": (primary or report).entity,
        "is_merged": primary is not None,
        "place": place_name(report.place_id, known) or report.place.name,
        "answers": [row for row in asked(service, report.answers) if row.value] if service else [],
        "answer": answer_of(report),
        "conversation": [
            Said(
                message.at,
                message.author == "sender",
                own if message.author == "sender" else message.entity_name,
                names.get((message.at, message.event_code), "") if message.author == "sender" else "",
                message.text or message.reason,
                files.get(message.event_id or 0, []),
            )
            for message in conversation(report)
        ],
        "report_files": [
            row
            for rows in files.values()
            for row in rows
            if row.event is not None and row.event.code in ("submit", "split")
        ],
        "lines": _lines(entries, report, names),
        "parts": [
            {"report": part, "state": state_for_sender(part), "icon": icon_of(state_for_sender(part).value)}
            for part in parts_of(report)
        ],
        "rating": rating,
        "reopen_until": (primary or report).reopen_until,
        "appeal_until": report.closed_at + APPEAL_WINDOW
        if report.state == "rejected" and report.closed_at and report.appealed_at is None
        else None,
    }
