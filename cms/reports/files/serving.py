"""Handing a file out: as a download, named by us, in a sandbox, whole or in the range that was asked for."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext

from ..models import Attachment
from . import storing

logger = logging.getLogger(__name__)
CHUNK = 64 * 1024
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


def response(row: Attachment, request: HttpRequest, *, small: bool = False) -> HttpResponseBase:
    """The file or its thumbnail for a GET or HEAD. Raises FileNotFoundError where there is none to give.

    Who asks here has decided already that it may be read.
    """
    if not row.is_readable or (small and not row.thumbnail):
        raise FileNotFoundError(row.name)
    try:
        file = storing.opened(row.thumbnail if small else row.file)
    except FileNotFoundError:
        raise
    except OSError:
        logger.exception("a file could not be read")
        return _away()
    try:
        size = file.size if small else row.size
        tag = f'"{row.digest[:32]}{"s" if small else ""}"'
        served = _ranged(file, size, request, tag)
    except BaseException:
        file.close()
        raise
    name = row.name.rsplit(".", 1)[0] + "-small.jpg" if small else row.name
    served.headers["Content-Type"] = "image/jpeg" if small else row.content_type
    served.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    served.headers["X-Content-Type-Options"] = "nosniff"
    served.headers["Content-Security-Policy"] = POLICY
    served.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    served.headers["Referrer-Policy"] = "no-referrer"
    served.headers["Cache-Control"] = "private, no-store"
    served.headers["Accept-Ranges"] = "bytes"
    served.headers["ETag"] = tag
    return served


def _away() -> HttpResponse:
    said = HttpResponse(
        gettext("This file cannot be read at the moment. Try again later."), "text/plain; charset=utf-8", 503
    )
    said.headers["Retry-After"] = "60"
    said.headers["Cache-Control"] = "no-store"
    return said


def _ranged(file: Any, size: int, request: HttpRequest, tag: str) -> HttpResponseBase:
    asked = _range(request, size, tag)
    if asked is None:
        whole = StreamingHttpResponse(_parts(file, 0, size))
        whole._resource_closers.append(file.close)  # type: ignore[attr-defined]
        whole.headers["Content-Length"] = str(size)
        return whole
    if not asked:
        file.close()
        nothing = HttpResponse(status=416)
        nothing.headers["Content-Range"] = f"bytes */{size}"
        return nothing
    first, last = asked
    part = StreamingHttpResponse(_parts(file, first, last + 1 - first), status=206)
    part._resource_closers.append(file.close)  # type: ignore[attr-defined]
    part.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    part.headers["Content-Length"] = str(last + 1 - first)
    return part


def _range(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | tuple[()] | None:
    """(first, last) of the one range asked for; () where it lies outside; None for the whole file.

    Several ranges, and a range of another state of the file (`If-Range`), are answered with the whole.
    """
    header = request.headers.get("Range", "")
    match = RANGE.fullmatch(header.replace(" ", "")[:60])
    if match is None or request.headers.get("If-Range", tag) != tag:
        return None
    start, end = match[1][:15], match[2][:15]
    if not start and not end:
        return None
    if not start:
        length = min(int(end), size)
        return (size - length, size - 1) if length else ()
    first = int(start)
    last = min(int(end), size - 1) if end else size - 1
    if end and int(end) < first:
        return None
    return (first, last) if first < size else ()


def _parts(file: Any, start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = length
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
