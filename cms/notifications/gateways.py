"""Where messages go: a screen, or an HTTP gateway; `settings.SAWT_SMS_GATEWAY` names the class."""

from __future__ import annotations

import ipaddress
import logging
import socket
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from cms.outbox.handlers import Permanent, Retry

log = logging.getLogger(__name__)

# Seconds to connect, and between two bytes of the answer; both far below the outbox's lease.
TIMEOUT = (5, 15)
LONGEST_WAIT = timedelta(hours=2)
# Set on messages of our own, which are recorded by what sends them.
EFFECT_HEADER = "X-Sawt-Effect"


@dataclass(frozen=True)
class OutgoingSms:
    """`key` is the same for every attempt: a gateway that knows it sends once."""

    to: str
    text: str
    key: str


class Gateway(Protocol):
    def send(self, message: OutgoingSms) -> str:
        """The gateway's own id of the message; raises Retry or Permanent."""


def gateway() -> Gateway:
    made: Gateway = import_string(settings.SAWT_SMS_GATEWAY)()
    return made


class ScreenGateway:
    """Sends nothing: what is recorded is seen in the admin's outbox and on the demonstration's phone."""

    def send(self, message: OutgoingSms) -> str:
        return ""


_kept = threading.local()


def _session(url: str) -> requests.Session:
    """A connection that stays open, one for each thread: making one (with TLS) costs more than a message."""
    session: requests.Session | None = getattr(_kept, "session", None)
    if session is None or _kept.url != url:
        session, _kept.url = requests.Session(), url
        # Nothing that a gateway sets comes back with the next message.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # The process's proxies and certificates, read once: requests would read them for each message, and
        # that took a sixth of its time.
        found = session.merge_environment_settings(url, {}, None, None, None)
        session.proxies, session.verify, session.trust_env = found["proxies"], found["verify"], False
        _kept.session = session
    return session


class HttpGateway:
    """One JSON POST for each message: {"to", "text", "from", "id"}, answered by any 2xx.

    Settings: SAWT_SMS_URL (https), SAWT_SMS_TOKEN (sent as a bearer token), SAWT_SMS_SENDER (the name shown),
    and SAWT_SMS_PRIVATE_NETWORK for a gateway inside one's own network.
    """

    def send(self, message: OutgoingSms) -> str:
        url = settings.SAWT_SMS_URL
        if not settings.SAWT_SMS_PRIVATE_NETWORK:
            refuse_private(url)
        body = {
            "to": message.to,
            "text": message.text,
            "from": settings.SAWT_SMS_SENDER,
            "id": message.key,
        }
        headers = {"Idempotency-Key": message.key}
        if token := settings.SAWT_SMS_TOKEN:
            headers["Authorization"] = f"Bearer {token}"
        try:
            answer = _session(url).post(
                url, json=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            raise Retry(f"gateway: {type(error).__name__}") from error
        except requests.RequestException as error:
            raise Permanent(f"gateway: {type(error).__name__}") from error
        return _outcome(answer)


def _outcome(answer: requests.Response) -> str:
    status = answer.status_code
    if 200 <= status < 300:
        try:
            given = answer.json().get("id", "")
        except (ValueError, AttributeError):
            given = ""
        return str(given)[:120]
    if status == 429 or status >= 500 or status == 408:
        raise Retry(f"gateway answered {status}", after=_asked_pause(answer))
    # A redirect is refused too: the message and its token are for the configured address alone.
    raise Permanent(f"gateway answered {status}")


def _asked_pause(answer: requests.Response) -> timedelta | None:
    seconds = answer.headers.get("Retry-After", "")
    return min(timedelta(seconds=int(seconds)), LONGEST_WAIT) if seconds.isdigit() else None


def refuse_private(url: str) -> None:
    """Permanent for an address inside our own network, Retry where the name cannot be resolved now."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Permanent("gateway: not an http address")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Retry("gateway: name not resolved") from error
    for *_, address in found:
        if not ipaddress.ip_address(str(address[0]).split("%")[0]).is_global:
            raise Permanent("gateway: private address refused")


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
