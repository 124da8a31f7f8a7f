"""Workbooks for the tests of import: an export, changed by openpyxl as a person changes it in Excel."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cms.desk.sheets.checking import plan_of
from cms.desk.sheets.plans import Plan
from cms.desk.sheets.reading import read
from cms.desk.sheets.stored import Stored
from cms.desk.sheets.workbooks import workbooks
from cms.desk.sheets.writing import written
from cms.entities.models import Category, Entity, IntakeQuestion, Place, Service

ROWS = (Category, Service, IntakeQuestion, Place, Entity)


def everything() -> list[list[dict[str, Any]]]:
    """Every row that a workbook holds, as it is stored."""
    return [list(model._default_manager.order_by("pk").values()) for model in ROWS]


class Page:
    """A sheet of a workbook; its columns go by their names in the code."""

    def __init__(self, book: str, at: int, page: Any) -> None:
        self.page = page
        self.columns = {
            column.name: n for n, column in enumerate(workbooks()[book].sheets[at].columns, start=1)
        }

    def row_of(self, code: str, column: str = "code") -> int:
        at = self.columns[column]
        return next(n for n in range(2, self.page.max_row + 1) if self.page.cell(n, at).value == code)

    def set(self, row: int, **values: Any) -> None:
        for name, value in values.items():
            self.page.cell(row, self.columns[name]).value = value

    def change(self, code: str, **values: Any) -> int:
        row = self.row_of(code)
        self.set(row, **values)
        return row

    def add(self, **values: Any) -> int:
        row = self.page.max_row + 1
        self.set(row, **values)
        return row


def edited(book: str, *edits: Callable[..., Any]) -> bytes:
    """The present export, with the edits: each is called with the book's pages."""
    loaded = openpyxl.load_workbook(io.BytesIO(written(workbooks()[book])[0]))
    pages = [Page(book, at, page) for at, page in enumerate(loaded.worksheets)]
    for edit in edits:
        edit(*pages)
    out = io.BytesIO()
    loaded.save(out)
    return out.getvalue()


def made(**sheets: list[list[Any]]) -> bytes:
    """A workbook of these rows, as a person makes one from nothing."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def plan(book: str, content: bytes) -> Plan:
    return plan_of(read(content, workbooks()[book]), Stored())


def faults(book: str, content: bytes) -> dict[tuple[str, int], list[tuple[str, str]]]:
    """(sheet, row) → what is wrong with it."""
    return {(row.sheet.name, row.number): row.faults for row in plan(book, content).rows if row.faults}


def upload(client: Client, book: str, content: bytes, name: str = "t.xlsx", **more: Any) -> Any:
    return client.post(
        reverse("desk:table", args=[book]), {"file": SimpleUploadedFile(name, content)}, **more
    )


def confirm(client: Client, check: str) -> Any:
    """Presses the button of a check's page, as it stands there now."""
    kept = client.get(check).context["kept"]
    return client.post(check, {"do": "save", "digest": kept.digest})
