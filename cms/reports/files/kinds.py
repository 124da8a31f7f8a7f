"""What may be attached, told by its bytes and never by its name. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

import filetype
from django.utils.translation import gettext_lazy as _

from ..errors import Code, DomainError
from ..texts import BIDI_CONTROLS, REFUSED

MOST_FILES = 10
MOST_BYTES = 20 * 1024 * 1024
NAME_MAXIMUM = 100


class Kind(StrEnum):
    """Media types of what is kept. HEIC is taken in and kept as JPEG."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"
    MP4 = "video/mp4"


EXTENSIONS = {
    Kind.JPEG: "jpg",
    Kind.PNG: "png",
    Kind.WEBP: "webp",
    Kind.PDF: "pdf",
    Kind.MP4: "mp4",
}
IMAGES = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP})
# What `filetype` calls the bytes → what they are to us. Telephones write several brands of MP4.
TAKEN: dict[str, str] = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/apng": "PNG",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
    "application/pdf": "PDF",
    "video/mp4": "MP4",
    "video/x-m4v": "MP4",
}
# For `accept` of a form: only a hint to the browser's own chooser.
ACCEPT = "image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif,application/pdf,video/mp4"
KNOWN_EXTENSIONS = re.compile(r"\.(jpe?g|png|webp|hei[cf]|pdf|mp4|m4v)$", re.IGNORECASE)
UNFIT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


def sort_of(head: bytes) -> str:
    """JPEG, PNG, WEBP, HEIF, PDF or MP4, by the first bytes. Raises `file_type` for anything else."""
    found = filetype.guess_mime(head[:8192])
    sort = TAKEN.get(found or "")
    if sort is None:
        raise DomainError(Code.FILE_TYPE, field="attachments")
    return sort


def too_large() -> DomainError:
    message = _("This file is larger than %(most)s MB.") % {"most": MOST_BYTES // (1024 * 1024)}
    return DomainError(Code.FILE_TOO_LARGE, message, field="attachments")


def too_many() -> DomainError:
    message = _("At most %(most)s files can be attached at once.") % {"most": MOST_FILES}
    return DomainError(Code.TOO_MANY_FILES, message, field="attachments")


def plain_name(given: object) -> str:
    """What a file was called, without folders and controls; '' where nothing is left."""
    text = given if isinstance(given, str) else ""
    text = re.split(r"[/\\]", text[-1000:])[-1]
    text = BIDI_CONTROLS.sub("", REFUSED.sub("", text))
    return " ".join(UNFIT_IN_NAMES.sub(" ", text).split())[:NAME_MAXIMUM]


def shown_name(given: object, kind: Kind) -> str:
    """A name fit to be shown and downloaded under: no folders, no controls, the extension of what it is.

    `photo.jpg.exe` that is a JPEG becomes `photo.jpg.exe.jpg`; a name that says nothing, `file.jpg`.
    """
    stem = KNOWN_EXTENSIONS.sub("", plain_name(given)).strip(". ")
    extension = EXTENSIONS[kind]
    stem = stem[: NAME_MAXIMUM - len(extension) - 1].strip(". ")
    return f"{stem or 'file'}.{extension}"
