"""A workbook as a file, by XlsxWriter: every text is written as a text, so that nothing becomes a formula."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.utils.translation import get_language

from .cells import Written
from .columns import Column
from .refusals import Refusal, Refused
from .stored import Stored
from .workbooks import Sheet, Workbook

# What a table program would take for a formula once the cell is typed anew.
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONGEST = 32_767
# Excel allows no longer list to choose from.
LONGEST_LIST = 255
PLAIN: dict[str, Any] = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def written(workbook: Workbook) -> tuple[bytes, int]:
    """The file, and how many rows it has. Read from right to left where the reader does. Raises Refused."""
    stored, file = Stored(), io.BytesIO()
    count = 0
    with xlsxwriter.Workbook(file, PLAIN) as book:
        book.set_properties({"title": str(workbook.title)})
        for sheet in workbook.sheets:
            count += _Page(book, sheet).fill(stored)
    return file.getvalue(), count


class _Page:
    def __init__(self, book: Any, sheet: Sheet) -> None:
        self.sheet = sheet
        self.page = book.add_worksheet(sheet.title)
        self.heading = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8F4ED", "border": 1}
        )
        self.text = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        self.quoted = book.add_format(
            {"num_format": "@", "valign": "top", "text_wrap": True, "quote_prefix": True}
        )
        self.number = book.add_format({"valign": "top"})
        if (get_language() or "ar")[:2] == "ar":
            self.page.right_to_left()
        self.page.freeze_panes(1, len(sheet.keys))

    def fill(self, stored: Stored) -> int:
        for at, column in enumerate(self.sheet.columns):
            self.page.set_column(at, at, column.width, self.text if column.is_text else self.number)
        self.page.set_row(0, 34)
        for at, column in enumerate(self.sheet.columns):
            self.page.write_string(0, at, column.heading, self.heading)
        rows = stored.rows(self.sheet.model)
        for number, row in enumerate(rows, start=1):
            for at, column in enumerate(self.sheet.columns):
                self._write(number, at, column, column.written(row, stored), row)
        for at, column in enumerate(self.sheet.columns):
            if column.choices and len(",".join(column.choices)) <= LONGEST_LIST:
                # Room for rows to come.
                self.page.data_validation(
                    1, at, len(rows) + 1000, at, {"validate": "list", "source": column.choices}
                )
        return len(rows)

    def _write(self, number: int, at: int, column: Column, value: Written, row: Any) -> None:
        if value == "" and not isinstance(value, bool):
            return
        if isinstance(value, bool):
            self.page.write_boolean(number, at, value, self.number)
        elif isinstance(value, (int, float)):
            self.page.write_number(number, at, value, self.number)
        elif len(value) > LONGEST:
            raise Refused(Refusal.TOO_LONG, column=column.label, row=str(row))
        else:
            self.page.write_string(
                number, at, value, self.quoted if value.startswith(BEGINS_A_FORMULA) else self.text
            )
