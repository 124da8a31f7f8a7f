"""A report's life as a plan: what is done, when, by whom. Plans know no database; `play` carries them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cms.reports.deadlines import WorkingCalendar, due, snapshot_minutes

from .senders import Person
from .source import Shift, by_code, read

SENDER, COORDINATOR, SPECIALIST, SUPERVISOR, SYSTEM = (
    "sender",
    "coordinator",
    "specialist",
    "supervisor",
    "system",
)


@dataclass(frozen=True)
class Step:
    """One action at its moment. Staff are found by role at the entity that has the report then."""

    action: str
    by: str
    at: datetime
    text: str = ""
    reason: str = ""
    entity: str = ""
    score: int | None = None


@dataclass
class Plan:
    """One row of reports.json, who sent it, when, and the steps that follow."""

    row: dict[str, Any]
    person: Person | None
    at: datetime
    steps: list[Step] = field(default_factory=list)
    # Which of the entity's specialists, and whether the first (who has a login) takes it in any case.
    first_specialist: bool = False

    @property
    def code(self) -> str:
        return str(self.row["id"])

    @property
    def language(self) -> str:
        return "en" if self.row["language"] == "en" else "ar"

    @property
    def reachable(self) -> bool:
        """May be asked: has a verified number, and did not choose to stay out of reach (confidential)."""
        return self.person is not None and self.person.row is not None and not self.row["sensitive"]


@dataclass(frozen=True)
class World:
    """What plans are made from: the present moment, the shift, and the tenant's files by code."""

    now: datetime
    shift: Shift
    services: dict[str, dict[str, Any]]
    entities: dict[str, dict[str, Any]]
    calendars: dict[str, WorkingCalendar]
    default_calendar: str

    @classmethod
    def at(cls, now: datetime) -> World:
        calendars = read("calendars")
        return cls(
            now=now,
            shift=Shift(now),
            services=by_code(read("services")["services"]),
            entities=by_code(read("entities")["entities"]),
            calendars={
                row["code"]: WorkingCalendar.from_data({**row, "timezone": calendars["timezone"]})
                for row in calendars["calendars"]
            },
            default_calendar=calendars["default"],
        )

    def calendar(self, entity: str | None) -> WorkingCalendar:
        """An entity's working time; the region's where nobody has the report yet."""
        return self.calendars[self.entities[entity]["working_hours"] if entity else self.default_calendar]

    def service(self, plan: Plan) -> dict[str, Any]:
        return self.services[plan.row["service"]]

    def due(self, plan: Plan, entity: str | None) -> datetime | None:
        """When the resolution is due, nothing paused; None where nothing is promised."""
        promise = self.service(plan)["resolution"]
        if not promise:
            return None
        calendar = self.calendar(entity)
        minutes = snapshot_minutes(promise["value"], promise["unit"], plan.at, calendar)
        return due(plan.at, minutes, calendar)


Say = Callable[[str], str]
