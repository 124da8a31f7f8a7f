"""Files as people send them, made here: photos with a place in them, documents, videos, and worse."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pillow_heif
from PIL import ExifTags, Image

pillow_heif.register_heif_opener()
CAMERA = "SecretCam 3000"
# Of the small catalogue's region: 26°21'N 43°58'30"E.
TAKEN_AT = (26.35, 43.975)


def exif(*, gps: bool = True) -> Image.Exif:
    notes = Image.Exif()
    notes[ExifTags.Base.Make] = CAMERA
    if gps:
        place = notes.get_ifd(ExifTags.IFD.GPSInfo)
        place.update({1: "N", 2: (26.0, 21.0, 0.0), 3: "E", 4: (43.0, 58.0, 30.0)})
        notes[ExifTags.IFD.GPSInfo] = place
    return notes


def photo(format: str = "JPEG", size: tuple[int, int] = (320, 240), *, gps: bool = False) -> bytes:
    """A picture whose file tells which camera took it, in a comment too where the format has one."""
    out = io.BytesIO()
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    more: dict[str, Any] = {"comment": CAMERA.encode()} if format == "JPEG" else {}
    image.save(out, format, exif=exif(gps=gps).tobytes(), **more)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be so large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def pdf(change: Callable[[Any], None] | None = None, **saved: Any) -> bytes:
    """A PDF of one empty page; `change` adds to it."""
    document = pikepdf.new()
    document.add_blank_page()
    if change is not None:
        change(document)
    out = io.BytesIO()
    document.save(out, **saved)
    return out.getvalue()


def scripted(document: Any) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    document.Root.OpenAction = action


def carrying(document: Any) -> None:
    document.attachments["invoice.exe"] = b"MZ"


def launching(document: Any) -> None:
    on_opening = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="x.exe"))
    document.pages[0].obj.AA = on_opening


def video(*boxes: bytes) -> bytes:
    head = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"isom", 0, b"mp42", b"mp41")
    movie = boxes or (struct.pack(">I4s", 8, b"moov"), struct.pack(">I4s", 12, b"mdat") + b"\1\2\3\4")
    return head + b"".join(movie)


def with_archive(content: bytes) -> bytes:
    """The same file, and a ZIP archive at its end."""
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("run.js", "alert(1)")
    return out.getvalue()


def upload(owner: str = "api", name: str = "photo.jpg", content: bytes | None = None, **kwargs: Any) -> Any:
    """A file that was taken in and waits."""
    from cms.reports.files import intake

    return intake.take(photo() if content is None else content, name, owner=owner, **kwargs)


def files_of(*rows: Any, owner: str = "api") -> Any:
    from cms.reports.files.intake import Files

    return Files(tuple(str(row.public_id) for row in rows), owner)
