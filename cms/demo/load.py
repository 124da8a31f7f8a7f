"""The whole demonstration, in order; each part adds only what is missing."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from cms.content.demo_pages import load_pages
from cms.notifications.templates_data import load_templates

from .courses import Courses
from .letters import Letters
from .models import LoadedReport
from .open_reports import OpenReports
from .people import load_people, refuse_elsewhere
from .photos import add_work_done
from .plans import Plan, World
from .play import play_all
from .senders import people_of_reports, save_senders
from .source import FOLDER, read
from .tenant import load_tenant

Say = Callable[[str], None]


def load(now: datetime, say: Say) -> None:
    """Tenant, people, pages, message texts and reports. `say` gets a line after each part."""
    refuse_elsewhere()
    _part(say, "places, entities, services", _at_once(load_tenant))
    _part(say, "people", _at_once(load_people))
    _part(say, "message texts", _at_once(load_templates))
    _part(say, "pages", _at_once(lambda: load_pages(FOLDER)))
    _part(say, "reports", lambda: load_reports(now))


def _at_once(load_part: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        with transaction.atomic():
            load_part()

    return run


def _part(say: Say, name: str, load_part: Callable[[], object]) -> None:
    start = time.monotonic()
    load_part()
    say(f"{name}: {time.monotonic() - start:.1f} s")


def plan_all(now: datetime) -> list[Plan]:
    """A plan for every row of reports.json, in the order of submission, and for what entities wrote."""
    world = World.at(now)
    rows = read("reports")["reports"]
    people = people_of_reports(rows, world.shift)
    plans = [
        Plan(row, people.get(row["id"]), world.shift(row["submitted_at"]))
        for row in sorted(rows, key=lambda row: row["submitted_at"])
    ]
    courses, open_ones = Courses(world, rows), OpenReports(world)
    open_ones.fill([plan for plan in plans if plan.row["course"] is None])
    for plan in plans:
        if plan.row["course"] is not None:
            courses.fill(plan)
            open_ones.reopen_lately(plan)
            add_work_done(plan)
    return sorted([*plans, *Letters(world).plans()], key=lambda plan: plan.at)


def load_reports(now: datetime) -> int:
    """Play the plans of the reports that are not there yet; how many."""
    there = set(LoadedReport.objects.values_list("code", flat=True))
    plans = [plan for plan in plan_all(now) if plan.code not in there]
    if not plans:
        return 0
    with transaction.atomic():
        save_senders({plan.code: plan.person for plan in plans if plan.person is not None})
    return play_all(plans, now)
