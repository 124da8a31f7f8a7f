"""What is no table, or an attack that looks like one: refused at once, cheaply, with nothing stored."""

import io
import time
import tracemalloc
import zipfile

import openpyxl
import pytest
from django.core.cache import cache
from django.urls import reverse

from cms.desk.sheets import package
from cms.desk.sheets.package import MEGABYTE
from cms.desk.sheets.reading import read
from cms.desk.sheets.refusals import Refusal, Refused
from cms.desk.sheets.workbooks import workbooks
from cms.desk.sheets.writing import written
from cms.entities.models import Place

from .tables import edited, made, plan, upload

pytestmark = pytest.mark.django_db

SHEET = "xl/worksheets/sheet1.xml"


def rebuilt(content: bytes, **parts: bytes) -> bytes:
    """The package with parts replaced or added; their names have `__` for a slash and `_` for a dot."""
    named = {name.replace("__", "/").replace("_", "."): data for name, data in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in named:
                new.writestr(part.filename, old.read(part.filename))
        for name, data in named.items():
            new.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def content(catalogue) -> bytes:
    return written(workbooks()["places"])[0]


def sheet_of(rows: bytes) -> bytes:
    return (
        b'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns='
        b'"http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + rows
        + b"</sheetData></worksheet>"
    )


def refused(content: bytes) -> Refusal:
    """Why it is refused; at once, and without the memory that opening it would cost."""
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(Refused) as found:
        read(content, workbooks()["places"])
    took, most = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert took < 5
    assert most < 60 * MEGABYTE
    return found.value.code


def test_other_kinds_of_file_are_no_workbook(content):
    word = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = zipfile.ZipFile(io.BytesIO(content)).read("[Content_Types].xml")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as empty:
        empty.writestr("a.txt", "a")
    kinds = {
        "csv": b"Code,Name\ntown,Town\n",
        "xls, or with a password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096,
        "html": b"<html><table><tr><td>Code</td></tr></table></html>",
        "nothing": b"",
        "zip": out.getvalue(),
        "word": _with_types(content, types.replace(package.SPREADSHEET.search(types)[0], word)),
    }
    for kind, given in kinds.items():
        assert refused(given) is Refusal.NO_XLSX, kind


def _with_types(content: bytes, types: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            name = part.filename
            new.writestr(name, types if name == "[Content_Types].xml" else old.read(name))
    return out.getvalue()


def test_a_zip_bomb_is_not_unpacked(content):
    # A hundred megabytes of one sheet, in a hundred kilobytes.
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != SHEET:
                new.writestr(part.filename, old.read(part.filename))
        with new.open(SHEET, "w", force_zip64=True) as bomb:
            for _part in range(100):
                bomb.write(b" " * MEGABYTE)
    assert len(out.getvalue()) < MEGABYTE
    assert refused(out.getvalue()) is Refusal.BOMB
    # Nor is more of it unpacked than it declares.
    true, lie = (n.to_bytes(4, "little") for n in (100 * MEGABYTE, 500))
    assert refused(out.getvalue().replace(true, lie)) in (Refusal.UNREADABLE, Refusal.NO_XLSX)


def test_what_is_small_and_grows_when_it_is_read_is_refused(content):
    cells = b"<row>" + b"<c/>" * 200_000 + b"</row>"
    rows = b"<row/>" * 1_000_000
    assert refused(rebuilt(content, xl__worksheets__sheet1_xml=sheet_of(cells))) is Refusal.BOMB
    assert refused(rebuilt(content, xl__worksheets__sheet1_xml=sheet_of(rows))) is Refusal.BOMB
    wide = (b"<row>" + b"<c/>" * 16_000 + b"</row>") * 50
    assert refused(rebuilt(content, xl__worksheets__sheet1_xml=sheet_of(wide))) is Refusal.BOMB
    styles = b"<styleSheet><cellXfs>" + b"<xf/>" * 100_000 + b"</cellXfs></styleSheet>"
    assert refused(rebuilt(content, xl__styles_xml=styles)) is Refusal.BOMB
    attributes = b"<row " + b" ".join(b'a%d=""' % n for n in range(400_000)) + b"/>"
    assert refused(rebuilt(content, xl__worksheets__sheet1_xml=sheet_of(attributes))) is Refusal.BOMB


@pytest.mark.parametrize(
    "declared",
    [
        b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        b'<!DOCTYPE w SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_entities_and_foreign_declarations_are_refused(content, declared):
    sheet = sheet_of(b"<row><c t='inlineStr'><is><t>&b;</t></is></c></row>")
    sheet = sheet.replace(b"?><worksheet", b"?>" + declared + b"<worksheet")
    assert refused(rebuilt(content, xl__worksheets__sheet1_xml=sheet)) is Refusal.UNREADABLE


def test_damaged_and_twisted_packages_are_unreadable_and_no_fault_of_ours(content):
    broken = [
        rebuilt(content, xl__worksheets__sheet1_xml=b"<worksheet"),
        rebuilt(content, xl__worksheets__sheet1_xml=sheet_of(b"<row r='x'><c r='A1'/></row>")),
        rebuilt(content, xl__workbook_xml=b"<nothing/>"),
        rebuilt(content, xl__styles_xml=b"<styleSheet"),
        rebuilt(content, xl__worksheets__sheet1_xml=sheet_of(b"").decode().encode("utf-16")),
        rebuilt(content, xl__worksheets__sheet1_xml=sheet_of(b"<row><c t='s'><v>999</v></c></row>")),
    ]
    for n, given in enumerate(broken):
        assert refused(given) in (Refusal.UNREADABLE, Refusal.NO_SHEET), n
    assert refused(content[: len(content) // 2]) is Refusal.NO_XLSX


def test_a_sheet_that_hides_in_a_part_that_was_not_measured_is_not_opened(content):
    parts = zipfile.ZipFile(io.BytesIO(content))
    rels = parts.read("xl/_rels/workbook.xml.rels").replace(b"worksheets/sheet1.xml", b"media/sheet1.png")
    hidden = _moved(content, rels, parts.read(SHEET))
    with pytest.raises(Refused) as found:
        read(hidden, workbooks()["places"])
    assert found.value.code is Refusal.UNREADABLE


def _moved(content: bytes, rels: bytes, sheet: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            if part.filename != SHEET:
                is_rels = part.filename == "xl/_rels/workbook.xml.rels"
                new.writestr(part.filename, rels if is_rels else old.read(part.filename))
        new.writestr("xl/media/sheet1.png", sheet)
    return out.getvalue()


def test_what_a_file_claims_of_its_size_and_rows_is_not_believed(content):
    header = b"<row r='1'><c r='A1' t='inlineStr'><is><t>Code</t></is></c></row>"
    far = b"<row r='999999999999'><c t='inlineStr'><is><t>x</t></is></c></row>"
    claims = sheet_of(header + far).replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    assert refused(rebuilt(content, xl__worksheets__sheet1_xml=claims)) is Refusal.TOO_MANY_ROWS


def test_macros_pictures_and_links_to_other_files_are_not_read(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.worksheets[0]["D2"] = "=[1]Sheet1!A1"
    out = io.BytesIO()
    book.save(out)
    with_macro = rebuilt(out.getvalue(), xl__vbaProject_bin=b"\0" * 1000, xl__media__image1_png=b"<\0" * 100)
    found = plan("places", with_macro)
    # The link is a formula like any other.
    assert [len(row.faults) for row in found.rows if row.faults] == [1]
    assert found.totals["same"] == Place.objects.count() - 1
    macro_enabled = _with_types(
        content,
        zipfile.ZipFile(io.BytesIO(content))
        .read("[Content_Types].xml")
        .replace(
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        ),
    )
    assert {row.outcome for row in plan("places", macro_enabled).rows} == {"same"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"Code,Name\n", "هذا الملف ليس مصنف إكسل"),
        (b"x" * (5 * MEGABYTE + 1), "الملف أكبر من 5 ميغابايت."),
        (b"x" * (21 * MEGABYTE), "الملف أكبر من 5 ميغابايت."),
        (None, "اختر ملفًا أولًا."),
    ],
)
def test_the_page_says_why_and_keeps_nothing(client_of, people, given, said):
    admin, address = client_of(people.admin), reverse("desk:table", args=["places"])
    answer = admin.post(address) if given is None else upload(admin, "places", given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert cache.get(f"tables:{people.admin.pk}") is None


def test_a_files_name_is_told_without_what_turns_it_around(client_of, people):
    admin = client_of(people.admin)
    name = "../../\u202excod.xlsx"
    answer = upload(admin, "places", edited("places"), name=name, follow=True)
    assert answer.context["kept"].name == "xcod.xlsx"


def test_ten_thousand_rows_are_read_within_a_requests_time(catalogue):
    header = ["code", "parent", "kind", "name_ar", "name_en", "latitude", "longitude", "precision"]
    rows = [
        [f"p{n}", "town", "district", f"حي {n}", f"Quarter {n}", 26.3, 43.9, "exact"] for n in range(10_000)
    ]
    content = made(Places=[header, *rows])
    began = time.process_time()
    found = plan("places", content)
    assert found.totals == {"bad": 0, "new": 10_000, "changed": 0, "same": 0}
    assert time.process_time() - began < 20
