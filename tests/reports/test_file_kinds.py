"""What becomes of a file's bytes: drawn anew, kept, or refused by name (bad-input 39)."""

import io
import struct
import zlib

import pytest
from PIL import Image

from cms.reports.errors import Code, DomainError
from cms.reports.files import cleaning
from cms.reports.files.cleaning import clean
from cms.reports.files.kinds import MOST_BYTES, Kind, shown_name
from tests.factories import files


def refusal(content: bytes) -> Code:
    with pytest.raises(DomainError) as refused:
        clean(content)
    assert refused.value.field == ("attachments",)
    return refused.value.code


@pytest.mark.parametrize(
    ("format", "kind"),
    [("JPEG", Kind.JPEG), ("PNG", Kind.PNG), ("WEBP", Kind.WEBP), ("HEIF", Kind.JPEG)],
)
def test_a_photo_keeps_its_pixels_and_nothing_else(format: str, kind: Kind) -> None:
    sent = files.photo(format, gps=True)
    assert files.CAMERA.encode() in sent

    cleaned = clean(sent)

    assert cleaned.kind is kind
    assert files.CAMERA.encode() not in cleaned.content + cleaned.thumbnail
    with Image.open(io.BytesIO(cleaned.content)) as kept:
        assert (kept.get_format_mimetype(), kept.size) == (kind.value, (320, 240))
        assert len(kept.getexif()) == 0
    with Image.open(io.BytesIO(cleaned.thumbnail)) as small:
        assert (small.format, small.size) == ("JPEG", (320, 240))
    # Where it was taken is told once, to be offered, and is no longer in the file.
    assert cleaned.point == files.TAKEN_AT


def test_a_photo_without_a_place_offers_none() -> None:
    assert clean(files.photo()).point is None


def test_a_photo_stands_upright_and_its_thumbnail_is_small() -> None:
    out = io.BytesIO()
    notes = Image.Exif()
    notes[0x0112] = 6
    Image.new("RGB", (1200, 600)).save(out, "JPEG", exif=notes)

    cleaned = clean(out.getvalue())

    with Image.open(io.BytesIO(cleaned.content)) as kept, Image.open(io.BytesIO(cleaned.thumbnail)) as small:
        assert (kept.size, small.size) == ((600, 1200), (240, 480))


def test_what_hangs_behind_a_picture_is_gone() -> None:
    cleaned = clean(files.with_archive(files.photo()))

    assert b"run.js" not in cleaned.content
    assert b"<script>" not in clean(files.photo("PNG") + b"<script>alert(1)</script>").content


def test_forty_megapixels_are_taken_and_one_row_more_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cleaning, "MOST_PIXELS", 320 * 240)
    assert clean(files.photo()).kind is Kind.JPEG
    assert refusal(files.photo(size=(320, 241))) is Code.FILE_REFUSED
    monkeypatch.undo()

    assert refusal(files.png_of(8000, 5001)) is Code.FILE_REFUSED
    assert refusal(files.png_of(60_000, 60_000)) is Code.FILE_REFUSED


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + bytes(100),
        b"PK\x03\x04" + bytes(100),
        b"MZ" + bytes(100),
        b"",
        b"just words",
    ],
    ids=["svg", "html", "gif", "zip", "exe", "empty", "text"],
)
def test_other_types_are_refused_whatever_they_are_called(content: bytes) -> None:
    assert refusal(content) is Code.FILE_TYPE


@pytest.mark.parametrize(
    "content",
    [b"\xff\xd8\xff\xe0 broken", files.photo()[:400], b"%PDF-1.7 nothing\n%%EOF", files.pdf()[:300]],
    ids=["no jpeg", "half a jpeg", "no pdf", "half a pdf"],
)
def test_a_broken_file_is_refused(content: bytes) -> None:
    assert refusal(content) is Code.FILE_UNREADABLE


def test_a_plain_pdf_is_kept_to_the_byte() -> None:
    sent = files.pdf()

    assert clean(sent) == cleaning.Cleaned(Kind.PDF, sent)


@pytest.mark.parametrize("change", [files.scripted, files.carrying, files.launching])
@pytest.mark.parametrize("packed", [False, True])
def test_a_pdf_with_a_script_or_a_file_is_refused(change: object, packed: bool) -> None:
    import pikepdf

    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable

    assert refusal(files.pdf(change, object_stream_mode=mode)) is Code.FILE_REFUSED  # type: ignore[arg-type]


def test_a_locked_pdf_is_refused() -> None:
    import pikepdf

    locked = files.pdf(encryption=pikepdf.Encryption(owner="a", user="b"))

    assert refusal(locked) is Code.FILE_REFUSED


def test_a_pdf_that_unpacks_to_a_gigabyte_is_refused_without_being_unpacked_here() -> None:
    bomb = zlib.compress(bytes(1 << 30), 9)
    content = (
        b"%PDF-1.7\n1 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length "
        + str(len(bomb)).encode()
        + b">>stream\n"
        + bomb
        + b"\nendstream endobj\n2 0 obj<</Type/Catalog/Pages 3 0 R>>endobj\n"
        b"3 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 2 0 R>>\n%%EOF"
    )

    assert refusal(content) is Code.FILE_UNREADABLE


def test_a_file_that_is_two_things_is_refused() -> None:
    assert refusal(files.with_archive(files.pdf())) is Code.FILE_REFUSED
    assert refusal(files.with_archive(files.video())) is Code.FILE_REFUSED
    assert refusal(files.pdf() + b"<script>alert(1)</script>") is Code.FILE_UNREADABLE
    assert refusal(b"junk" + files.pdf()) is Code.FILE_TYPE


def test_a_video_is_kept_to_the_byte_where_it_is_whole() -> None:
    sent = files.video()

    assert clean(sent) == cleaning.Cleaned(Kind.MP4, sent)
    assert refusal(files.video(struct.pack(">I4s", 8, b"mdat"))) is Code.FILE_UNREADABLE
    assert refusal(sent + b"<script>") is Code.FILE_UNREADABLE
    assert refusal(sent[:-1]) is Code.FILE_UNREADABLE


def test_twenty_megabytes_are_the_most() -> None:
    fill = MOST_BYTES - len(files.video()) - 8
    whole = files.video() + struct.pack(">I4s", fill + 8, b"free") + bytes(fill)
    assert len(whole) == MOST_BYTES

    assert clean(whole).kind is Kind.MP4
    assert refusal(whole + b"\0") is Code.FILE_TOO_LARGE


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("IMG_2041.JPG", "IMG_2041.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("..\\..\\windows\\win.ini", "win.ini.jpg"),
        ("photo.jpg.exe", "photo.jpg.exe.jpg"),
        ("صورة الحفرة.heic", "صورة الحفرة.jpg"),
        ("evil\u202egpj.exe", "evilgpj.exe.jpg"),
        ("a\x00b\r\nSet-Cookie: x=1.jpg", "ab Set-Cookie x=1.jpg"),
        ('q"uo<te>.png', "q uo te.jpg"),
        ("\ud800.jpg", "file.jpg"),
        ("", "file.jpg"),
        (".jpg", "file.jpg"),
        ("...", "file.jpg"),
        (None, "file.jpg"),
        ("x" * 5000, "x" * 96 + ".jpg"),
    ],
)
def test_a_name_loses_its_folders_and_controls_and_gets_its_own_extension(given: object, shown: str) -> None:
    assert shown_name(given, Kind.JPEG) == shown
