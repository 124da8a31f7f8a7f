"""What messages leave behind of a person, taken back when a report is erased: numbers, addresses, texts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from cms.gateways.models import WebhookDelivery
from cms.outbox import failed
from cms.outbox.models import Effect
from cms.reports.models import Report, Sender

from .models import OneTimeCode, SentMessage

# That a message was sent, when, and of how many parts stays; to whom and what goes.
BLANK: dict[str, Any] = {"to": "", "subject": "", "text": "", "screen_text": "", "error": ""}


def forget_report(report: Report) -> None:
    """The messages about it; what is still to be sent ends by itself, as the report is erased."""
    SentMessage.objects.filter(report=report).update(**BLANK)
    WebhookDelivery.objects.filter(report_id=report.pk).update(body="")


def forget_sender(sender: Sender) -> None:
    """The codes and confirmations that went to their number, unless another row has it too."""
    if sender.phone and not Sender.objects.filter(phone=sender.phone).exclude(pk=sender.pk).exists():
        OneTimeCode.objects.filter(phone=sender.phone).delete()
        SentMessage.objects.filter(report=None, to=sender.phone).update(**BLANK)
        # A code that waits in the outbox carries the number among its parameters.
        Effect.objects.filter(kind="one_time_code", payload__phone=sender.phone).exclude(
            state=Effect.State.CLAIMED
        ).update(payload={}, state=Effect.State.CANCELLED)
    elsewhere = Q(email=sender.email) & ~Q(pk=sender.pk)
    if sender.email and not Sender.objects.filter(elsewhere).exists():
        SentMessage.objects.filter(report=None, to=sender.email).update(**BLANK)


def drop_texts(*, at: datetime, keep: timedelta, batch: int = 1000) -> int:
    """After so long nobody keeps what a message said: that it was sent, when, to whom and by what stays.

    What was given up so long ago is not tried again, and keeps no parameters.
    """
    old = SentMessage.objects.exclude(text="").filter(created_at__lt=at - keep).order_by("created_at")
    dropped = 0
    while keys := list(old.values_list("pk", flat=True)[:batch]):
        dropped += SentMessage.objects.filter(pk__in=keys).update(subject="", text="", screen_text="")
    WebhookDelivery.objects.exclude(body="").filter(created_at__lt=at - keep).update(body="")
    failed.rows().filter(done_at__lt=at - keep).exclude(payload={}).update(payload={})
    return dropped
