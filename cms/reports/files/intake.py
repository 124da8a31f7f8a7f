"""Taking files in: cleaned, scanned, stored, and waiting for what they were uploaded for.

`owner` names who may use them: `web:<draft>`, `api:sender:<id>`, `staff:<id>`, `report:<id>` for the one
submission or message that they come with. BEARER's are for whoever knows their id, which cannot be guessed.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..errors import Code, DomainError
from ..models import Attachment, Event, Report
from . import storing
from .cleaning import clean
from .kinds import MOST_FILES, shown_name, too_many
from .scanning import scan

BEARER = "api"
# A form that is filled in keeps its files alive; what was uploaded and never used goes.
WAITS = timedelta(days=3)
HALF_DONE = timedelta(hours=1)


@dataclass(frozen=True)
class Files:
    """The files that an action is to take along: their ids, and as whom they are used."""

    ids: tuple[str, ...] = ()
    owner: str = ""

    def __bool__(self) -> bool:
        return bool(self.ids)


NO_FILES = Files()


def digest_of(content: bytes, salt: str) -> str:
    """What the history keeps of a file: worth nothing without the salt that goes with the file."""
    return hashlib.sha256(salt.encode() + b"\0" + hashlib.sha256(content).digest()).hexdigest()


def waiting(owner: str) -> Any:
    """What this owner has uploaded and not used, oldest first."""
    return Attachment.objects.filter(owner=owner, report=None, is_stored=True).order_by("pk")


def take(
    content: bytes,
    name: object,
    *,
    owner: str,
    at: datetime | None = None,
    waits: timedelta = WAITS,
    public_id: uuid.UUID | None = None,
) -> Attachment:
    """Clean and store one file for `owner`.

    Raises DomainError with the field `attachments`: `file_too_large`, `file_type`, `file_unreadable`,
    `file_refused`, `too_many_files`, `storage_unavailable`. Nothing is left behind then.
    """
    now = at or timezone.now()
    if owner != BEARER and waiting(owner).count() >= MOST_FILES:
        raise too_many()
    cleaned = clean(content)
    found = scan(cleaned.content)
    if found is Attachment.Scan.INFECTED:
        raise DomainError(
            Code.FILE_REFUSED, _("A virus was found in this file, and it was not kept."), field="attachments"
        )
    salt = secrets.token_hex(16)
    latitude, longitude = cleaned.point or (None, None)
    row = Attachment(
        public_id=public_id or uuid.uuid4(),
        owner=owner,
        name=shown_name(name, cleaned.kind),
        content_type=cleaned.kind,
        size=len(cleaned.content),
        digest=digest_of(cleaned.content, salt),
        salt=salt,
        scan=found,
        latitude=latitude,
        longitude=longitude,
        created_at=now,
        expires_at=now + HALF_DONE,
    )
    row.save()
    try:
        storing.write(row.file, cleaned.content)
        if cleaned.thumbnail:
            storing.write(f"{row.file}-small", cleaned.thumbnail)
    except DomainError as error:
        # The row names what was written, so that it goes with it: now, or within the hour.
        if not isinstance(error.__cause__, TimeoutError):
            drop([row])
        raise
    row.thumbnail = f"{row.file}-small" if cleaned.thumbnail else ""
    row.is_stored, row.expires_at = True, now + waits
    row.save(update_fields=["thumbnail", "is_stored", "expires_at"])
    return row


def keep_alive(owner: str, *, at: datetime | None = None, waits: timedelta = WAITS) -> None:
    """What they belong to is still being written."""
    until = (at or timezone.now()) + waits
    stale = Attachment.objects.filter(owner=owner, report=None, expires_at__lt=until - timedelta(days=1))
    stale.update(expires_at=until)


def drop(rows: Iterable[Attachment]) -> None:
    """Files that were not attached, with their rows."""
    with transaction.atomic():
        for row in rows:
            gone, _kinds = Attachment.objects.filter(pk=row.pk, report=None).delete()
            if gone:
                storing.delete_on_commit(names_of(row))


def names_of(row: Attachment) -> list[str]:
    """A half-done row may have a thumbnail that it does not name yet."""
    return [row.file, row.thumbnail or f"{row.file}-small"] if row.owner or row.report_id else [row.file]


def check_count(files: Files) -> None:
    if len(files.ids) > MOST_FILES:
        raise too_many()


def claim(files: Files) -> list[Attachment]:
    """The rows of these files, locked, in the order given; inside the transaction that attaches them.

    Raises `too_many_files`, and `not_found` where one does not exist, is used already, or is another's.
    """
    check_count(files)
    if not files:
        return []
    wanted = [_uuid(one) for one in files.ids]
    rows = Attachment.objects.select_for_update().filter(
        public_id__in=wanted, report=None, is_stored=True, owner__in={files.owner, BEARER}
    )
    found = {row.public_id: row for row in rows}
    if len(set(wanted)) != len(wanted) or set(wanted) != set(found):
        raise DomainError(
            Code.NOT_FOUND, _("A file was not found: it may be used or too old."), field="attachments"
        )
    return [found[one] for one in wanted]


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except (ValueError, AttributeError, TypeError):
        raise DomainError(Code.NOT_FOUND, field="attachments") from None


def in_event(rows: Sequence[Attachment]) -> dict[str, Any]:
    """What the event's data says of the files that came with it; its hash covers them."""
    return {"files": [row.digest for row in rows]} if rows else {}


def attach_to(event: Event, report: Report, rows: Collection[Attachment]) -> None:
    """They are the report's now, and where a photo was taken is known no longer."""
    if rows:
        Attachment.objects.filter(pk__in=[row.pk for row in rows]).update(
            report=report, event=event, owner="", latitude=None, longitude=None, expires_at=None
        )
