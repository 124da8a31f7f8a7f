"""Where messages go: a screen, or the gateways of `cms.gateways`; and mail on the screen."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from cms.gateways import sms
from cms.gateways.configured import SCREEN, gateways
from cms.gateways.sms import OutgoingSms, Sent
from cms.outbox.handlers import Retry

# Set on messages of our own, which are recorded by what sends them.
EFFECT_HEADER = "X-Sawt-Effect"


class Gateway(Protocol):
    def send(self, message: OutgoingSms) -> str:
        """The gateway's own id of the message; raises Retry or Permanent."""


class ScreenGateway:
    """Sends nothing: what is recorded is seen in the admin's outbox and on the demonstration's phone."""

    def send(self, message: OutgoingSms) -> str:
        return ""


class NoGateway:
    """A site that is no demonstration shows nobody's message on a screen instead of sending it."""

    def send(self, message: OutgoingSms) -> str:
        raise Retry("no SMS gateway is configured")


def hand_over(message: OutgoingSms, *, at: datetime) -> Sent:
    """By the configured gateways; where there is none, by the class that settings.SAWT_SMS_GATEWAY names."""
    if gateways():
        return sms.send(message, at=at)
    last: Gateway = import_string(settings.SAWT_SMS_GATEWAY)()
    return Sent(last.send(message), SCREEN)


class ScreenEmailBackend(BaseEmailBackend):
    """Django's mail (a reset password, a page to moderate) into the outbox on the screen."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        from .models import SentMessage

        now = timezone.now()
        rows = [
            SentMessage(
                channel=SentMessage.Channel.EMAIL,
                to=", ".join(message.recipients())[:254],
                language=(get_language() or "ar")[:2],
                subject=str(message.subject)[:200],
                text=str(message.body),
                screen_text=str(message.body) if settings.SAWT_DEMO else "",
                effect_key=f"mail:{uuid.uuid4().hex}",
                created_at=now,
                sent_at=now,
            )
            for message in email_messages
            if EFFECT_HEADER not in message.extra_headers
        ]
        SentMessage.objects.bulk_create(rows)
        return len(email_messages)
