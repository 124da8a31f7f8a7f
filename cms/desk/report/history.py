"""The history as the desk shows it: the timeline by audience, the conversation, the internal notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from cms.entities.models import Priority
from cms.entities.snapshot import Catalogue
from cms.reports.audiences import Audience, is_for
from cms.reports.happened import happened
from cms.reports.models import Attachment, Event
from cms.reports.reasons import used_for
from cms.reports.timeline import text_of
from cms.reports.workflow import TRANSITIONS

from .. import words
from ..states import event_icon

TO_SENDER = frozenset({"ask_sender", "update_sender", "answer", "acknowledge", "reject"})
FROM_SENDER = frozenset({"sender_reply", "add_information", "reopen", "appeal", "withdraw", "rate"})
# Their texts stand elsewhere on the page.
ELSEWHERE = TO_SENDER | {
    "sender_reply",
    "add_information",
    "withdraw",
    "note",
    "attach",
    "draft_reply",
    "submit",
}
REASON_INSIDE = frozenset(
    {"return", "route", "transfer", "set_place", "set_service", "merge", "unmerge", "split"}
)
BADGES = {
    Audience.SENDER: "user",
    Audience.ENTITY: "group",
    Audience.LEADERSHIP: "sawt-star",
    Audience.AUDIT: "lock",
}


@dataclass(frozen=True)
class Line:
    """One event. `audience` is the widest that reads it."""

    code: str
    label: str
    icon: str
    at: datetime
    who: str
    audience: str
    audience_label: str
    audience_icon: str
    details: list[str] = field(default_factory=list)
    quote: str = ""
    # The sender reads that it happened, and not why.
    staff_only: bool = False


@dataclass(frozen=True)
class Said:
    """One text of the conversation or one note."""

    at: datetime
    ours: bool
    author: str
    person: str
    text: str
    label: str = ""
    files: Sequence[Attachment] = ()


def audience_labels() -> dict[Audience, str]:
    return {
        Audience.SENDER: gettext("Sender"),
        Audience.ENTITY: gettext("Entity"),
        Audience.LEADERSHIP: gettext("Leadership"),
        Audience.AUDIT: gettext("Audit"),
    }


def _audience(event: Event) -> Audience:
    for audience in (Audience.SENDER, Audience.LEADERSHIP, Audience.ENTITY):
        if is_for(event, audience):
            # What the entity and its leaders read is shown as the entity's.
            return Audience.ENTITY if audience is Audience.LEADERSHIP else audience
    return Audience.AUDIT


def who_did(event: Event, catalogue: Catalogue) -> str:
    if event.actor_kind == Event.ActorKind.STAFF and event.actor:
        return event.actor.name
    if event.actor_kind == Event.ActorKind.SENDER:
        return sender_of(event)
    return gettext("The system")


def sender_of(event: Event) -> str:
    """The entity that sent it, or nobody by name. Which of its people it was is that entity's own matter."""
    entity = event.report.sender_entity
    return entity.name if entity is not None else gettext("The sender")


def lines(
    events: Iterable[Event], catalogue: Catalogue, reasons: dict[tuple[str, str], str], names: dict[int, str]
) -> list[Line]:
    """The timeline, newest first."""
    labels = audience_labels()
    found = []
    for event in events:
        audience = _audience(event)
        found.append(
            Line(
                code=event.code,
                label=happened(event.code),
                icon=event_icon(event.code),
                at=event.at,
                who=who_did(event, catalogue),
                audience=audience.value,
                audience_label=labels[audience],
                audience_icon=BADGES[audience],
                details=_details(event, catalogue, reasons, names),
                quote="" if event.code in ELSEWHERE or _from_sender(event) else text_of(event),
                staff_only=event.code in REASON_INSIDE,
            )
        )
    return found[::-1]


def _from_sender(event: Event) -> bool:
    return event.code in FROM_SENDER and event.actor_kind == Event.ActorKind.SENDER


def _details(
    event: Event, catalogue: Catalogue, reasons: dict[tuple[str, str], str], names: dict[int, str]
) -> list[str]:
    data: dict[str, Any] = event.data or {}
    said = []
    if reason := data.get("reason"):
        said.append(reasons.get((used_for(event.code), reason), str(reason)))
    if event.code in ("assign", "reassign", "take_over"):
        responsible = data.get("responsible")
        people = [responsible, *(p for p in data.get("people", []) if p != responsible)]
        said.append(gettext(", ").join(names[p] for p in people if p in names))
    if event.code in ("route", "submit", "transfer") and (entity := catalogue.entity_ever(event.entity_id)):
        said.append(entity.name)
    said += _corrected(event, catalogue) + _of_group(event) + _of_parts(event)
    if due_on := data.get("due_on"):
        said.append(
            gettext("to be done by %(day)s")
            % {"day": words.calendar_day(date.fromisoformat(due_on), timezone.localdate())}
        )
    if why := data.get("why"):
        said.append(str(why))
    if event.code == "rate" and (score := data.get("score")):
        said.append(gettext("%(score)s of 5") % {"score": score})
    return [part for part in said if part]


