"""PostgreSQL's moments are what Django would read, whatever their form."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import DataError, connection

from cms.moments import MomentLoader

pytestmark = pytest.mark.django_db


@pytest.fixture
def cursor():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite tells them as text")
    with connection.cursor() as opened:
        yield opened


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-11-24 01:55:33.12+00", datetime(2026, 11, 24, 1, 55, 33, 120000, tzinfo=UTC)),
        ("2026-11-24 01:55:33", datetime(2026, 11, 24, 1, 55, 33, tzinfo=UTC)),
        ("2026-11-24 04:55:33.000001+03", datetime(2026, 11, 24, 1, 55, 33, 1, tzinfo=UTC)),
        ("0001-01-01 00:00:00+00", datetime(1, 1, 1, tzinfo=UTC)),
        (None, None),
    ],
)
def test_a_moment_is_in_utc_to_the_microsecond(cursor, said, moment):
    cursor.execute("SELECT %s::timestamptz", [said])
    [told] = cursor.fetchone()
    assert told == moment
    if told is not None:
        assert told.tzinfo is UTC
    assert cursor.cursor.connection.adapters.get_loader(1184, 0) is MomentLoader


@pytest.mark.parametrize("said", ["infinity", "0044-03-15 12:00:00+00 BC", "12026-01-01 00:00:00+00"])
def test_what_is_no_moment_of_python_s_is_refused_as_before(cursor, said):
    cursor.execute("SELECT %s::timestamptz", [said])
    with pytest.raises(DataError):
        cursor.fetchone()


def test_who_asks_in_another_time_zone_is_told_in_that_one(cursor):
    riyadh = ZoneInfo("Asia/Riyadh")
    cursor.execute("SET LOCAL TIME ZONE 'Asia/Riyadh'")
    cursor.execute("SELECT '2026-11-24 01:55:33+00'::timestamptz")
    assert cursor.fetchone() == (datetime(2026, 11, 24, 4, 55, 33, tzinfo=riyadh),)
