"""One-time codes: who holds a mobile number. Limits: domain.md, 'Notifications'."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from cms.entities.phone import PhoneInvalid, to_e164
from cms.outbox import effects
from cms.reports.encryption import encrypt
from cms.reports.errors import Code, DomainError
from permissions import attempts
from permissions.clients import client_key

from . import throttles
from .models import OneTimeCode

log = logging.getLogger(__name__)

DIGITS = 6
TRIES = 5
VALID = timedelta(minutes=5)
HOUR = timedelta(hours=1)
PER_PHONE, PER_CLIENT = 5, 10
# Wrong codes of one client for one number, and of one client at all, in a window: many honest people may
# share an address, and nobody's guesses count against the number's owner elsewhere.
GUESSES = timedelta(minutes=15)
PER_PAIR, PER_GUESSER = 10, 50
URGENT = 100


def _hashed(phone: str, code: str) -> str:
    newest = settings.SAWT_SECRET_KEYS[max(settings.SAWT_SECRET_KEYS)]
    message = f"one-time-code\0{phone}\0{code}".encode("utf-8", "replace")
    return hmac.new(newest.encode(), message, hashlib.sha256).hexdigest()


def _number(phone: str) -> str:
    try:
        return to_e164(phone)
    except PhoneInvalid as error:
        raise DomainError(Code(error.code), field="phone") from error


def _refuse_over_ceiling(at: datetime) -> None:
    day = at.astimezone(ZoneInfo(settings.TIME_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
    sent = OneTimeCode.objects.filter(created_at__gte=day).count()
    if sent >= settings.SAWT_CODES_PER_DAY:
        # Someone must look at once: either an attack is under way, or people cannot sign in.
        log.critical("ALARM: the daily ceiling of %s one-time codes is reached", settings.SAWT_CODES_PER_DAY)
        retry = int((day + timedelta(days=1) - at).total_seconds()) + 1
        raise DomainError(Code.TOO_MANY_ATTEMPTS, retry_after=retry)


def request_code(phone: str, *, client: str, language: str, at: datetime) -> datetime:
    """Send a code to the number; until when it is valid. `client`: the address (or session) that asks.

    The same answer whoever owns the number. Raises DomainError: phone_invalid, phone_country,
    too_many_attempts (with retry_after).
    """
    number = _number(phone)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    with transaction.atomic():
        # Always in this order, so that two requests never wait for each other.
        limited = [
            (throttles.locked(throttles.key_of("code-phone", number), at), PER_PHONE),
            (throttles.locked(throttles.key_of("code-client", client), at), PER_CLIENT),
        ]
        waits = [throttles.wait_for_room(row, limit=limit, window=HOUR, at=at) for row, limit in limited]
        if any(waits):
            raise DomainError(Code.TOO_MANY_ATTEMPTS, retry_after=max(waits))
        _refuse_over_ceiling(at)
        for row, _ in limited:
            throttles.count(row, at)
        made = OneTimeCode.objects.create(
            phone=number,
            code_hash=_hashed(number, code),
            tries_left=TRIES,
            created_at=at,
            expires_at=at + VALID,
        )
        effects.enqueue(
            "one_time_code",
            {
                "phone": number,
                "code": encrypt(code),
                "language": language,
                "expires_at": made.expires_at.isoformat(),
            },
            key=f"code:{made.pk}",
            at=at,
            priority=URGENT,
        )
    return made.expires_at


def _guesses(client: str, number: str) -> list[tuple[str, str, int]]:
    return [("code-pair", f"{client}\0{number}", PER_PAIR), ("code-guesser", client, PER_GUESSER)]


def _refuse_guessing(client: str, number: str, at: datetime) -> None:
    waits = {
        kind: attempts.blocked(kind, key, limit=limit, at=at) for kind, key, limit in _guesses(client, number)
    }
    wait, kind = max((wait or 0, kind) for kind, wait in waits.items())
    if wait:
        _log("guessing at one-time codes is slowed", kind, client)
        raise DomainError(Code.TOO_MANY_ATTEMPTS, retry_after=wait)


def _log(said: str, kind: str, client: str) -> None:
    """Neither number nor address: a keyed hash that tells one guesser's lines from another's."""
    log.warning(said, extra={"kind": kind, "client": client_key(client)[:16]})


def _plain(code: str) -> str:
    """The digits of what was typed, in any script."""
    kept = [str(int(sign)) for sign in str(code)[:40] if sign.isdecimal()]
    return "".join(kept)


def verify_code(phone: str, code: str, *, client: str, at: datetime) -> str:
    """The number in E.164, now proved. A code works once; any of the number's still valid codes will do.

    Call it outside a transaction: a failed try has to stay counted. Raises DomainError: code_wrong,
    code_expired (none is valid any more), too_many_attempts (with retry_after).
    """
    number, typed = _number(phone), _plain(code)
    _refuse_guessing(client, number, at)
    found: OneTimeCode | None = None
    # A wrong try must outlive the error: `durable` refuses to be part of a larger transaction.
    with transaction.atomic(durable=True):
        active = OneTimeCode.objects.filter(
            phone=number, used_at=None, expires_at__gt=at, tries_left__gt=0
        ).order_by("-created_at")
        valid = list(active)
        hashed = _hashed(number, typed)
        for row in valid:
            if hmac.compare_digest(row.code_hash, hashed):
                found = row
        if found is not None:
            # Two requests with one code: the second finds it used.
            unused = OneTimeCode.objects.filter(Q(pk=found.pk), used_at=None, tries_left__gt=0)
            if not unused.update(used_at=at):
                found = None
            else:
                active.update(used_at=at)
        elif valid:
            active.update(tries_left=F("tries_left") - 1)
    if found is not None:
        attempts.forget("code-pair", f"{client}\0{number}")
        return number
    for kind, key, _ in _guesses(client, number):
        attempts.fail(kind, key, window=GUESSES, at=at)
    if not valid:
        raise DomainError(Code.CODE_EXPIRED, field="code")
    if max(row.tries_left for row in valid) <= 1:
        # That was the last try of the last code: only a new one helps.
        _log("a one-time code is locked by wrong tries", "code-tries", client)
        raise DomainError(Code.CODE_EXPIRED, field="code")
    raise DomainError(Code.CODE_WRONG, field="code")


def purge(*, at: datetime) -> int:
    """Codes of other days serve nobody; the daily count needs today's."""
    return OneTimeCode.objects.filter(created_at__lt=at - timedelta(days=2)).delete()[0]
