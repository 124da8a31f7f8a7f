"""What is kept of a signed-in sender, for them to take away: theirs, and of others what was said to them.

Confidential reports are left out: they open with their secret alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cms.notifications.models import SentMessage
from cms.reports import following, timeline
from cms.reports.actors import SenderActor
from cms.reports.merging import state_for_sender
from cms.reports.models import Follower, Report, Sender
from cms.reports.splitting import parts_of
from search.cases import public_case


def of(sender: Sender, *, at: datetime) -> dict[str, Any]:
    """As it is written into the file: keys in English, moments in ISO 8601."""
    seen = Report.objects.visible_to(SenderActor(sender_id=sender.pk)).filter(parent=None)
    rows = seen.select_related("service", "place", "entity", "merged_into")
    reports = list(rows.prefetch_related("ratings").order_by("submitted_at", "pk"))
    timeline.read_for_senders(reports)
    messages = SentMessage.objects.filter(report__in=reports).order_by("pk")
    return {
        "made_at": at.isoformat(),
        "sender": {
            "name": sender.name,
            "phone": sender.phone,
            "phone_verified_at": _moment(sender.phone_verified_at),
            "email": sender.email,
            "category": sender.category,
            "has_national_id": bool(sender.national_id_encrypted),
            "language": sender.language,
            "first_seen": sender.created_at.isoformat(),
            "last_seen": sender.last_seen_at.isoformat(),
        },
        "reports": [_report(report, messages) for report in reports],
        "followed": [_followed(row) for row in following.followed_by(sender)],
    }


def _followed(row: Follower) -> dict[str, Any]:
    """Of somebody else's report what is public."""
    case = public_case(row.report)
    return {
        "followed_at": row.followed_at.isoformat(),
        "service": case.service.name,
        "place": case.place.name,
        "month": case.month.isoformat()[:7],
        "state": case.state,
    }


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _report(report: Report, messages: Any) -> dict[str, Any]:
    return {
        "reference": report.reference,
        "submitted_at": report.submitted_at.isoformat(),
        "channel": report.channel,
        "language": report.language,
        "text": report.text,
        "answers": report.answers,
        "point": [report.latitude, report.longitude] if report.latitude is not None else None,
        "address": report.address_text,
        **_course(report),
        "parts": [_course(part) for part in parts_of(report)],
        "messages": [
            {"at": message.created_at.isoformat(), "channel": message.channel, "text": message.text}
            for message in messages
            if message.report_id == report.pk
        ],
    }


def _course(report: Report) -> dict[str, Any]:
    """What happened to it, as its sender reads it."""
    answer = timeline.answer_of(report)
    return {
        "title": report.title,
        "service": report.service.name,
        "place": report.place.name,
        "entity": report.entity.name if report.entity else None,
        "state": state_for_sender(report).value,
        "timeline": [
            {"at": entry.at.isoformat(), "what": entry.label, "text": entry.text}
            for entry in timeline.sender_timeline(report)
        ],
        "conversation": [
            {"at": message.at.isoformat(), "by": message.author, "text": message.text or message.reason}
            for message in timeline.conversation(report)
        ],
        "answer": answer.text if answer else None,
        "ratings": [
            {"at": rating.at.isoformat(), "score": rating.score, "comment": rating.comment}
            for rating in report.ratings.all()
        ],
    }
