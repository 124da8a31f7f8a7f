"""The file as a package of parts: what it is by its content, and that opening it costs no more than it may.

A workbook is a zip of XML. Each part is streamed once and measured before openpyxl builds anything from it:
how much it unpacks to, how many elements it has, how many of them stand in one row. Parts that are no XML
(macros, pictures, embedded files) are never unpacked, and links to other files are never followed.
"""

from __future__ import annotations

import io
import re
import zlib
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from .refusals import Refusal, Refused

MEGABYTE = 1024 * 1024
MOST_BYTES = 5 * MEGABYTE
MOST_PARTS = 500
MOST_UNPACKED = 64 * MEGABYTE
MOST_MARKS = 2_500_000
# Of one row, one shared text, or a part that has neither, such as the styles.
MOST_OF_A_ROW = 4 * MEGABYTE
MOST_MARKS_OF_A_ROW = 70_000
# Of one part: rows with the empty ones, cells, texts that cells share.
MOST_ROWS, MOST_CELLS, MOST_TEXTS = 100_000, 700_000, 400_000
CHUNK = 256 * 1024
ROW = re.compile(rb"<(?:\w+:)?(?:row|(si))[\s/>]")
CELLS = (b"<c ", b"<c/", b"<c>", b":c ", b":c/", b":c>")
# The tail of a chunk that may be the beginning of a mark.
LONGEST_MARK = 64
CONTENT_TYPES = "[Content_Types].xml"
SPREADSHEET = re.compile(
    rb"application/vnd\.(?:openxmlformats-officedocument\.spreadsheetml\.(?:sheet|template)"
    rb"|ms-excel\.(?:sheet|template)\.macroEnabled)\.main\+xml"
)


class Package(ZipFile):
    """A zip whose XML parts have been measured; no other part of it opens."""

    def open(self, name: Any, *args: Any, **kwargs: Any) -> IO[bytes]:
        if not is_xml(getattr(name, "filename", name)):
            raise KeyError(name)
        return super().open(name, *args, **kwargs)


def is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def opened(content: bytes) -> Package:
    """The package, measured. Raises Refused."""
    if len(content) > MOST_BYTES:
        raise Refused(Refusal.TOO_LARGE, megabytes=MOST_BYTES // MEGABYTE)
    try:
        package = Package(io.BytesIO(content))
        if CONTENT_TYPES not in package.namelist():
            raise Refused(Refusal.NO_XLSX)
        _measure(package)
        if not SPREADSHEET.search(package.read(CONTENT_TYPES)):
            raise Refused(Refusal.NO_XLSX)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError, OSError) as error:
        raise Refused(Refusal.NO_XLSX) from error
    return package


def _measure(package: Package) -> None:
    parts = [part for part in package.infolist() if is_xml(part.filename)]
    # zipfile never reads more of a part than it declares.
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Refused(Refusal.BOMB)
    marks = 0
    for part in parts:
        with package.open(part) as source:
            marks += _marks_of(source)
        if marks > MOST_MARKS:
            raise Refused(Refusal.BOMB)


def _marks_of(source: IO[bytes]) -> int:
    """How many marks a part has. Refuses one with too much in a row, and what only attacks have."""
    total = rows = cells = texts = size_of_row = marks_of_row = 0
    tail = b""
    while chunk := source.read(CHUNK):
        if b"\0" in chunk or (b"<!" in (tail[-1:] + chunk) and _declares(tail + chunk)):
            # Another encoding than UTF-8, or entities: no table program writes them.
            raise Refused(Refusal.UNREADABLE)
        text = tail + chunk
        end = max(len(text) - LONGEST_MARK, 0) if len(chunk) == CHUNK else len(text)
        at = 0
        begun = [row for row in ROW.finditer(text) if row.start() < end]
        shared = sum(row[1] is not None for row in begun)
        texts += shared
        rows += len(begun) - shared
        cells += sum(text.count(mark, 0, end) for mark in CELLS)
        if rows > MOST_ROWS or texts > MOST_TEXTS or cells > MOST_CELLS:
            raise Refused(Refusal.BOMB)
        for found in [*(row.start() for row in begun), end]:
            marks = text.count(b"<", at, found)
            total += marks
            size_of_row += found - at
            marks_of_row += marks
            if size_of_row > MOST_OF_A_ROW or marks_of_row > MOST_MARKS_OF_A_ROW or total > MOST_MARKS:
                raise Refused(Refusal.BOMB)
            if found != end:
                size_of_row = marks_of_row = 0
            at = found
        tail = text[end:]
    return total + tail.count(b"<")


def _declares(text: bytes) -> bool:
    return b"<!DOCTYPE" in text or b"<!ENTITY" in text
