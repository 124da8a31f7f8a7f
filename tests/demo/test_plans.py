"""Plans hold on whatever day the demonstration is loaded. No database."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from cms.demo.load import plan_all
from cms.demo.open_reports import OpenReports
from cms.demo.plans import DAY, Plan, World
from cms.demo.senders import national_id
from cms.demo.source import TODAY
from cms.entities.phone import to_e164, valid_national_id
from cms.reports.deadlines import due, snapshot_minutes

DAYS = [TODAY + timedelta(days=300 + day, hours=hour) for day, hour in enumerate((0, 3, 11, 20, 1, 15, 8))]


def is_late(plan: Plan, world: World, entity: str | None) -> bool:
    promise = world.service(plan)["resolution"]
    steps = [step for step in plan.steps if not step.action.startswith("direct")]
    if not promise or (steps and steps[-1].action == "ask_sender"):
        return False
    asked = [step.at for step in plan.steps if step.action == "ask_sender"]
    replied = [step.at for step in plan.steps if step.action == "sender_reply"]
    calendar = world.calendar(entity)
    minutes = snapshot_minutes(promise["value"], promise["unit"], plan.at, calendar)
    return due(plan.at, minutes, calendar, list(zip(asked, replied, strict=True))) < world.now


@pytest.mark.parametrize("now", DAYS, ids=str)
def test_steps_rise_and_end_before_now(now):
    for plan in plan_all(now):
        moments = [plan.at, *(step.at for step in plan.steps), now]
        assert all(a < b for a, b in pairwise(moments)), plan.code


@pytest.mark.parametrize("now", [TODAY - timedelta(days=400), TODAY, TODAY + timedelta(days=400)], ids=str)
def test_days_in_the_answers_move_with_the_report(now):
    seen = 0
    for plan in plan_all(now):
        for code, answer in plan.row["answers"].items():
            # The day of an appointment alone may be still to come.
            if code != "date_given" and isinstance(answer, str) and DAY.fullmatch(answer):
                ago = plan.at.date() - date.fromisoformat(answer)
                assert timedelta(0) <= ago < timedelta(days=120), (plan.code, code)
                seen += 1
    assert seen >= 37


@pytest.mark.parametrize("now", DAYS, ids=str)
def test_about_one_open_report_in_seven_is_late_on_any_day(now):
    world = World.at(now)
    entity_of = OpenReports(world).entity
    opened = [plan for plan in plan_all(now) if plan.row["course"] is None]
    late = sum(is_late(plan, world, entity_of(plan)) for plan in opened)
    assert 1 / 9 < late / len(opened) < 1 / 5


def test_the_same_moment_gives_the_same_plans():
    now = datetime(2027, 3, 1, 9, tzinfo=UTC)
    assert [plan.steps for plan in plan_all(now)] == [plan.steps for plan in plan_all(now)]


def test_invented_people_have_numbers_that_the_site_takes_and_one_number_each():
    people = {id(plan.person): plan.person for plan in plan_all(TODAY) if plan.person}.values()
    assert all(to_e164(person.phone) == person.phone for person in people)
    assert len({person.phone for person in people}) == len(people)
    assert all(valid_national_id(person.national_id) for person in people)
    assert national_id("resident", 7).startswith("2")


def test_most_senders_are_verified():
    people = {id(plan.person): plan.person for plan in plan_all(TODAY) if plan.person}.values()
    assert 0.85 < sum(person.row is not None for person in people) / len(people) < 1
