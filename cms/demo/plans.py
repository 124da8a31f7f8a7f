"""A report's life as a plan: what is done, when, by whom. Plans know no database; `play` carries them out."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from cms.entities.dated import all_days, with_dates
from cms.reports.deadlines import WorkingCalendar, due, snapshot_minutes

from .moments import between
from .senders import Person
from .source import Shift, by_code, read
from .tenant import announced_days

SENDER, COORDINATOR, SPECIALIST, SUPERVISOR, SYSTEM = (
    "sender",
    "coordinator",
    "specialist",
    "supervisor",
    "system",
)
# Of the entity that the step names; of the region where it names `emirate`.
LEADER, EMIRATE = "leader", "emirate"

RIYADH = ZoneInfo("Asia/Riyadh")
FIRST_REPLIES_IN_TIME = 0.85
DAY = re.compile(r"\d{4}-\d\d-\d\d")
# So that nothing happens while the load runs.
JUST_NOW = timedelta(minutes=3)


@dataclass(frozen=True)
class Part:
    """What a report is split into; the routing rules say whose it is."""

    title: str
    service: str


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
    # The code of another plan's report.
    primary: str = ""
    parts: tuple[Part, ...] = ()
    # On which part of the report, from 1; else on the report itself.
    part: int = 0
    due_on: date | None = None
    # Of `drawn.PICTURES`: what it attaches.
    picture: str = ""


@dataclass
class Plan:
    """One row of reports.json, who sent it, when, and the steps that follow."""

    row: dict[str, Any]
    person: Person | None
    at: datetime
    steps: list[Step] = field(default_factory=list)
    # Which of the entity's specialists, and whether the first (who has a login) takes it in any case.
    first_specialist: bool = False

    def __post_init__(self) -> None:
        """Days in the answers move with the report: no visit is still to come when it is written about."""
        if "submitted_at" in self.row:
            moved = self.at.date() - datetime.fromisoformat(self.row["submitted_at"]).date()
            answers = self.row.get("answers") or {}
            self.row = {
                **self.row,
                "answers": {code: _moved(answer, moved) for code, answer in answers.items()},
            }

    @property
    def code(self) -> str:
        return str(self.row["id"])

    @property
    def primary(self) -> str:
        """The code of the report that this one is merged with, else ''."""
        return next((step.primary for step in self.steps if step.primary), "")

    @property
    def language(self) -> str:
        return "en" if self.row["language"] == "en" else "ar"

    @property
    def reachable(self) -> bool:
        """May be asked: has a verified number, and did not choose to stay out of reach (confidential)."""
        return self.person is not None and self.person.row is not None and not self.row["sensitive"]


def _moved(answer: Any, by: timedelta) -> Any:
    if isinstance(answer, str) and DAY.fullmatch(answer):
        return (date.fromisoformat(answer) + by).isoformat()
    return answer


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
        days = all_days(announced_days(), now.astimezone(RIYADH).date())
        return cls(
            now=now,
            shift=Shift(now),
            services=by_code(read("services")["services"]),
            entities=by_code(read("entities")["entities"]),
            calendars={
                row["code"]: WorkingCalendar.from_data(
                    {
                        **with_dates({"timezone": calendars["timezone"], **row}, row["code"], days),
                        "code": row["code"],
                    }
                )
                for row in calendars["calendars"]
            },
            default_calendar=calendars["default"],
        )

    @property
    def latest(self) -> datetime:
        """Nothing of the past happens after this: a little before now, and when messages may be sent.

        Else one that follows from it would be recorded as sent at a time that is still to come.
        """
        moment = (self.now - JUST_NOW).astimezone(RIYADH)
        first, last = (time.fromisoformat(text) for text in settings.SAWT_SENDING_HOURS)
        if moment.time() < first:
            moment -= timedelta(days=1)
        elif moment.time() < last:
            return moment
        return datetime.combine(moment.date(), last, moment.tzinfo) - JUST_NOW

    def calendar(self, entity: str | None) -> WorkingCalendar:
        """An entity's working time; the region's where nobody has the report yet."""
        return self.calendars[self.entities[entity]["working_hours"] if entity else self.default_calendar]

    def service(self, plan: Plan) -> dict[str, Any]:
        return self.services[plan.row["service"]]

    def due(self, plan: Plan, entity: str | None, promise_of: str = "resolution") -> datetime | None:
        """When the resolution (or `first_reply`) is due, nothing paused; None where nothing is promised."""
        promise = self.service(plan)[promise_of]
        if not promise:
            return None
        calendar = self.calendar(entity)
        minutes = snapshot_minutes(promise["value"], promise["unit"], plan.at, calendar)
        return due(plan.at, minutes, calendar)

    def first_reply(self, plan: Plan, entity: str, before: datetime, rng: random.Random) -> Step | None:
        """The entity's first words to the sender, mostly in time; None where `before` comes first anyway."""
        due = self.due(plan, entity, "first_reply")
        if due is None or due >= before or rng.random() > FIRST_REPLIES_IN_TIME:
            return None
        since = plan.steps[-1].at if plan.steps else plan.at
        if since >= due:
            return None
        kind = "confidential" if plan.row["sensitive"] else self.service(plan)["kind"]
        at = between(since, due, 1, self.calendar(entity), rng)[0]
        text = self.say(plan, read("loader")["first_replies"][kind], rng)
        return Step("update_sender", COORDINATOR, at, text)

    def say(self, plan: Plan, texts: list[dict[str, Any]], rng: random.Random) -> str:
        """One of the texts, in the report's language; those about a site only where there is one."""
        on_site = self.service(plan)["needs_location"]
        fitting = [text for text in texts if on_site or not text.get("on_site")]
        return str(rng.choice(fitting)[plan.language])
