"""What a ladder is counted from: days after the due time, what a transfer leaves, a version's defaults."""

from datetime import UTC, date, datetime

import pytest

from cms.reports.deadlines import WorkingCalendar, continued_minutes
from cms.reports.ladder import days_after

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
    assert (OFFICE.version, OFFICE.mode, OFFICE.timezone) == (1, "weekly", "Asia/Riyadh")
    assert (OFFICE.ramadan, OFFICE.ramadans, OFFICE.dated) == ((), (), ())
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
