"""Asking ClamAV, where `CLAMD_URL` names one. A scanner that is away delays a file and loses none."""

from __future__ import annotations

import io
import logging
from urllib.parse import urlsplit

import aioclamd
from asgiref.sync import async_to_sync
from django.conf import settings

from ..models import Attachment

logger = logging.getLogger(__name__)
SECONDS = 20


def scan(content: bytes) -> Attachment.Scan:
    """What the scanner says of these bytes; `waiting` where it does not answer."""
    if not settings.SAWT_CLAMD_URL:
        return Attachment.Scan.NOT_SCANNED
    address = urlsplit(settings.SAWT_CLAMD_URL)
    client = aioclamd.ClamdAsyncClient(address.hostname or "127.0.0.1", address.port or 3310, SECONDS)
    try:
        answer = async_to_sync(client.instream)(io.BytesIO(content))
    except (aioclamd.ClamdError, OSError):
        logger.warning("the virus scanner does not answer", exc_info=True)
        return Attachment.Scan.WAITING
    status = (answer or {}).get("stream", ("", ""))[0]
    if status == "FOUND":
        return Attachment.Scan.INFECTED
    return Attachment.Scan.CLEAN if status == "OK" else Attachment.Scan.WAITING
