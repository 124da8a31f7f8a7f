"""A plan in the reader's words, ready for the page and small enough to keep beside the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .plans import Outcome, Plan, Row

LONGEST = 200
PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class ShownChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ShownFault:
    """`column` with the letters over it; '' where the row as a whole is wrong."""

    column: str
    letters: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    sheet: str
    number: int
    code: str
    name: str
    outcome: str
    changes: tuple[ShownChange, ...]
    faults: tuple[ShownFault, ...]
    warning: str


@dataclass(frozen=True)
class Shown:
    rows: list[ShownRow]
    totals: dict[str, int]
    ignored: list[str]

    @property
    def can_be_saved(self) -> bool:
        return not self.totals["bad"] and bool(self.totals["new"] + self.totals["changed"])

    @property
    def warned(self) -> list[ShownRow]:
        return [row for row in self.rows if row.warning]

    @property
    def first_view(self) -> str:
        """What is asked first: what is wrong, then what would change."""
        return next((name for name in ("bad", "changed", "new") if self.totals[name]), "same")

    def view(self, outcome: str) -> list[ShownRow]:
        return [row for row in self.rows if row.outcome == outcome]


def shown(plan: Plan) -> Shown:
    sheets = {row.sheet.name: row.sheet for row in plan.rows}
    labels = {(name, column.name): column.label for name, sheet in sheets.items() for column in sheet.columns}
    titles = {name: sheet.title for name, sheet in sheets.items()}
    rows = [_row(row, titles[row.sheet.name], labels, plan) for row in plan.rows]
    return Shown(rows, plan.totals, [_short(one) for one in plan.ignored])


def _short(text: Any) -> str:
    said = str(text)
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"


def _row(row: Row, title: str, labels: dict[tuple[str, str], str], plan: Plan) -> ShownRow:
    sheet = row.sheet.name
    faults = tuple(
        ShownFault(labels.get((sheet, name), ""), plan.letters[sheet].get(name, ""), _short(sentence))
        for name, sentence in row.faults
    )
    changes: tuple[ShownChange, ...] = ()
    if row.outcome in (Outcome.NEW, Outcome.CHANGED):
        changes = tuple(
            ShownChange(labels[sheet, one.column.name], _value(one, one.before), _value(one, one.after))
            for one in row.changes
            # A new row's empty cells say nothing.
            if not row.is_new or one.after != ""
        )
    return ShownRow(
        title,
        row.number,
        _short(row.code),
        _short(_name(row)),
        row.outcome.value,
        changes,
        faults,
        row.warning,
    )


def _value(change: Any, written: Any) -> str:
    return _short(change.column.shown(written)) if written != "" else _("empty")


def _name(row: Row) -> str:
    return str(getattr(row.instance, "name", "") or getattr(row.instance, "label", ""))
