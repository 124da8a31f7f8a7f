"""What the sender does: reply, add, accept, rate, reopen, appeal, withdraw.

Repeated with the same content, each is done once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cms.entities.memberships import people_everywhere
from permissions import audit

from .. import promises
from ..actors import Actor
from ..errors import Code, DomainError
from ..files.intake import NO_FILES, Files, attach_to, check_count, claim, in_event
from ..models import Rating, Reason, Report
from ..texts import clean_text
from ..workflow import OPEN, State, Who
from .acting import Act, Repeated, acting, same_as_last
from .assignments import end_assignments, hand_over
from .merging import group_of, leave, leave_to_reopen, promote_a_member
from .replies import resume
from .splitting import family_of, parts_beside
from .triage import successor_for


def write(
    report_id: int, *, actor: Actor, text: str, files: Files = NO_FILES, at: datetime | None = None
) -> Report:
    """Whatever a sender writes: a reply where the entity waits for one, information otherwise."""
    state = Report.objects.visible_to(actor).filter(pk=report_id).values_list("state", flat=True).first()
    if state is None:
        raise DomainError(Code.NOT_FOUND)
    action = sender_reply if state == State.AWAITING_SENDER else add_information
    return action(report_id, actor=actor, text=text, files=files, at=at)


def sender_reply(
    report_id: int, *, actor: Actor, text: str, files: Files = NO_FILES, at: datetime | None = None
) -> Report:
    """The answer to a question, in words or files; the pause ends and the report is where it was."""
    words = _written(text, files)
    try:
        with acting(
            report_id, "sender_reply", actor=actor, at=at, repeated=_just_written(words, files)
        ) as act:
            rows = claim(files)
            moved = resume(act.report, act.at)
            event = act.record(words, data={"round": act.report.round, **moved, **in_event(rows)})
            attach_to(event, act.report, rows)
    except Repeated as same:
        return same.report
    return act.report


def add_information(
    report_id: int, *, actor: Actor, text: str, files: Files = NO_FILES, at: datetime | None = None
) -> Report:
    words = _written(text, files)
    try:
        with acting(
            report_id, "add_information", actor=actor, at=at, repeated=_just_written(words, files)
        ) as act:
            rows = claim(files)
            event = act.record(words, data={"round": act.report.round, **in_event(rows)})
            attach_to(event, act.report, rows)
    except Repeated as same:
        return same.report
    return act.report


def _written(text: str, files: Files) -> str:
    """A message is a text, or files, or both."""
    check_count(files)
    return clean_text(text, field="text", minimum=0 if files else 1, maximum=5000)


def _just_written(words: str, files: Files):  # type: ignore[no-untyped-def]
    """The newest event of all is the sender's own with these very words and files: the same request again."""

    def repeated(report: Report) -> bool:
        newest = report.events.select_related("body").order_by("-sequence").first()
        if newest is None or newest.code not in ("sender_reply", "add_information"):
            return False
        body = getattr(newest, "body", None)
        if (body.text if body is not None else "") != words:
            return False
        kept = {str(one) for one in newest.attachments.values_list("public_id", flat=True)}
        return kept == {one.lower() for one in files.ids}

    return repeated


def accept(
    report_id: int,
    *,
    actor: Actor,
    score: int | None = None,
    comment: str = "",
    at: datetime | None = None,
) -> Report:
    """Accept the reply, and rate it in the same breath where a score (1–5) is given."""
    words = clean_text(comment, field="comment", maximum=2000)
    if score is not None:
        _check_score(score)

    def repeated(report: Report) -> bool:
        if report.state != State.CLOSED or not same_as_last("accept", "")(report):
            return False
        rating = report.ratings.filter(round=report.round).first()
        return score is None or (rating is not None and (rating.score, rating.comment) == (score, words))

    try:
        # Both or neither: what is repeated after a crash must find the whole of it, or nothing.
        with transaction.atomic():
            with acting(report_id, "accept", actor=actor, at=at, repeated=repeated) as act:
                report = act.report
                report.state = State.CLOSED
                report.closed_at = act.at
                act.record(data={"round": report.round})
            if score is not None and not report.ratings.filter(round=report.round).exists():
                report = rate(report_id, actor=actor, score=score, comment=words, at=at)
    except Repeated as same:
        return same.report
    return report


def _check_score(score: int) -> None:
    if not isinstance(score, int) or not 1 <= score <= 5:
        raise DomainError(Code.INVALID, _("A rating is a number from 1 to 5."), field="rating")


