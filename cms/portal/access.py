"""Who looks: the signed-in sender, and the reports opened with a secret or a link. Both in the session."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from cms.reports.actors import SenderActor
from cms.reports.models import Report, Sender
from permissions.clients import client_address

from .drafts import draft_of, leave_at

SENDER = "sender_id"
OPENED = "opened_reports"
# A shared device must not gather a drawer full of other people's reports.
MOST_OPENED = 20


def client_of(request: HttpRequest) -> str:
    """Whose guesses are counted together: the address, named as the API names it.

    Two doors thus allow no more guesses than one. Not the session: who drops the cookie would start afresh.
    """
    return client_address(request)


def sender_of(request: HttpRequest) -> Sender | None:
    """The signed-in sender, read once a request."""
    if not hasattr(request, "_sender"):
        pk: int | None = request.session.get(SENDER)
        # A number that came to a new owner retires the row that its old one signed in with.
        known = Sender.objects.filter(phone_verified_at__isnull=False)
        request._sender = known.filter(pk=pk).first() if pk else None  # type: ignore[attr-defined]
    sender: Sender | None = request._sender  # type: ignore[attr-defined]
    return sender


def _change_key(request: HttpRequest) -> None:
    """A session known before must not be worth anything after it, but for the draft it had already."""
    before, draft = request.session.session_key, draft_of(request)
    request.session.cycle_key()
    if before and draft is not None:
        leave_at(type(request.session), before, draft)


def sign_in(request: HttpRequest, sender: Sender) -> None:
    _change_key(request)
    request.session[SENDER] = sender.pk
    request._sender = sender  # type: ignore[attr-defined]


def sign_out(request: HttpRequest) -> None:
    """Everything of the sender leaves this device; a member of staff in the same browser stays signed in."""
    if request.user.is_authenticated:
        for key in (
            SENDER,
            OPENED,
            *(name for name in list(request.session.keys()) if name.startswith("report_")),
        ):
            request.session.pop(key, None)
        request.session.cycle_key()
    else:
        request.session.flush()
    request._sender = None  # type: ignore[attr-defined]


def opened(request: HttpRequest) -> list[int]:
    pks: list[int] = request.session.get(OPENED, [])
    return pks


def open_report(request: HttpRequest, report: Report) -> None:
    """This session has shown the report's secret or link."""
    _change_key(request)
    open_own_report(request, report)


def open_own_report(request: HttpRequest, report: Report) -> None:
    """What this session itself has sent. It knew all of it before, so its key may stay."""
    pks = [pk for pk in opened(request) if pk != report.pk]
    request.session[OPENED] = [*pks, report.pk][-MOST_OPENED:]


def actor_for(request: HttpRequest, report_id: int) -> SenderActor:
    sender = sender_of(request)
    return SenderActor(
        report_id=report_id if report_id in opened(request) else None,
        sender_id=sender.pk if sender else None,
    )


def report_of(request: HttpRequest, reference: str) -> tuple[Report, SenderActor] | None:
    """The report with this reference, for who may see it; None for everyone else, as where none exists."""
    sender = sender_of(request)
    pks = opened(request)
    if not pks and sender is None:
        return None
    mine: Any = Q(pk__in=pks)
    if sender is not None:
        mine |= Q(sender_id=sender.pk)
    report = (
        Report.objects.filter(mine, reference=reference)
        .select_related("service", "service__category", "place", "entity", "sender")
        .first()
    )
    if report is None:
        return None
    actor = actor_for(request, report.pk)
    if not Report.objects.filter(pk=report.pk).visible_to(actor).exists():
        return None
    return report, actor
