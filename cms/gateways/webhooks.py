"""Webhooks: who is subscribed to what, and a signature by the Standard Webhooks specification."""

from __future__ import annotations

import base64
import secrets
import time
from datetime import datetime, timedelta
from typing import Any

from standardwebhooks import Webhook as Signer

from .models import Webhook

# Seconds for which a process believes what it read: each step of a report would ask otherwise.
FRESH = 30.0
# After a new secret is made both sign, until the receiver has put it in.
BOTH_SIGN = timedelta(days=1)

_kept: tuple[float, tuple[Webhook, ...]] | None = None


def forget(*_: Any, **__: Any) -> None:
    global _kept
    _kept = None


def none_yet() -> None:
    """For tests: as a process that has just read that there are none."""
    global _kept
    _kept = time.monotonic(), ()


def subscribed(event: str) -> list[Webhook]:
    """Those in use that asked for this event."""
    global _kept
    now = time.monotonic()
    if _kept is None or now - _kept[0] > FRESH:
        _kept = now, tuple(Webhook.objects.filter(is_active=True))
    return [row for row in _kept[1] if event in row.events]


def new_secret(webhook: Webhook, *, at: datetime) -> str:
    """Made, kept encrypted, and returned this once; the one before it signs along for a day."""
    made = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    webhook.old_secret_encrypted = webhook.secret_encrypted
    webhook.old_secret_until = at + BOTH_SIGN if webhook.secret_encrypted else None
    webhook.secret = made
    webhook.save(update_fields=["secret_encrypted", "old_secret_encrypted", "old_secret_until"])
    return made


def signed(webhook: Webhook, message_id: str, body: str, *, at: datetime) -> dict[str, str]:
    """The headers; by both secrets while both hold."""
    held = [webhook.secret]
    if webhook.old_secret_until is not None and webhook.old_secret_until > at:
        held.append(webhook.old_secret)
    signatures = [Signer(secret).sign(message_id, at, body) for secret in held]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
