"""The caller's number: proved by a code that they read out, or only told; and what the proof opens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from cms.entities.phone import PhoneInvalid, to_e164
from cms.notifications import codes
from cms.reports import senders
from cms.reports.entered import earlier_of
from cms.reports.errors import Code, DomainError
from cms.reports.merging import state_for_sender
from cms.reports.models import Report, Sender
from cms.reports.workflow import State
from permissions import audit
from permissions.policy import Scope

from ..access import client_of
from ..states import icon_of
from . import calls
from .calls import Call
from .typed import Typed

# As many as one reads out on the phone; the caller finds the rest on the site.
MOST_EARLIER = 10


@dataclass(frozen=True)
class Line:
    """A report as its sender would tell of it: its number and where it stands."""

    report: Report
    state: str
    label: str
    icon: str
    is_merged: bool


def line(report: Report) -> Line:
    word = state_for_sender(report)
    return Line(report, word.value, str(word.label), icon_of(word.value), report.state == State.MERGED)


@dataclass(frozen=True)
class Earlier:
    lines: list[Line]
    has_more: bool


def earlier(sender: Sender, scope: Scope) -> Earlier:
    rows = earlier_of(sender, scope).select_related("merged_into").order_by("-submitted_at", "-pk")
    found = list(rows[: MOST_EARLIER + 1])
    return Earlier([line(report) for report in found[:MOST_EARLIER]], len(found) > MOST_EARLIER)


def _whose(request: HttpRequest) -> str:
    """Whose codes and guesses are counted together: the agent's. All of them may share one address."""
    return f"agent:{request.user.pk}"


def send_code(request: HttpRequest, typed: Typed, call: Call) -> Call:
    """Raises phone_invalid, phone_country, or too_many_attempts by the limits that everybody has."""
    if not typed.phone and not call.code_sent_to:
        raise DomainError(Code.REQUIRED, field="phone")
    try:
        number = to_e164(typed.phone or call.code_sent_to)
    except PhoneInvalid as error:
        raise DomainError(Code(error.code), field="phone") from None
    codes.request_code(number, client=_whose(request), language=typed.language, at=timezone.now())
    sent = replace(call, code_sent_to=number, sender_id=None)
    calls.keep(request, sent)
    return sent


def check_code(request: HttpRequest, typed: Typed, call: Call, code: str) -> Call:
    """Raises code_wrong, code_expired, too_many_attempts. Every proof is an event of the audit trail."""
    if not code.strip():
        raise DomainError(Code.REQUIRED, field="code")
    if not call.code_sent_to:
        raise DomainError(Code.CODE_EXPIRED, field="code")
    now = timezone.now()
    number = codes.verify_code(call.code_sent_to, code[:20], client=_whose(request), at=now)
    sender = senders.sign_in(number, language=typed.language, at=now)
    _tell_auditor(request, sender, now)
    proved = replace(call, code_sent_to="", sender_id=sender.pk)
    calls.keep(request, proved)
    return proved


def _tell_auditor(request: HttpRequest, sender: Sender, at: datetime) -> None:
    person: Any = request.user
    audit.record(
        "caller_confirmed", actor=person, subject=f"sender:{sender.pk}", client=client_of(request), at=at
    )
