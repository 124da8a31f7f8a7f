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
    open only with their secret. What was sent with this number unverified joins the sender.
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
        else:
            sender = _created(phone, language, now)
        _join_unverified(sender, now)
        return sender


def _created(phone: str, language: str, at: datetime) -> Sender:
    try:
        with transaction.atomic():
            return Sender.objects.create(
                phone=phone,
                phone_verified_at=at,
                language=language,
                created_at=at,
                last_seen_at=at,
            )
    except IntegrityError:
        return Sender.objects.get(phone=phone, phone_verified_at__isnull=False)


def _join_unverified(sender: Sender, at: datetime) -> None:
    """The number is proved now: what its contacts sent unverified becomes this sender's.

    Only contacts of the last 180 days: an older row of this number may be its earlier owner's.
    """
    contacts = Sender.objects.filter(
        phone=sender.phone, phone_verified_at=None, last_seen_at__gt=at - DORMANT_AFTER
    )
    newest = contacts.order_by("-last_seen_at").first()
    if newest is None:
        return
    sender.name = sender.name or newest.name
    sender.category = sender.category or newest.category
    sender.email = sender.email or newest.email
    sender.save(update_fields=["name", "category", "email"])
    Report.objects.filter(sender__in=contacts.values("pk")).update(sender=sender)


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
    """From now on this token opens nothing; an unknown or ended one is no error."""
    tokens = SenderToken.objects.filter(token_hash__in=token_hashes(token), revoked_at=None)
    tokens.update(revoked_at=at or timezone.now())
