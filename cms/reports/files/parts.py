"""Uploads in parts of 5 MB, over a connection that may break: each is stored, then they are one file."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..errors import Code, DomainError
from ..models import Attachment, Upload
from . import storing
from .intake import take
from .kinds import MOST_BYTES, too_large

PART_BYTES = 5 * 1024 * 1024
LIVES = timedelta(hours=24)


def begin(name: str, size: int, *, owner: str, at: datetime | None = None) -> Upload:
    """Raises `invalid` for a size that is none, `file_too_large`."""
    now = at or timezone.now()
    if size < 1:
        raise DomainError(Code.INVALID, _("Say how many bytes the file has."), field="size")
    if size > MOST_BYTES:
        raise too_large()
    return Upload.objects.create(
        owner=owner, name=name[:1000], size=size, created_at=now, expires_at=now + LIVES
    )


def count_of(upload: Upload) -> int:
    return -(-upload.size // PART_BYTES)


def length_of(upload: Upload, number: int) -> int:
    """How many bytes part `number` (from 1) has. Raises `not_found` where there is no such part."""
    if not 1 <= number <= count_of(upload):
        raise DomainError(Code.NOT_FOUND, field="part")
    return min(PART_BYTES, upload.size - (number - 1) * PART_BYTES)


def _name(upload: Upload, number: int) -> str:
    return f"parts/{upload.public_id.hex}/{number}"


def find(public_id: uuid.UUID, owners: set[str]) -> Upload | None:
    """An upload under way of one of these owners."""
    return Upload.objects.filter(public_id=public_id, owner__in=owners, expires_at__gt=timezone.now()).first()


def put(upload: Upload, number: int, content: bytes) -> tuple[Upload, Attachment | None]:
    """Store one part; the last one that was missing makes the attachment, and the parts are gone.

    A part sent again is taken once. Raises `invalid` for a wrong length, and whatever `take` raises: then
    the upload has ended.
    """
    if len(content) != length_of(upload, number):
        message = _("This part has %(length)s bytes.") % {"length": length_of(upload, number)}
        raise DomainError(Code.INVALID, message, field="part")
    if number not in upload.received:
        # What a killed process left half-written stands under this very name.
        if storing.delete([_name(upload, number)]):
            raise DomainError(Code.STORAGE_UNAVAILABLE, field="attachments")
        storing.write(_name(upload, number), content)
    with transaction.atomic():
        row = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if row is None:
            raise DomainError(Code.NOT_FOUND, field="part")
        row.received = sorted({*row.received, number})
        row.save(update_fields=["received"])
    return row, finish(row) if len(row.received) == count_of(row) else None


def finish(upload: Upload) -> Attachment:
    """The parts as one file. Of two that finish at once one does; the other is told `conflict`."""
    mine = Upload.objects.filter(pk=upload.pk, is_finishing=False).update(is_finishing=True)
    if not mine:
        raise DomainError(Code.CONFLICT, _("This upload is being finished already."), field="part")
    try:
        names = [_name(upload, number) for number in range(1, count_of(upload) + 1)]
        content = b"".join(storing.read(name) for name in names)
        made = take(content, upload.name, owner=upload.owner, public_id=upload.public_id)
    except (DomainError, OSError) as error:
        if isinstance(error, OSError) or error.code is Code.STORAGE_UNAVAILABLE:
            # The last part may be sent again.
            Upload.objects.filter(pk=upload.pk).update(is_finishing=False)
        else:
            give_up(upload)
        if isinstance(error, DomainError):
            raise
        raise DomainError(Code.STORAGE_UNAVAILABLE, field="attachments") from error
    give_up(upload)
    return made


def give_up(upload: Upload) -> None:
    names = [_name(upload, number) for number in range(1, count_of(upload) + 1)]
    with transaction.atomic():
        Upload.objects.filter(pk=upload.pk).delete()
        storing.delete_on_commit(names)
