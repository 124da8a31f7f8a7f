"""The dates of calendars: computed, overridden, kept in versions, in force from their day on."""

from datetime import UTC, date, datetime, timedelta

import pytest

from cms.entities import snapshot
from cms.entities.dated import Days, all_days, computed, renew_versions, with_dates
from cms.entities.models import Calendar, CalendarVersion, Occasion
from cms.reports import promises
from cms.reports.deadlines import WorkingCalendar, due
from tests import factories

NOON = datetime(2026, 11, 22, 9, tzinfo=UTC)
EID = {"name_ar": "عيد الفطر", "name_en": "Eid al-Fitr"}


def the(code: str, days: list[Days]) -> tuple[date, date, str]:
    return next((one.first, one.last, one.source) for one in days if one.code == code)


def test_the_library_gives_spans_of_holidays_and_the_umm_al_qura_ramadan():
    days = computed([2027, 2028])
    assert the("fitr-1448", days)[:2] == (date(2027, 3, 9), date(2027, 3, 14))
    assert the("adha-1448", days)[:2] == (date(2027, 5, 15), date(2027, 5, 19))
    assert the("ramadan-1448", days)[:2] == (date(2027, 2, 8), date(2027, 3, 8))
    assert the("national-2028", days)[:2] == (date(2028, 9, 23), date(2028, 9, 24))


def test_what_is_announced_takes_the_place_of_what_is_computed():
    table = [Days("fitr-1448", "holiday", date(2027, 3, 4), date(2027, 3, 13), source="announced", **EID)]
    days = all_days(table, date(2026, 11, 22))
    assert the("fitr-1448", days) == (date(2027, 3, 4), date(2027, 3, 13), "announced")
    assert the("fitr-1447", days)[2] == "computed"
    # The year before to the third after; a version that keeps nothing more is not renewed by a mere day.
    assert (days[0].first.year, days[-1].first.year) == (2025, 2029)
    assert all_days(table, date(2026, 12, 31)) == days


def test_a_version_keeps_what_its_calendar_observes():
    table = [
        Days("fair", "suspension", date(2027, 1, 3), date(2027, 1, 3), "معرض", "Fair", calendar="office"),
        Days(
            "make-up", "working", date(2027, 1, 9), date(2027, 1, 9), "تعويض", "Make-up", hours=((480, 720),)
        ),
    ]
    days = all_days(table, date(2026, 11, 22))
    office = with_dates(factories.OFFICE_HOURS, "office", days)
    assert [row["code"] for row in office["dated"]][-2:] == ["fair", "make-up"]
    assert office["ramadan"]["hours"] == [[600, 900]]
    assert ["2027-02-08", "2027-03-08"] in office["ramadan"]["dates"]
    # What is kept is all that counts: the same again changes nothing.
    assert with_dates(office, "office", days) == office
    made = WorkingCalendar.from_data({**office, "code": "office"})
    assert made.hours_on(date(2027, 1, 9)) == ((480, 720),)
    assert made.hours_on(date(2027, 1, 3)) == ()
    always = with_dates(factories.AROUND_THE_CLOCK, "always", days)
    assert (always["dated"], always["ramadan"]) == ([], {"hours": []})


def test_a_night_shift_of_a_file_ends_on_the_next_day():
    hours = with_dates({"days": ["sun"], "from": "22:00", "to": "06:00"}, "night", [])
    assert hours["week"][6] == [[1320, 1800]]


@pytest.fixture
def calendar(catalogue):
    return catalogue.calendar


def test_an_announcement_makes_one_new_version_and_moves_no_older_one(calendar):
    renew_versions(NOON)
    before = CalendarVersion.objects.get(calendar=calendar, number=2)
    Occasion.objects.create(
        code="fitr-1448", kind="holiday", first_day="2027-03-04", last_day="2027-03-13", **EID
    )
    later = NOON + timedelta(days=30)
    (made,) = renew_versions(later)
    assert (made.number, made.valid_from) == (3, later)
    assert renew_versions(later + timedelta(hours=1)) == []
    cat = snapshot.catalogue()
    assert cat.calendar_version(None, later - timedelta(minutes=1)).number == 2
    assert cat.calendar_version(None, later).number == 3
    # Wednesday 3 March in Ramadan, 14:00: one hour is left, and then Eid.
    start = datetime(2027, 3, 3, 11, tzinfo=UTC)
    old, new = (promises.working_calendar(version) for version in (before, made))
    assert due(start, 120, old) == datetime(2027, 3, 4, 8, tzinfo=UTC)
    assert due(start, 120, new) == datetime(2027, 3, 14, 5, 30, tzinfo=UTC)


def test_hours_planned_for_later_get_the_dates_too_and_keep_their_day(calendar):
    later = datetime(2027, 1, 1, tzinfo=UTC)
    CalendarVersion.objects.create(
        calendar=calendar, number=2, hours={**factories.OFFICE_HOURS, "to": "15:00"}, valid_from=later
    )
    made = renew_versions(NOON)
    assert [(one.number, one.valid_from) for one in made] == [(3, NOON), (4, later)]
    assert [one.hours["week"][0] for one in made] == [[[450, 870]], [[450, 900]]]
    cat = snapshot.catalogue()
    assert [cat.calendar_version(None, at).number for at in (NOON, later)] == [3, 4]


def test_where_work_is_suspended_promises_stand_still_and_elsewhere_they_do_not(catalogue):
    Occasion.objects.create(
        code="rain",
        kind="suspension",
        first_day="2026-11-23",
        last_day="2026-11-23",
        name_ar="أمطار",
        name_en="Rain",
        place=catalogue.town,
    )
    cat = snapshot.catalogue()
    service, entity = cat.service(catalogue.lamp.code), cat.entity("municipality.north")
    there, elsewhere = cat.place_by_id(catalogue.safra.pk), cat.place_by_id(catalogue.village.pk)
    given = {"service": service, "entity": entity, "start": NOON, "cat": cat}
    wet, dry = (
        {one.promise: one for one in promises.promised(**given, place=place)} for place in (there, elsewhere)
    )
    for promise in ("first_reply", "resolution"):
        assert dry[promise].pauses == []
        assert wet[promise].pauses == [["2026-11-22T21:00:00+00:00", "2026-11-23T21:00:00+00:00"]]
        day = 7 * 60
        calendar = promises.working_calendar(wet[promise].version)
        assert wet[promise].due_at == due(NOON, dry[promise].minutes + day, calendar)


def test_occasions_of_other_calendars_and_places_are_refused_by_the_database(catalogue):
    from django.db import IntegrityError, transaction

    given = {"kind": "holiday", "first_day": "2026-11-23", "last_day": "2026-11-23", **EID}
    wrong = [{"place": catalogue.town}, {"last_day": "2026-11-22"}]
    for number, values in enumerate(wrong):
        with pytest.raises(IntegrityError), transaction.atomic():
            Occasion.objects.create(code=f"x{number}", **{**given, **values})
    assert not Calendar.objects.filter(occasion__isnull=False).exists()
