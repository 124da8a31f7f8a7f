"""Tables as files, written row by row: CSV as table programs open it, and Excel's workbook.

No cell is a formula: a text that begins as one is a text, in a workbook by its type and in CSV behind an
apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import IO, Any, Protocol

import xlsxwriter

from ..sheets.writing import BEGINS_A_FORMULA, LONGEST, PLAIN
from .columns import Column, Value, shown

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Writer(Protocol):
    def row(self, values: Sequence[Value]) -> None: ...

    def close(self) -> None: ...


class CsvWriter:
    """UTF-8 with its mark, without which Excel takes Arabic for something else."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column], *, rtl: bool) -> None:
        self.text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False)
        self.csv = csv.writer(self.text)
        self.csv.writerow([str(column.label) for column in columns])

    def row(self, values: Sequence[Value]) -> None:
        self.csv.writerow([self._cell(value) for value in values])

    @staticmethod
    def _cell(value: Value) -> str:
        text = shown(value)
        return f"'{text}" if isinstance(value, str) and text.startswith(BEGINS_A_FORMULA) else text

    def close(self) -> None:
        self.text.flush()
        # The file is its owner's to close.
        self.text.detach()


class XlsxWriter:
    """Row after row is written to disk, so that memory does not grow with them."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column], *, rtl: bool) -> None:
        self.book: Any = xlsxwriter.Workbook(file, {**PLAIN, "remove_timezone": True})
        self.page = self.book.add_worksheet()
        heading = self.book.add_format({"bold": True, "bg_color": "#E8F4ED", "border": 1})
        self.plain = self.book.add_format({"num_format": "@", "valign": "top"})
        self.quoted = self.book.add_format({"num_format": "@", "valign": "top", "quote_prefix": True})
        self.moment = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"})
        if rtl:
            self.page.right_to_left()
        self.page.freeze_panes(1, 1)
        for at, column in enumerate(columns):
            self.page.set_column(at, at, column.width)
        for at, column in enumerate(columns):
            self.page.write_string(0, at, str(column.label), heading)
        self.number = 0

    def row(self, values: Sequence[Value]) -> None:
        self.number += 1
        for at, value in enumerate(values):
            if value is None or value == "":
                continue
            if isinstance(value, datetime):
                self.page.write_datetime(self.number, at, value, self.moment)
            elif isinstance(value, int):
                self.page.write_number(self.number, at, value)
            else:
                style = self.quoted if value.startswith(BEGINS_A_FORMULA) else self.plain
                self.page.write_string(self.number, at, value[:LONGEST], style)

    def close(self) -> None:
        self.book.close()


def writer(form: str, file: IO[bytes], columns: Sequence[Column], *, rtl: bool) -> Writer:
    made: Writer = (XlsxWriter if form == "xlsx" else CsvWriter)(file, columns, rtl=rtl)
    return made
