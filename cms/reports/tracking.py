"""Finding one's own report: by reference and secret, or by the link of a message."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, QuerySet
from django.utils import timezone

from cms.entities.snapshot import present_stamp
from permissions import attempts
from permissions.clients import client_key

from . import secrets
from .compiled import Compiled, Parameter
from .errors import Code, DomainError
from .models import AccessLink, Report
from .reference import parse

logger = logging.getLogger(__name__)

WINDOW = timedelta(minutes=15)
# Wrong guesses of one client at one reference, and of one client at all, in a window.
PER_REFERENCE, PER_CLIENT = 5, 50
# Those of all clients together at one reference; of one client no more come this far than the five above.
FROM_ALL_CLIENTS = 20

# Stands for the report that is not there, so that looking for it takes as long.
NOBODY = UUID(int=0)

# Tracking is the most frequent request: what the sender's page, its buttons and the API read, and no more.
COLUMNS = (
    "public_id",
    "reference",
    "secret_hash",
    "secret_version",
    "kind",
    "state",
    "privacy",
    "language",
    "title",
    "service_id",
    "place_id",
    "entity_id",
    "merged_into_id",
    "parent_id",
    "responsible_id",
    "left_state",
    "round",
    "submitted_at",
    "next_due_at",
    "answered_at",
    "closed_at",
    "appealed_at",
    "rejected_by_id",
    "reopen_until",
    "erased_at",
)


def _by_reference() -> QuerySet[Report]:
    """Beside the report: the catalogue's stamp."""
    return (
        Report.objects.filter(reference=Parameter("reference", CharField()))
        .with_rated()
        .annotate(catalogue_stamp=present_stamp())
        .only(*COLUMNS)
    )


_FOUND = Compiled(_by_reference)


def find(reference: str, secret: str, *, client: str, at: datetime | None = None) -> Report | None:
    """The report, with what its sender reads of it; None whichever of the two is wrong.

    Service, place and entity are the catalogue's, of the `catalogue_stamp` that comes with it.

    Raises `reference_malformed` or `reference_typo` before any look-up, and `too_many_attempts` to a client
    that guesses, and to all who guess at a reference that many guess at, whether it exists or not. The right
    secret always opens its report, whatever was guessed before; who mistypes it is told so and is not made to
    wait for the guesses of others.
    """
    canonical = parse(reference, settings.SAWT_REFERENCE_PREFIX)
    now = at or timezone.now()
    found = _FOUND(reference=canonical)
    report = found[0] if found else None
    # An unknown reference costs the same comparison as a known one.
    stored, version = (report.secret_hash, report.secret_version) if report else ("0" * 64, None)
    if secrets.matches(secret, stored, version):
        return report
    public_id = report.public_id if report else NOBODY
    _count(canonical, client, now, is_slip=secrets.is_slip(secret, secrets.secret_for(public_id, version)))
    return None


def _count(reference: str, client: str, at: datetime, *, is_slip: bool) -> None:
    _count_one("track-reference", f"{reference}\0{client}", PER_REFERENCE, client, at)
    _count_client(client, at)
    if not is_slip:
        _count_one("track-all-clients", reference, FROM_ALL_CLIENTS, client, at)


def _count_client(client: str, at: datetime) -> None:
    _count_one("track-client", client, PER_CLIENT, client, at)


def _count_one(kind: str, key: str, limit: int, client: str, at: datetime) -> None:
    wait = attempts.blocked(kind, key, limit=limit, at=at)
    attempts.fail(kind, key, window=WINDOW, at=at)
    if wait is not None:
        _log(kind, client)
        raise DomainError(Code.TOO_MANY_ATTEMPTS, retry_after=wait)


def _log(kind: str, client: str) -> None:
    """Which client it was, by a keyed hash: enough to see one guesser in many lines."""
    logger.warning(
        "guessing at references is slowed", extra={"kind": kind, "client": client_key(client)[:16]}
    )


def from_link(token: str, *, client: str, at: datetime | None = None) -> Report | None:
    """The report a message's link opens; None where it is unknown, revoked or expired.

    Such a token is a guess of this client's like any other: `too_many_attempts` to who guesses at large. The
    right one always opens its report.
    """
    now = at or timezone.now()
    link = (
        AccessLink.objects.filter(
            token_hash__in=secrets.token_hashes(token), revoked_at=None, expires_at__gt=now
        )
        .select_related("report")
        .first()
    )
    if link is None:
        _count_client(client, now)
        return None
    return link.report
