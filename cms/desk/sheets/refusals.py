"""Why a whole file, or the saving of it, is refused. Coded as the domain's errors are; nothing was stored."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(StrEnum):
    NO_FILE = "no_file"
    TOO_LARGE = "file_too_large"
    NO_XLSX = "no_xlsx"
    BOMB = "unpacks_too_large"
    UNREADABLE = "file_unreadable"
    NO_SHEET = "no_sheet"
    OTHER_TABLE = "another_table"
    NO_KEY = "no_key_column"
    UNKNOWN_COLUMN = "unknown_column"
    TWICE = "column_twice"
    TOO_MANY_ROWS = "too_many_rows"
    NO_ROWS = "no_rows"
    TOO_LONG = "too_long_for_a_cell"
    CHANGED_SINCE = "changed_since"
    BAD_ROWS = "bad_rows"
    NOTHING = "nothing_to_save"
    OVER = "check_is_over"


SENTENCES: dict[Refusal, Promise] = {
    Refusal.NO_FILE: _("Choose a file first."),
    Refusal.TOO_LARGE: _("The file is larger than %(megabytes)s MB."),
    Refusal.NO_XLSX: _(
        "This is no Excel workbook (.xlsx). Older files (.xls), text files and files with a password are not"
        " read: save it as “Excel workbook” without a password."
    ),
    Refusal.BOMB: _("This file unpacks to far more than a table of this size can hold. It was not opened."),
    Refusal.UNREADABLE: _("This file cannot be read: it is damaged, or was not written by a table program."),
    Refusal.NO_SHEET: _("None of the sheets expected is in the file: %(sheets)s. What is in it: %(found)s."),
    Refusal.OTHER_TABLE: _(
        "This file holds another table, “%(other)s”, and not “%(table)s”. Choose “%(other)s” above and import"
        " it there."
    ),
    Refusal.NO_KEY: _("Sheet “%(sheet)s”: the column “%(column)s” is missing, so no row can be told."),
    Refusal.UNKNOWN_COLUMN: _(
        "Sheet “%(sheet)s”, column %(letter)s: “%(column)s” is no column of this table. Correct its name, or"
        " delete the column."
    ),
    Refusal.TWICE: _("Sheet “%(sheet)s”: the column “%(column)s” stands there twice."),
    Refusal.TOO_MANY_ROWS: _("The file has more than %(rows)s rows. Import it in parts."),
    Refusal.NO_ROWS: _("The file has no row below its header."),
    Refusal.TOO_LONG: _(
        "“%(column)s” of %(row)s is longer than a cell can hold. Shorten it first, or the file would lose it."
    ),
    Refusal.CHANGED_SINCE: _(
        "What is stored has changed since this check, so nothing was saved. Look at the new check below."
    ),
    Refusal.BAD_ROWS: _("Nothing can be saved while a row is bad."),
    Refusal.NOTHING: _("Nothing would change, so there is nothing to save."),
    Refusal.OVER: _("This check is over: the file is no longer kept. Choose it again."),
}


class Refused(Exception):
    """`code` is for programs and tests, `sentence` for who reads it."""

    def __init__(self, code: Refusal, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.code]) % self.values
