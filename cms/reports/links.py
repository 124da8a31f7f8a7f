"""Links in messages: a token of its own for each report and recipient, kept as a hash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from . import secrets
from .models import AccessLink, Report, Sender

LIVES = timedelta(days=90)


def make(report: Report, recipient: Sender | None, *, at: datetime) -> str:
    """The address for a message, `<base>/t/<token>`. The token itself is stored nowhere."""
    address, link = unsaved(report, recipient, at=at)
    save([link])
    return address


def unsaved(report: Report, recipient: Sender | None, *, at: datetime) -> tuple[str, AccessLink]:
    """The same for who makes many: the address, and what must be saved before it is told to anybody."""
    token = secrets.new_token()
    link = AccessLink(
        report=report,
        sender=recipient,
        token_hash=secrets.hashed_token(token),
        created_at=at,
        expires_at=at + LIVES,
    )
    return f"{settings.SAWT_BASE_URL.rstrip('/')}/t/{token}", link


def save(links: Sequence[AccessLink]) -> None:
    AccessLink.objects.bulk_create(links)


def revoke(report: Report, *, at: datetime) -> int:
    """End every link to a report; how many there were."""
    return AccessLink.objects.filter(report=report, revoked_at=None).update(revoked_at=at)
