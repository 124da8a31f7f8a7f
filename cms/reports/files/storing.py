"""Where files lie: the storage named `attachments`, under names of ours, written whole or not at all."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction

from ..errors import Code, DomainError

logger = logging.getLogger(__name__)


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
        delete([name] if not isinstance(error, FileExistsError) else [])
        raise DomainError(Code.STORAGE_UNAVAILABLE, field="attachments") from error


def read(name: str) -> bytes:
    with storage().open(name) as file:
        content: bytes = file.read()
    return content


def opened(name: str) -> Any:
    """The file for reading from anywhere in it. Raises FileNotFoundError."""
    return storage().open(name)


def delete(names: Iterable[str]) -> None:
    """What cannot be deleted now is logged: a row that still names it brings it up again."""
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            try:
                storage().delete(name)
            except OSError:
                logger.exception("a file could not be deleted")


def delete_on_commit(names: Iterable[str]) -> None:
    """A transaction that is rolled back keeps its files."""
    gone = [name for name in names if name]
    transaction.on_commit(lambda: delete(gone))
