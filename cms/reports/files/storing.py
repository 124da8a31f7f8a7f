"""Where files lie: the storage named `attachments`, under names of ours, written whole or not at all."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone

from ..errors import Code, DomainError
from ..models import Attachment

logger = logging.getLogger(__name__)
# When the sweep asks again for a file that could not be deleted.
LATER = timedelta(minutes=10)


def storage() -> Storage:
    return storages["attachments"]


def write(name: str, content: bytes) -> None:
    """Raises `storage_unavailable` where the disk is full or the storage is away; nothing is left then."""
    try:
        written = storage().save(name, ContentFile(content))
        if written != name:
            # A name of ours is drawn at random: somebody else's file can only stand there by mistake.
            storage().delete(written)
            raise FileExistsError(name)
    except Exception as error:
        logger.exception("a file could not be stored")
        if isinstance(error, TimeoutError):
            # To ask it again for the end of what it may have would take as long again.
            come_back_for([name])
        elif not isinstance(error, FileExistsError):
            remove([name])
        raise DomainError(Code.STORAGE_UNAVAILABLE, field="attachments") from error


def read(name: str) -> bytes:
    with storage().open(name) as file:
        content: bytes = file.read()
    return content


def opened(name: str) -> Any:
    """The file for reading from anywhere in it. Raises FileNotFoundError."""
    return storage().open(name)


def delete(names: Iterable[str]) -> list[str]:
    """Those that are still there: the storage was away. What never was is gone."""
    left = []
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            try:
                storage().delete(name)
            except OSError:
                logger.exception("a file could not be deleted")
                left.append(name)
    return left


def remove(names: Iterable[str]) -> None:
    """Delete now; what cannot be is named by a row, so that the sweep comes back for it."""
    if left := delete(names):
        come_back_for(left)


def come_back_for(names: Iterable[str]) -> None:
    Attachment.objects.bulk_create(_leaving(names, timezone.now() + LATER))


def delete_on_commit(names: Iterable[str]) -> None:
    """A transaction that is rolled back keeps its files."""
    gone = [name for name in names if name]
    transaction.on_commit(lambda: remove(gone))


def delete_surely(names: Iterable[str]) -> None:
    """As `delete_on_commit`, but named in this very transaction: also a killed process leaves none behind."""
    due = timezone.now()
    rows = Attachment.objects.bulk_create(_leaving((name for name in names if name), due))

    def gone() -> None:
        left = set(delete(row.file for row in rows))
        Attachment.objects.filter(pk__in=[row.pk for row in rows if row.file not in left]).delete()

    transaction.on_commit(gone)


def _leaving(names: Iterable[str], due: datetime) -> list[Attachment]:
    """Rows that say nothing but which file is to go."""
    return [
        Attachment(file=name, size=0, scan=Attachment.Scan.NOT_SCANNED, created_at=due, expires_at=due)
        for name in names
    ]
