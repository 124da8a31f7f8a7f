"""Links in messages: a token of its own for each report and recipient, kept as a hash."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from . import secrets
from .models import AccessLink, Report, Sender

LIVES = timedelta(days=90)


def make(report: Report, recipient: Sender | None, *, at: datetime) -> str:
    """The address for a message, `<base>/t/<token>`. The token itself is stored nowhere."""
    token = secrets.new_token()
    AccessLink.objects.create(
        report=report,
        sender=recipient,
        token_hash=secrets.hashed_token(token),
        created_at=at,
        expires_at=at + LIVES,
    )
    return f"{settings.SAWT_BASE_URL.rstrip('/')}/t/{token}"


def revoke(report: Report, *, at: datetime) -> int:
    """End every link to a report; how many there were."""
    return AccessLink.objects.filter(report=report, revoked_at=None).update(revoked_at=at)
