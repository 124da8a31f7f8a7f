"""Senders who sign in with a code, on the site by session and in apps by token."""

from __future__ import annotations

import secrets as random
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from .models import Report, Sender, SenderToken
from .policies import DORMANT_AFTER
from .secrets import hashed_token, token_hashes

TOKEN_LIVES = timedelta(hours=12)


def sign_in(phone: str, *, language: str, at: datetime | None = None) -> Sender:
    """The sender of a number (E.164) that has just been verified.

    A number not seen for 180 days may have a new owner: the row it had is retired, and its earlier reports
    open only with their secret. Unverified contacts of this number are left as they are.
    """
    now = at or timezone.now()
    with transaction.atomic():
        sender = (
            Sender.objects.select_for_update().filter(phone=phone, phone_verified_at__isnull=False).first()
        )
        if sender is not None and now - sender.last_seen_at > DORMANT_AFTER:
            sender.phone_verified_at = None
            sender.save(update_fields=["phone_verified_at"])
            SenderToken.objects.filter(sender=sender, revoked_at=None).update(revoked_at=now)
            sender = None
        if sender is not None:
            sender.last_seen_at = now
            sender.save(update_fields=["last_seen_at"])
            return sender
        try:
            with transaction.atomic():
                return Sender.objects.create(
                    phone=phone,
                    phone_verified_at=now,
                    language=language,
                    created_at=now,
                    last_seen_at=now,
                )
        except IntegrityError:
            return Sender.objects.get(phone=phone, phone_verified_at__isnull=False)


def confirm_contact(report: Report, phone: str, *, at: datetime | None = None) -> Report:
    """The unverified contact of a report gave the code: the report joins the sender of that number."""
    now = at or timezone.now()
    contact = report.sender
    if contact is None or contact.phone != phone or contact.phone_verified_at is not None:
        return report
    sender = sign_in(phone, language=report.language, at=now)
    sender.name = sender.name or contact.name
    sender.email = sender.email or contact.email
    sender.category = sender.category or contact.category
    sender.save()
    report.sender = sender
    report.save(update_fields=["sender"])
    return report


def issue_token(sender: Sender, *, at: datetime | None = None) -> tuple[str, datetime]:
    """(token, when it expires). Shown once; kept as a keyed hash."""
    now = at or timezone.now()
    token = random.token_urlsafe(32).upper()
    expires = now + TOKEN_LIVES
    SenderToken.objects.create(
        sender=sender, token_hash=hashed_token(token), created_at=now, expires_at=expires
    )
    return token, expires


def sender_of_token(token: str, *, at: datetime | None = None) -> Sender | None:
    now = at or timezone.now()
    row = (
        SenderToken.objects.filter(token_hash__in=token_hashes(token), revoked_at=None, expires_at__gt=now)
        .select_related("sender")
        .first()
    )
    return row.sender if row else None


def revoke_token(token: str, *, at: datetime | None = None) -> None:
    SenderToken.objects.filter(token_hash__in=token_hashes(token)).update(revoked_at=at or timezone.now())
