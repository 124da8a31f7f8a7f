"""An uploaded workbook as rows of cells, by openpyxl in its read-only mode: one row in memory at a time."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter

from . import package
from .cells import EMPTY, Cell
from .columns import Column, known_as
from .refusals import Refusal, Refused
from .workbooks import LONGEST_TITLE, Sheet, Workbook, workbooks

MOST_ROWS = 10_000
MOST_COLUMNS = 64
MOST_GAP = 20_000
MOST_NAMED = 5
# A sheet of Excel has no more; a file may claim what it likes.
LAST_ROW = 1_048_576


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a sheet that is not empty; `number` is the one that the table program shows."""

    number: int
    cells: dict[str, Cell]

    def __getitem__(self, column: Column) -> Cell:
        return self.cells.get(column.name, EMPTY)


@dataclass(frozen=True)
class Table:
    sheet: Sheet
    # Column → the letters over it, in the file's order.
    letters: dict[str, str]
    lines: list[Line]

    def has(self, column: Column) -> bool:
        return column.name in self.letters


@dataclass(frozen=True)
class Read:
    tables: list[Table]
    # Sheets of the file that nothing is read from.
    ignored: list[str]


def read(content: bytes, workbook: Workbook) -> Read:
    """What the file says of these sheets. Raises Refused."""
    checked = package.opened(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(checked, workbook)
    except Refused:
        raise
    except (BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError) as error:
        raise Refused(Refusal.UNREADABLE) from error
    except SyntaxError as error:
        # What the parsers of XML raise.
        raise Refused(Refusal.UNREADABLE) from error
    finally:
        checked.close()


def _read(checked: package.Package, workbook: Workbook) -> Read:
    reader = ExcelReader(checked.fp, read_only=True, data_only=False, keep_vba=False, keep_links=False)
    # The one that opens measured parts alone.
    reader.archive = checked
    reader.read()
    sheets = [one for one in reader.wb.worksheets if hasattr(one, "reset_dimensions")]
    found: list[tuple[Sheet, Any]] = []
    for sheet in workbook.sheets:
        mine = next((one for one in sheets if known_as(sheet.titles, one.title)), None)
        if mine is None and len(workbook.sheets) == len(sheets) == 1 and _other(sheets, workbook) is None:
            # The only one is meant, whatever it is called.
            mine = sheets[0]
        if mine is not None:
            found.append((sheet, mine))
    if not found:
        raise _no_sheet(sheets, workbook)
    tables: list[Table] = []
    left = MOST_ROWS
    for sheet, mine in found:
        table = _table(sheet, mine, left)
        left -= len(table.lines)
        tables.append(table)
    if left == MOST_ROWS:
        raise Refused(Refusal.NO_ROWS)
    read_from = [mine for _sheet, mine in found]
    return Read(tables, [one.title for one in sheets if one not in read_from])


def _other(sheets: list[Any], workbook: Workbook) -> Workbook | None:
    """Which of the other tables the file holds."""
    for book in workbooks().values():
        if book is not workbook and any(
            known_as(sheet.titles, one.title) for sheet in book.sheets for one in sheets
        ):
            return book
    return None


def _no_sheet(sheets: list[Any], workbook: Workbook) -> Refused:
    other = _other(sheets, workbook)
    if other is not None:
        return Refused(Refusal.OTHER_TABLE, other=other.title, table=workbook.title)
    expected = _(", ").join(sheet.title for sheet in workbook.sheets)
    found = _(", ").join(f"“{one.title[:LONGEST_TITLE]}”" for one in sheets[:MOST_NAMED])
    return Refused(Refusal.NO_SHEET, sheets=expected, found=found)


def _table(sheet: Sheet, source: Any, left: int) -> Table:
    # What the file says about its own size is not believed.
    source.reset_dimensions()
    header = next(_rows(source, 1, MOST_COLUMNS), None)
    if header is None:
        return Table(sheet, {}, [])
    # By the file's own name of it, as whoever corrects it reads it.
    columns = _columns(sheet, source.title[:LONGEST_TITLE], header[1])
    lines: list[Line] = []
    for number, cells in _rows(source, header[0] + 1, max(columns) + 1):
        kept = {columns[at].name: cell for at, cell in cells.items() if at in columns}
        if not kept:
            continue
        if len(lines) == left:
            raise Refused(Refusal.TOO_MANY_ROWS, rows=f"{MOST_ROWS:,}")
        lines.append(Line(number, kept))
    return Table(sheet, {column.name: get_column_letter(at + 1) for at, column in columns.items()}, lines)


def _rows(source: Any, first: int, width: int) -> Iterator[tuple[int, dict[int, Cell]]]:
    """(number, place → cell) of the rows that are not empty."""
    given: Iterable[Any] = source.iter_rows(min_row=first, max_row=LAST_ROW, max_col=width)
    last, gap = None, 0
    for number, row in enumerate(given, start=first):
        # openpyxl fills a gap with one and the same row. Nothing beyond a wide one is left out in silence.
        if row is last:
            gap += 1
            if gap > MOST_GAP:
                raise Refused(Refusal.TOO_MANY_ROWS, rows=f"{MOST_ROWS:,}")
            continue
        last, gap = row, 0
        found = {}
        for at, one in enumerate(row):
            if one.value is not None:
                cell = Cell(one.value, one.data_type)
                if not cell.is_empty:
                    found[at] = cell
        if found:
            yield number, found


def _columns(sheet: Sheet, called: str, header: dict[int, Cell]) -> dict[int, Column]:
    """Place → column, by the header's words in either language or the column's own name."""
    columns: dict[int, Column] = {}
    for at, cell in header.items():
        said = str(cell.value)
        column = next((one for one in sheet.columns if known_as(one.headings, said)), None)
        if column is None:
            raise Refused(
                Refusal.UNKNOWN_COLUMN,
                sheet=called,
                letter=get_column_letter(at + 1),
                column=" ".join(said.split())[:80],
            )
        if column in columns.values():
            raise Refused(Refusal.TWICE, sheet=called, column=column.label)
        columns[at] = column
    for column in sheet.keys:
        if column not in columns.values():
            raise Refused(Refusal.NO_KEY, sheet=called, column=column.label)
    return columns