def _corrected(event: Event, catalogue: Catalogue) -> list[str]:
    """What it is now, in words; the history itself keeps codes."""
    match event.code:
        case "set_priority":
            return [str(Priority(event.data["priority"]).label)]
        case "set_place":
            place = catalogue.place(event.data["place"])
            return [place.name] if place else []
        case "set_service":
            service = catalogue.service(event.data["service"])
            return [service.name] if service else []
    return []


def _of_group(event: Event) -> list[str]:
    """On which side of a merge this report stood."""
    data: dict[str, Any] = event.data or {}
    if event.code == "merge" and "member" in data:
        return [gettext("Another report was joined to this one")]
    if event.code == "unmerge" and "member" in data:
        return [gettext("A report that was joined to this one left it")]
    if event.code == "merge" and "until" in data:
        return [gettext("It follows another report from here on")]
    return []


def _of_parts(event: Event) -> list[str]:
    """How many parts a split made, or which of them this is."""
    data: dict[str, Any] = event.data or {}
    if event.code != "split":
        return []
    if "parent" in data:
        return [gettext("Part %(number)d of %(count)d") % {"number": data["number"], "count": data["of"]}]
    count = len(data["parts"])
    return [ngettext("%(n)d part", "%(n)d parts", count) % {"n": count}]


def conversation(
    events: Iterable[Event], catalogue: Catalogue, files: Mapping[int, list[Attachment]]
) -> list[Said]:
    """What the sender and the entity wrote to each other, oldest first, with the files by event."""
    said = []
    for event in events:
        ours = event.code in TO_SENDER
        theirs = _from_sender(event)
        text = text_of(event) if ours or theirs else ""
        what = happened(event.code)
        if event.code == "rate":
            what = f"{what}: {score_of(event)}"
        brought = files.get(event.pk, []) if theirs else []
        # A score says something without a word beside it.
        if not text and not brought and event.code != "rate":
            continue
        entity = catalogue.entity_ever(event.entity_id)
        author = (entity.name if entity else gettext("The emirate")) if ours else sender_of(event)
        person = event.actor.name if ours and event.actor else ""
        said.append(Said(event.at, ours, author, person, text, what, brought))
    return said


def remark(events: Iterable[Event], catalogue: Catalogue, reasons: dict[tuple[str, str], str]) -> Said | None:
    """Why the last draft was sent back, until another one is handed in or the reply is sent."""
    last = next((e for e in reversed(list(events)) if e.code in ("send_back", "draft_reply", "answer")), None)
    if last is None or last.code != "send_back":
        return None
    reason = (last.data or {}).get("reason", "")
    label = reasons.get(("send_back", reason), str(reason))
    return Said(last.at, True, who_did(last, catalogue), "", text_of(last), label)


def _last(events: Iterable[Event]) -> Event | None:
    return next((e for e in reversed(list(events)) if TRANSITIONS[e.code].version), None)


def last_by(events: Iterable[Event]) -> int | None:
    """Which member of staff made that step; None for anybody else."""
    last = _last(events)
    return last.actor_id if last is not None else None


def last_step(events: Iterable[Event], catalogue: Catalogue, now: datetime) -> str:
    """Who did what and when, of the last step that made an older page out of date, as the page tells time."""
    last = _last(events)
    if last is None:
        return ""
    return gettext("%(who)s, %(when)s: %(what)s.") % {
        "who": who_did(last, catalogue),
        "when": words.moment(last.at, now),
        "what": happened(last.code),
    }


def rating(events: Iterable[Event], round_: int) -> dict[str, str] | None:
    """What the sender made of the reply of this round."""
    rated = (e for e in events if e.code == "rate" and e.data.get("round") == round_)
    last = next(rated, None)
    if last is None:
        return None
    return {"score": score_of(last), "comment": text_of(last)}


def score_of(event: Event) -> str:
    return gettext("%(score)s of 5") % {"score": event.data["score"]}


def own_files(
    events: Iterable[Event], catalogue: Catalogue, files: Mapping[int, list[Attachment]]
) -> list[Said]:
    """What the entity itself attached, with its word about each."""
    return [
        Said(event.at, True, who_did(event, catalogue), "", text_of(event), files=files[event.pk])
        for event in events
        if event.code == "attach" and event.pk in files
    ]


def notes(events: Iterable[Event], catalogue: Catalogue) -> list[Said]:
    return [
        Said(event.at, True, who_did(event, catalogue), "", text_of(event))
        for event in events
        if event.code == "note"
    ]
