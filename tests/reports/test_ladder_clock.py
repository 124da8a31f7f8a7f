"""What a ladder is counted from: days after the due time, what a transfer leaves, a version's defaults; and
which steps a promise has come to.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from cms.entities.escalation import Step
from cms.reports.deadlines import WorkingCalendar, continued_minutes
from cms.reports.ladder import Clock, Come, come_to, days_after, is_told_at_once, next_at, next_position

WEEK = {"code": "office", "days": ["sun", "mon", "tue", "wed", "thu"], "from": "07:30", "to": "14:30"}
OFFICE = WorkingCalendar.from_data(WEEK)
ALWAYS = WorkingCalendar.from_data({"code": "always", "mode": "around_the_clock"})
# A Wednesday, at noon in Riyadh.
NOON = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("region", "days", "expected"),
    [
        (OFFICE, 1, datetime(2026, 11, 26, 11, 30, tzinfo=UTC)),
        # over the weekend
        (OFFICE, 2, datetime(2026, 11, 29, 11, 30, tzinfo=UTC)),
        (OFFICE, 5, datetime(2026, 12, 2, 11, 30, tzinfo=UTC)),
        (ALWAYS, 2, datetime(2026, 11, 27, 9, tzinfo=UTC)),
    ],
)
def test_days_after_the_due_time_are_the_regions(region, days, expected):
    assert days_after(NOON, days, region) == expected


@pytest.mark.parametrize(
    ("left", "whole", "whole_new", "expected"),
    [(-5, 100, 60, 0), (0, 100, 60, 0), (1, 1, 60, 60), (1, 3, 100, 33), (50, 100, 61, 30), (5, 0, 60, 0)],
)
def test_what_is_left_goes_on_by_its_share_rounded_down(left, whole, whole_new, expected):
    assert continued_minutes(left, whole, whole_new) == expected


def test_a_version_says_what_it_does_not_say():
    office = WorkingCalendar.from_data(WEEK)
    assert (office.code, office.version, office.mode) == ("office", 1, "weekly")
    assert office.timezone == "Asia/Riyadh"
    assert (office.ramadan, office.ramadans, office.dated) == ((), (), ())
    assert WorkingCalendar.from_data({**WEEK, "timezone": ""}).timezone == "Asia/Riyadh"
    other = WorkingCalendar.from_data({**WEEK, "version": "3", "timezone": "UTC"})
    assert (other.version, other.timezone) == (3, "UTC")
    # in force in its own wall time
    assert other.moment(other.minute(NOON)) == NOON
    assert other.opening(other.minute(datetime(2026, 11, 25, 5, tzinfo=UTC))) == other.minute(
        datetime(2026, 11, 25, 7, 30, tzinfo=UTC)
    )


def test_a_version_keeps_ramadan_and_dated_days_with_and_without_hours():
    made = WorkingCalendar.from_data(
        {
            **WEEK,
            "ramadan": {"hours": [[600, 900]], "dates": [["2027-02-08", "2027-03-08"]]},
            "dated": [
                {"from": "2027-03-04", "to": "2027-03-13"},
                {"from": "2027-03-06", "to": "2027-03-06", "hours": [[480, 720]]},
            ],
        }
    )
    seen = [made.hours_on(date(2027, month, day)) for month, day in ((2, 8), (3, 4), (3, 6), (3, 14))]
    assert seen == [((600, 900),), (), ((480, 720),), ((450, 870),)]
    assert made.day_span(date(2027, 3, 4), date(2027, 3, 13)) == (
        made.minute(datetime(2027, 3, 3, 21, tzinfo=UTC)),
        made.minute(datetime(2027, 3, 13, 21, tzinfo=UTC)),
    )


def step(position, audience="coordinator", mode="at_once"):
    return Step(position, audience, "inbox", mode, "deadline_near")


# Ten hours from Wednesday noon: 150 minutes of that day, 420 of Thursday, 30 of Sunday.
TEN_HOURS = Clock(10, "hours", NOON, 600, datetime(2026, 11, 29, 5, tzinfo=UTC), OFFICE, OFFICE)
STEPS = [step(80), step(50, "specialist"), step(50), step(102)]


def test_steps_come_at_shares_of_the_time_and_then_at_the_close_of_days():
    assert TEN_HOURS.moment(25) == datetime(2026, 11, 25, 11, 30, tzinfo=UTC)
    assert TEN_HOURS.moment(50) == datetime(2026, 11, 26, 7, tzinfo=UTC)
    assert TEN_HOURS.moment(100) == TEN_HOURS.due_at
    assert TEN_HOURS.moment(102) == datetime(2026, 12, 1, 11, 30, tzinfo=UTC)
    # The first share that is a part of a minute is reached with the whole one.
    assert Clock(1, "hours", NOON, 60, NOON, OFFICE, OFFICE).moment(1) == NOON.replace(minute=1)


def test_what_was_handed_on_comes_to_its_steps_by_the_share_of_the_whole():
    # 240 of the 600 minutes are left: 60 % were used before.
    rest = Clock(10, "hours", NOON, 240, TEN_HOURS.due_at, OFFICE, OFFICE)
    assert rest.moment(50) == rest.moment(60) == NOON
    assert rest.moment(80) == datetime(2026, 11, 25, 11, tzinfo=UTC)


def test_the_due_time_is_a_position_whether_anybody_is_told_of_it_or_not():
    assert [next_position(STEPS, reached) for reached in (0, 50, 79, 80, 100, 102)] == [
        50,
        80,
        80,
        100,
        102,
        None,
    ]
    assert next_position([], 0) == 100
    assert next_at(STEPS, 0, TEN_HOURS) == TEN_HOURS.moment(50)
    assert next_at(STEPS, 102, TEN_HOURS) is None


def test_a_step_is_overtaken_by_a_later_one_of_its_own_audience_alone():
    half, due_at = TEN_HOURS.moment(50), TEN_HOURS.due_at
    assert come_to(STEPS, 0, TEN_HOURS, half - timedelta(seconds=1)) == ([], 0)
    # to the second
    first, reached = come_to(STEPS, 0, TEN_HOURS, half)
    assert first == [Come(STEPS[1], half, False), Come(STEPS[2], half, False)]
    assert reached == 50
    # all at once, in whatever order they are written
    come, reached = come_to(STEPS, 0, TEN_HOURS, due_at)
    assert come == [
        Come(STEPS[0], TEN_HOURS.moment(80), False),
        Come(STEPS[1], half, False),
        Come(STEPS[2], half, True),
    ]
    assert reached == 100
    # what was reached before is not come to again
    assert come_to(STEPS, 80, TEN_HOURS, due_at) == ([], 100)


@pytest.mark.parametrize(
    ("mode", "priority", "expected"),
    [
        ("at_once", "normal", True),
        ("by_urgency", "normal", False),
        ("by_urgency", "low", False),
        ("by_urgency", "high", True),
        ("by_urgency", "urgent", True),
        ("digest", "urgent", False),
    ],
)
def test_what_goes_out_at_once_is_said_by_the_step_and_the_priority(mode, priority, expected):
    assert is_told_at_once(step(100, mode=mode), priority) is expected
