"""What an import would do, row by row: found out without writing, and the same each time it is asked."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .cells import Written
from .columns import Column
from .workbooks import Sheet


class Outcome(StrEnum):
    BAD = "bad"
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Change:
    column: Column
    before: Written
    after: Written
    value: Any


@dataclass
class Row:
    """One row of the file, with the instance that it changes or makes. Nothing of it is saved yet."""

    sheet: Sheet
    number: int
    key: tuple[str, ...]
    instance: Any
    is_new: bool
    changes: list[Change] = field(default_factory=list)
    # (column's name, or '' for the row as a whole; sentence)
    faults: list[tuple[str, str]] = field(default_factory=list)
    # What whoever saves it has to know, though it is right.
    warning: str = ""
    # Column → code of the row it leads to, for columns whose value is another row.
    links: dict[str, Any] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        if self.faults:
            return Outcome.BAD
        if self.is_new:
            return Outcome.NEW
        return Outcome.CHANGED if self.changes else Outcome.SAME

    @property
    def code(self) -> str:
        return " · ".join(self.key)

    def changes_of(self, *names: str) -> bool:
        return any(change.column.name in names for change in self.changes)

    def blame(self, name: str, sentence: str) -> None:
        if (name, sentence) not in self.faults:
            self.faults.append((name, sentence))


@dataclass
class Plan:
    rows: list[Row]
    # Sheet's name → column's name → the letters over it.
    letters: dict[str, dict[str, str]]
    ignored: list[str]

    @property
    def totals(self) -> dict[str, int]:
        counted = Counter(row.outcome for row in self.rows)
        return {outcome.value: counted[outcome] for outcome in Outcome}

    def of(self, *outcomes: Outcome) -> list[Row]:
        return [row for row in self.rows if row.outcome in outcomes]

    def digest(self, content: bytes) -> str:
        """Of the file, and of all that it would change, from what to what: equal only where both are."""
        sums = hashlib.sha256(content)
        for row in self.rows:
            changes = [(one.column.name, one.before, one.after) for one in row.changes]
            said = (row.sheet.name, row.number, row.key, row.outcome.value, row.instance.pk, changes)
            sums.update(repr(said).encode())
        return sums.hexdigest()
