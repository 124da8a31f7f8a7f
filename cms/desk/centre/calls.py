"""One call after the other: what the server knows of the caller while the screen of the call is open.

A screen is known by its key. What is kept under it ends when the next screen is opened, when its report is
sent, and after half an hour; so a caller's earlier reports end with the screen too, and so does the secret.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from cms.reports.models import IdempotencyKey, Report, Sender

CALL, SENT, CHANNEL = "centre_call", "centre_sent", "centre_channel"
LASTS = timedelta(minutes=30)


@dataclass(frozen=True)
class Call:
    """`code_sent_to`: the number (E.164) that a code went to; `sender_id`: who then read it out."""

    key: str
    since: str
    code_sent_to: str = ""
    sender_id: int | None = None


@dataclass(frozen=True)
class Sent:
    report: Report
    # The form was changed after the report had arrived; what arrived first is what counts.
    is_changed: bool


def new_key() -> str:
    return secrets.token_hex(16)


def begin(request: HttpRequest) -> str:
    """A new screen: what the one before knew is forgotten."""
    request.session.pop(CALL, None)
    request.session.pop(SENT, None)
    return new_key()


def call_of(request: HttpRequest, key: str) -> Call:
    """What is known on this screen; nothing where it is over."""
    kept: Any = request.session.get(CALL)
    if isinstance(kept, dict) and kept.get("key") == key and _is_fresh(kept.get("since", "")):
        return Call(**kept)
    return Call(key, timezone.now().isoformat())


def keep(request: HttpRequest, call: Call) -> None:
    request.session[CALL] = asdict(call)


def forget(request: HttpRequest) -> None:
    request.session.pop(CALL, None)


def caller_of(call: Call) -> Sender | None:
    """Who read out the code. A number that has since come to another owner is nobody's proof any more."""
    if call.sender_id is None:
        return None
    return Sender.objects.filter(pk=call.sender_id, phone_verified_at__isnull=False).first()


def client(user_id: int) -> str:
    """Whose idempotency key it is: an agent's own, so that nobody's key leads to another's report."""
    return f"centre:{user_id}"


def arrived(user_id: int, key: str) -> Report | None:
    """The report that this screen has made already."""
    kept = IdempotencyKey.objects.filter(client=client(user_id), key=key).select_related("report").first()
    return kept.report if kept else None


def hand_over(request: HttpRequest, report: Report, *, changed: bool = False) -> None:
    """The report is there: its number and secret can be read out, and the caller is done with."""
    forget(request)
    request.session[SENT] = {"id": report.pk, "changed": changed, "since": timezone.now().isoformat()}


def sent(request: HttpRequest) -> Sent | None:
    """The report whose secret may still be read out: the last one of this session, entered by this person."""
    kept: Any = request.session.get(SENT)
    if not isinstance(kept, dict) or not _is_fresh(kept.get("since", "")):
        return None
    rows = Report.objects.filter(pk=kept["id"], entered_by_id=request.user.pk)
    report = rows.select_related("service", "place", "entity", "sender").first()
    return Sent(report, bool(kept.get("changed"))) if report else None


def channel(request: HttpRequest) -> str:
    """The one this desk used last: a counter stays a counter all day."""
    return str(request.session.get(CHANNEL, ""))


def use_channel(request: HttpRequest, code: str) -> None:
    if request.session.get(CHANNEL) != code:
        request.session[CHANNEL] = code


def _is_fresh(since: str) -> bool:
    try:
        return timezone.now() - datetime.fromisoformat(since) < LASTS
    except (TypeError, ValueError):
        return False
