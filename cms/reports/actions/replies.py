"""What the entity writes: questions, interim replies, drafts, the official reply, notes."""

from __future__ import annotations

from datetime import datetime, timedelta

from .. import promises
from ..actors import Actor
from ..models import Report
from ..reasons import reason_with_text
from ..texts import clean_text
from ..workflow import State
from .acting import acting

# From the third question in a round on the resolution clock goes on.
PAUSING_QUESTIONS = 2


def ask_sender(
    report_id: int, *, actor: Actor, version: int | None, text: str, at: datetime | None = None
) -> Report:
    """A question; the resolution clock stops for the first two of a round. Counts as the first reply."""
    question = clean_text(text, field="text", minimum=3, maximum=2000)
    with acting(report_id, "ask_sender", actor=actor, at=at, version=version) as act:
        report = act.report
        report.left_state = report.state
        report.state = State.AWAITING_SENDER
        report.questions_in_round += 1
        report.question_until = act.at + timedelta(days=report.service.sender_wait_days)
        pauses = report.questions_in_round <= PAUSING_QUESTIONS
        promises.meet(report, act.at, promises.Promise.FIRST_REPLY)
        if pauses:
            promises.pause_resolution(report, act.at)
        act.record(question, data={"round": report.round, "pauses": pauses})
    return report


def resume(report: Report, at: datetime) -> dict[str, str]:
    """Leave awaiting_sender for the state it was in; the pause ends. Gives the old and new due time."""
    report.state = report.left_state or State.WITH_ENTITY
    report.left_state = ""
    report.question_until = None
    moved = promises.resume_resolution(report, at)
    return {"was": moved[0].isoformat(), "due": moved[1].isoformat()} if moved else {}


def withdraw_question(
    report_id: int, *, actor: Actor, version: int | None, at: datetime | None = None
) -> Report:
    with acting(report_id, "withdraw_question", actor=actor, at=at, version=version) as act:
        moved = resume(act.report, act.at)
        act.record(data={"round": act.report.round, **moved})
    return act.report


def update_sender(
    report_id: int, *, actor: Actor, text: str, version: int | None = None, at: datetime | None = None
) -> Report:
    """An interim reply that the sender reads."""
    reply = clean_text(text, field="text", minimum=3, maximum=5000)
    with acting(report_id, "update_sender", actor=actor, at=at, version=version) as act:
        promises.meet(act.report, act.at, promises.Promise.FIRST_REPLY)
        act.record(reply, data={"round": act.report.round})
    return act.report


def draft_reply(
    report_id: int, *, actor: Actor, version: int | None, text: str, at: datetime | None = None
) -> Report:
    """A reply for approval. From `assigned` the sender sees the new state and the time alone."""
    draft = clean_text(text, field="text", minimum=3, maximum=5000)
    with acting(report_id, "draft_reply", actor=actor, at=at, version=version) as act:
        act.report.state = State.REPLY_DRAFTED
        act.report.draft = draft
        act.report.draft_by_id = act.recorded_by
        act.record(draft, data={"round": act.report.round})
    return act.report


def send_back(
    report_id: int,
    *,
    actor: Actor,
    version: int | None,
    reason: str,
    text: str = "",
    at: datetime | None = None,
) -> Report:
    """The draft goes back to the specialist, and stays there to be changed."""
    with acting(report_id, "send_back", actor=actor, at=at, version=version) as act:
        given, why = reason_with_text("send_back", reason, text)
        act.report.state = State.IN_PROGRESS
        act.record(why, data={"reason": given.code, "round": act.report.round})
    return act.report


def answer(
    report_id: int, *, actor: Actor, version: int | None, text: str, at: datetime | None = None
) -> Report:
    """The official reply. Both promises are met or missed; the window to reopen begins."""
    reply = clean_text(text, field="text", minimum=3, maximum=5000)
    with acting(report_id, "answer", actor=actor, at=at, version=version) as act:
        report = act.report
        report.state = State.ANSWERED
        report.draft = ""
        report.draft_by = None
        report.answered_at = act.at
        open_window(report, act.at)
        promises.meet(report, act.at, promises.Promise.FIRST_REPLY, promises.Promise.RESOLUTION)
        act.record(reply, data={"round": report.round})
    return report


def acknowledge(
    report_id: int,
    *,
    actor: Actor,
    version: int | None,
    text: str = "",
    at: datetime | None = None,
) -> Report:
    """Thanks were read; the report closes."""
    words = clean_text(text, field="text", maximum=2000)
    with acting(report_id, "acknowledge", actor=actor, at=at, version=version) as act:
        report = act.report
        report.state = State.CLOSED
        report.closed_at = act.at
        open_window(report, act.at)
        promises.end_open(report, act.at)
        act.record(words, data={"round": report.round})
    return report


def open_window(report: Report, at: datetime) -> None:
    """The days in which the sender may reopen count from here."""
    report.reopen_until = at + timedelta(days=report.service.reopen_window_days)


def note(
    report_id: int, *, actor: Actor, text: str, version: int | None = None, at: datetime | None = None
) -> Report:
    """An internal note; the entity alone reads it."""
    words = clean_text(text, field="text", minimum=1, maximum=5000)
    with acting(report_id, "note", actor=actor, at=at, version=version) as act:
        act.record(words, data={"round": act.report.round})
    return act.report