def rate(
    report_id: int, *, actor: Actor, score: int, comment: str = "", at: datetime | None = None
) -> Report:
    """Once a round. `score` 1–5."""
    _check_score(score)
    words = clean_text(comment, field="comment", maximum=2000)

    def repeated(report: Report) -> bool:
        return report.ratings.filter(round=report.round, score=score, comment=words).exists()

    try:
        with acting(report_id, "rate", actor=actor, at=at, repeated=repeated) as act:
            report = act.report
            Rating.objects.create(report=report, round=report.round, score=score, comment=words, at=act.at)
            act.record(words, data={"round": report.round, "score": score})
    except Repeated as same:
        return same.report
    return report


def reopen(
    report_id: int,
    *,
    actor: Actor,
    text: str = "",
    reason_code: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> Report:
    """A new round with a new resolution promise; to the entity, or to triage where none works on it.

    A merged report leaves its primary for this, and goes to the entity that answered that one.
    """
    words = clean_text(text, field="reason", maximum=2000)
    reason = Reason.objects.filter(used_for="reopen", code=reason_code).first() if reason_code else None
    if reason_code and reason is None:
        raise DomainError(Code.NOT_FOUND, field="reason")
    if not words and (reason is None or reason.needs_text):
        raise DomainError(Code.REQUIRED, field="reason")

    def repeated(report: Report) -> bool:
        return report.state in (State.WITH_ENTITY, State.RECEIVED) and same_as_last("reopen", words)(report)

    try:
        with acting(
            report_id,
            "reopen",
            actor=actor,
            at=at,
            version=version,
            repeated=repeated if actor.who is Who.SENDER else None,
            beside=group_of(report_id),
        ) as act:
            report = act.report
            left = leave_to_reopen(act)
            report.round += 1
            report.reopened_count += 1
            report.questions_in_round = 0
            if report.entity is not None and not report.entity.is_active:
                hand_over(report, successor_for(report), act.at)
            report.state = State.WITH_ENTITY if report.entity_id else State.RECEIVED
            report.closed_at = report.reopen_until = report.answered_at = None
            end_assignments(report, act.at)
            promises.renew_resolution(report, report.service, act.at)
            if report.state == State.RECEIVED:
                promises.start_triage(report, act.at)
            act.record(words, data={"round": report.round, "reason": reason_code, **left})
    except Repeated as same:
        return same.report
    return report


def appeal(report_id: int, *, actor: Actor, text: str, at: datetime | None = None) -> Report:
    """Against a rejection, once: back to triage, in a new round, for another supervisor to decide."""
    words = clean_text(text, field="reason", minimum=3, maximum=2000)

    def repeated(report: Report) -> bool:
        return report.state == State.RECEIVED and same_as_last("appeal", words)(report)

    try:
        with acting(report_id, "appeal", actor=actor, at=at, repeated=repeated) as act:
            report = act.report
            report.appealed_at = act.at
            report.round += 1
            report.questions_in_round = 0
            report.closed_at = None
            if report.entity_id is not None:
                hand_over(report, None, act.at)
            report.state = State.RECEIVED
            promises.renew_resolution(report, report.service, act.at)
            promises.start_triage(report, act.at)
            act.record(words, data={"round": report.round})
            _tell_if_nobody_can_decide(report, act.at)
    except Repeated as same:
        return same.report
    return report


def _tell_if_nobody_can_decide(report: Report, at: datetime) -> None:
    others = people_everywhere("triage_reports").exclude(pk=report.rejected_by_id)
    if not others.exists():
        audit.record(
            "nobody_to_tell", actor=None, subject=f"report:{report.pk}", data={"of": "appeal"}, at=at
        )


def withdraw(report_id: int, *, actor: Actor, text: str = "", at: datetime | None = None) -> Report:
    """The sender takes it back, with the parts that it was split into and that have not ended."""
    words = clean_text(text, field="text", maximum=2000)

    def repeated(report: Report) -> bool:
        return report.state == State.WITHDRAWN

    try:
        with acting(
            report_id, "withdraw", actor=actor, at=at, repeated=repeated, beside=family_of(report_id)
        ) as act:
            act.record(words, data=_end_withdrawn(act, act.report))
            for part in parts_beside(act):
                if part.state in OPEN | {State.MERGED}:
                    was, data = part.state, {**_end_withdrawn(act, part), "with_whole": True}
                    act.record_beside(part, "withdraw", from_state=was, data=data, version=True)
    except Repeated as same:
        return same.report
    return act.report


def _end_withdrawn(act: Act, report: Report) -> dict[str, Any]:
    """Nothing of it goes on. Gives what its event says."""
    left = leave(act, report)
    promote_a_member(act, report)
    report.state = State.WITHDRAWN
    report.closed_at = act.at
    report.question_until = None
    end_assignments(report, act.at)
    promises.end_open(report, act.at)
    return {"round": report.round, **left}
