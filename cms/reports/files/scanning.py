"""Asking ClamAV, where `CLAMD_URL` names one. A scanner that is away delays a file and loses none."""

from __future__ import annotations

import io
import logging
import time
from urllib.parse import urlsplit

import aioclamd
from asgiref.sync import async_to_sync
from django.conf import settings

from ..models import Attachment

logger = logging.getLogger(__name__)
# A sender waits so long for one file; after that nobody asks for half a minute.
SECONDS = 10
REST = 30
# Without a sender who waits.
PATIENCE = 60
PIECE = 256 * 1024
# The scanner's address → until when (monotonic) it is taken to be away.
_away: dict[str, float] = {}


class _Away(Exception):
    """It does not answer, or not in time."""


class _HungUp(Exception):
    """In the middle of a file: it was stopped, or the file is longer than it takes."""


class _Pieces(io.BytesIO):
    """Read in large pieces, however little is asked for: the client's own of 1 KB take ten times as long."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(PIECE)


def scan(content: bytes, *, is_patient: bool = False) -> Attachment.Scan:
    """What the scanner says of these bytes: `waiting` where it does not answer, `unscanned` where none will.

    `is_patient`: nobody waits, so ask whatever happened a moment ago.
    """
    url = settings.SAWT_CLAMD_URL
    if not url:
        return Attachment.Scan.NOT_SCANNED
    if is_away() and not is_patient:
        return Attachment.Scan.WAITING
    try:
        found = _asked(url, content, PATIENCE if is_patient else SECONDS)
    except _Away:
        logger.warning("the virus scanner does not answer", exc_info=True)
        _away[url] = time.monotonic() + REST
        return Attachment.Scan.WAITING
    _away.pop(url, None)
    return found


def is_away() -> bool:
    """Whether the scanner has failed to answer within the last half minute."""
    return time.monotonic() < _away.get(settings.SAWT_CLAMD_URL, 0)


def _asked(url: str, content: bytes, seconds: int) -> Attachment.Scan:
    address = urlsplit(url)
    client = aioclamd.ClamdAsyncClient(address.hostname or "127.0.0.1", address.port or 3310, seconds)
    for _try in range(2):
        try:
            status = _streamed(client, content)
        except _HungUp:
            # On what is longer than its StreamMaxLength it hangs up; why is mostly lost with the connection.
            # One that was stopped does not answer now; one that came back takes the file.
            _pinged(client)
            continue
        if status == "FOUND":
            return Attachment.Scan.INFECTED
        # ERROR: its own trouble, a full disk for instance, which passes.
        return Attachment.Scan.CLEAN if status == "OK" else Attachment.Scan.WAITING
    return _too_long(content)


def _streamed(client: aioclamd.ClamdAsyncClient, content: bytes) -> str:
    """OK, FOUND or ERROR."""
    try:
        answer = async_to_sync(client.instream)(_Pieces(content))
    except aioclamd.BufferTooLongError as error:
        raise _HungUp from error
    except aioclamd.ResponseError:
        logger.warning("the virus scanner could not scan a file", exc_info=True)
        return "ERROR"
    except (aioclamd.ClamdError, OSError) as error:
        if isinstance(error, ConnectionError) or isinstance(error.__cause__, ConnectionResetError):
            raise _HungUp from error
        raise _Away from error
    if not answer:
        raise _HungUp
    status: str = answer["stream"][0]
    return status


def _pinged(client: aioclamd.ClamdAsyncClient) -> None:
    try:
        async_to_sync(client.ping)()
    except (aioclamd.ClamdError, OSError) as error:
        raise _Away from error


def _too_long(content: bytes) -> Attachment.Scan:
    logger.error(
        "the virus scanner does not take a file of %s bytes: its StreamMaxLength must be 25M", len(content)
    )
    return Attachment.Scan.NOT_SCANNED
