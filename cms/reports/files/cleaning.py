"""Making what was sent harmless: images are drawn anew, PDFs and videos are looked into, the rest is refused.

Nothing of an image's file survives but its pixels, so neither where it was taken nor what was hidden in it.
"""

from __future__ import annotations

import contextlib
import io
import math
import subprocess
import sys
import threading
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pillow_heif
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageCms, ImageOps

from ..errors import Code, DomainError
from .kinds import MOST_BYTES, Kind, sort_of, too_large

MOST_PIXELS = 40_000_000
THUMBNAIL_SIDE = 480
QUALITY = 85
PDF_SECONDS = 20
# A decoded photo of 40 megapixels takes 160 MB and its copy as much: two at a time in one process.
_decoding = threading.BoundedSemaphore(2)

pillow_heif.register_heif_opener(thumbnails=False)


@dataclass(frozen=True)
class Cleaned:
    """What is stored. `point` (latitude, longitude) is where a photo says that it was taken, or None."""

    kind: Kind
    content: bytes
    thumbnail: bytes = b""
    point: tuple[float, float] | None = None


def clean(content: bytes) -> Cleaned:
    """Raises DomainError: `file_too_large`, `file_type`, `file_unreadable` or `file_refused`."""
    if not content:
        raise DomainError(Code.FILE_TYPE, _("This file is empty."), field="attachments")
    if len(content) > MOST_BYTES:
        raise too_large()
    sort = sort_of(content)
    if sort == "PDF":
        return _pdf(content)
    if sort == "MP4":
        return _video(content)
    return _image(content, sort)


def _unreadable() -> DomainError:
    return DomainError(Code.FILE_UNREADABLE, field="attachments")


def _refused(why: Any) -> DomainError:
    return DomainError(Code.FILE_REFUSED, why, field="attachments")


def _flood() -> DomainError:
    return _refused(_("This picture has more than 40 megapixels."))


# --- images -----------------------------------------------------------------------------------


def _image(content: bytes, sort: str) -> Cleaned:
    with _decoding, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content), formats=[sort]) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise _flood()
                point = _point(image)
                pixels = _pixels(image)
        except DomainError:
            raise
        except Image.DecompressionBombError as error:
            raise _flood() from error
        except Exception as error:
            # Decoders raise whatever a broken or hostile file leads them to.
            raise _unreadable() from error
        kind, drawn = _drawn(pixels, sort)
        return Cleaned(kind, drawn, _thumbnail(pixels), point)


def _pixels(image: Image.Image) -> Image.Image:
    """The first frame, upright, in sRGB, with nothing beside it."""
    upright = ImageOps.exif_transpose(image)
    has_alpha = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    profile = upright.info.get("icc_profile")
    mode = "RGBA" if has_alpha else "RGB"
    if profile and upright.mode in ("RGB", "RGBA", "CMYK"):
        # A broken profile changes colours a little, no more.
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            upright = ImageCms.profileToProfile(  # type: ignore[assignment]
                upright,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB" if upright.mode == "CMYK" else mode,
            )
    pixels = upright.convert(mode)
    # Encoders write comments and profiles that they find here.
    pixels.info = {}
    return pixels


def _drawn(pixels: Image.Image, sort: str) -> tuple[Kind, bytes]:
    """In the format that it came in; as JPEG where it came as HEIC, or would grow past the limit."""
    if sort in ("PNG", "WEBP"):
        out = io.BytesIO()
        if sort == "PNG":
            pixels.save(out, "PNG")
        else:
            pixels.save(out, "WEBP", quality=QUALITY, method=2)
        if out.tell() <= MOST_BYTES:
            return (Kind.PNG if sort == "PNG" else Kind.WEBP), out.getvalue()
    for quality in (QUALITY, 70, 55):
        drawn = _jpeg(pixels, quality)
        if len(drawn) <= MOST_BYTES:
            return Kind.JPEG, drawn
    raise too_large()


def _jpeg(pixels: Image.Image, quality: int) -> bytes:
    if pixels.mode == "RGBA":
        paper = Image.new("RGB", pixels.size, "white")
        paper.paste(pixels, mask=pixels.getchannel("A"))
        pixels = paper
    out = io.BytesIO()
    pixels.save(out, "JPEG", quality=quality, progressive=pixels.width * pixels.height < 4_000_000)
    return out.getvalue()


def _thumbnail(pixels: Image.Image) -> bytes:
    small = pixels.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return _jpeg(small, 78)


def _point(image: Image.Image) -> tuple[float, float] | None:
    """Latitude and longitude of the photo's GPS note, in degrees."""
    try:
        gps = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    except Exception:
        return None
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    if abs(latitude) > 90 or abs(longitude) > 180 or (latitude, longitude) == (0.0, 0.0):
        return None
    return round(latitude, 6), round(longitude, 6)


def _degrees(parts: Any, reference: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    sign = -1 if str(reference or "").strip("\0 ").upper() == negative else 1
    return sign * (degrees + minutes / 60 + seconds / 3600)


# --- documents and videos ---------------------------------------------------------------------


def _no_archive_inside(content: bytes) -> None:
    """A file that is a ZIP archive as well is something else than it says."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise _refused(_("This file hides another one."))


def _pdf(content: bytes) -> Cleaned:
    """Kept as it is, for its signatures; looked into by a process of its own that may not grow (`pdf.py`)."""
    _no_archive_inside(content)
    if content[content.rfind(b"%%EOF") + 5 :].strip(b"\0\t\n\f\r ") or not content.startswith(b"%PDF-"):
        raise _unreadable()
    try:
        looked = subprocess.run(  # noqa: S603  (our own file, with nothing of the sender's in the arguments)
            [sys.executable, "-I", str(Path(__file__).with_name("pdf.py"))],
            input=content,
            capture_output=True,
            timeout=PDF_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _unreadable() from error
    found = looked.stdout.decode("ascii", "replace").strip()
    if looked.returncode != 0 or not found:
        raise _unreadable()
    if found == "encrypted":
        raise _refused(_("This PDF is locked with a password. Send it without one."))
    if found != "plain":
        raise _refused(_("This PDF holds a script or other files. Print it to a new PDF and send that one."))
    return Cleaned(Kind.PDF, content)


def _video(content: bytes) -> Cleaned:
    """Kept as it is: a walk over its boxes tells that it is whole, and a video throughout."""
    _no_archive_inside(content)
    at, seen = 0, set()
    while at < len(content):
        head = content[at : at + 16]
        if len(head) < 8:
            raise _unreadable()
        size, name = int.from_bytes(head[:4], "big"), head[4:8]
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:16], "big")
        elif size == 0:
            size = len(content) - at
        if size < 8 or at + size > len(content) or not name.isascii():
            raise _unreadable()
        seen.add(name)
        at += size
    if not {b"ftyp", b"moov"} <= seen or not {b"mdat", b"moof"} & seen:
        raise _unreadable()
    return Cleaned(Kind.MP4, content)
