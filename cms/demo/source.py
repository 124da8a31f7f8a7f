"""Reading the files in data/, and moving their dates to the present."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"
# The data's "today": noon in Riyadh (data/README.md).
TODAY = datetime(2026, 11, 20, 9, tzinfo=UTC)
WEEK = timedelta(days=7)


@cache
def read(name: str) -> dict[str, Any]:
    """One file, parsed. Shared: read-only."""
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return content


def by_code(rows: list[dict[str, Any]], key: str = "code") -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows}


@dataclass(frozen=True)
class Shift:
    """Whole weeks, so that weekdays stay: the data's last day falls on one of the last seven."""

    now: datetime

    @property
    def by(self) -> timedelta:
        return (self.now - TODAY) // WEEK * WEEK

    def __call__(self, moment: str) -> datetime:
        return datetime.fromisoformat(moment) + self.by

    def date(self, day: str) -> str:
        """A date in an answer ('since 2026-11-02') moves with the rest."""
        return (datetime.fromisoformat(day) + self.by).date().isoformat()
