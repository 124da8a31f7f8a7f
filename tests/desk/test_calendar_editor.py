"""The calendar editor: nights and second spans, a preview that saves nothing, a promise tried day by day."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from cms.entities.models import Calendar, CalendarVersion, Occasion
from tests import factories

from .test_viewsets import form_of

pytestmark = pytest.mark.django_db
# Thursday in Ramadan, as on the board, and over the founding day.
TRY = {"try-at": "2027-02-18T14:00", "try-value": "7", "try-unit": "hours"}


def versions(calendar):
    return CalendarVersion.objects.filter(calendar=calendar).count()


@pytest.fixture
def editor(client_of, people, catalogue):
    client = client_of(people.admin)
    address = reverse("calendars:edit", args=[catalogue.calendar.pk])
    return client, address, form_of(client, address)


def test_a_promise_is_tried_and_real_reports_compared_before_anything_is_saved(
    editor, client_of, people, catalogue
):
    client, address, data = editor
    report = factories.submitted_report(at=datetime(2026, 11, 19, 11, 50, tzinfo=UTC))
    factories.submitted_report(service="abuse", answers={})
    page = client.post(address, {**data, **TRY, "do": "preview"})
    tried = page.context["tried"]
    assert tried.due_at == datetime(2027, 2, 23, 8, tzinfo=UTC)
    assert [step.minutes for step in tried.steps] == [60, 0, 0, 300, 0, 60]
    # An hour less on Sundays: the promise that was made on Thursday would be due later.
    page = client.post(address, {**data, **TRY, "sun_to": "13:30", "do": "preview"})
    (one,) = page.context["sample"]
    # Administrators see no report: its times alone, and of a confidential one nothing.
    assert (one.report, one.received) == (None, report.deadlines.get(promise="resolution").starts_at)
    assert (page.context["is_proposed"], versions(catalogue.calendar)) == (True, 1)
    assert report.reference not in page.content.decode()
    seen = client_of(people.supervisor).post(address, {**data, **TRY, "do": "preview"})
    assert seen.context["sample"][0].report.reference == report.reference


def test_a_second_span_a_night_and_ramadan_are_saved_with_all_dates(editor, catalogue):
    client, address, data = editor
    Occasion.objects.create(
        code="fitr-1448",
        kind="holiday",
        first_day=date(2027, 3, 4),
        last_day=date(2027, 3, 13),
        name_ar="عيد الفطر",
        name_en="Eid",
    )
    changed = {"sun_to": "12:00", "sun_from2": "20:00", "sun_to2": "01:00", "sat_works": "on"}
    wrong = client.post(address, {**data, **changed})
    assert list(wrong.context["form"].errors) == ["sat_from"]
    assert versions(catalogue.calendar) == 1
    changed |= {"sat_from": "08:00", "sat_to": "12:00", "ramadan_from": "09:30"}
    assert client.post(address, {**data, **changed}).status_code == 302
    made = CalendarVersion.objects.get(calendar=catalogue.calendar, number=2)
    assert made.hours["week"][6] == [[450, 720], [1200, 1500]]
    assert made.hours["week"][5] == [[480, 720]]
    assert made.hours["ramadan"]["hours"] == [[570, 900]]
    assert [row["from"] for row in made.hours["dated"] if row["code"] == "fitr-1448"] == ["2027-03-04"]
    # What it says is what was typed; saved again unchanged it makes no version.
    again = form_of(client, address)
    assert (again["sun_from2"], again["sun_to2"]) == ("20:00", "01:00")
    client.post(address, again)
    assert versions(catalogue.calendar) == 2
    page = client.get(f"{address}?month=2027-03").context
    tones = [cell.tone for week in page["month"].weeks for cell in week]
    assert (page["month"].before, page["month"].after) == ("2027-02", "2027-04")
    assert tones.count("hol ovr") == 10


def test_a_day_has_room_for_one_span_more_than_the_fullest_one(editor, catalogue):
    client, address, data = editor
    three = {
        "sun_to": "09:00",
        "sun_from2": "10:00",
        "sun_to2": "11:00",
        "sun_from3": "12:00",
        "sun_to3": "14:00",
    }
    half = client.post(address, {**data, **three, "sun_to3": ""})
    assert list(half.context["form"].errors) == ["sun_from3"]
    assert "sun_from4" not in half.context["form"].fields
    assert client.post(address, {**data, **three}).status_code == 302
    made = CalendarVersion.objects.get(calendar=catalogue.calendar, number=2)
    assert made.hours["week"][6] == [[450, 540], [600, 660], [720, 840]]
    # then there is room for a fourth, which goes on past midnight, and all are kept
    again = form_of(client, address)
    assert (again["sun_from3"], again["sun_to3"]) == ("12:00", "14:00")
    client.post(address, {**again, "sun_from4": "22:00", "sun_to4": "01:30"})
    made = CalendarVersion.objects.get(calendar=catalogue.calendar, number=3)
    assert made.hours["week"][6] == [[450, 540], [600, 660], [720, 840], [1320, 1530]]
    assert made.hours["week"][0] == [[450, 870]]


def test_hours_may_begin_on_a_later_day_and_around_the_clock_needs_none(editor, catalogue):
    client, address, data = editor
    later = {**data, "mon_to": "15:00", "since": "2020-01-01"}
    assert list(client.post(address, later).context["form"].errors) == ["since"]
    assert client.post(address, {**later, "since": "2099-01-01"}).status_code == 302
    made = CalendarVersion.objects.get(calendar=catalogue.calendar, number=2)
    assert made.valid_from == datetime(2098, 12, 31, 21, tzinfo=UTC)
    overlapping = {**data, "mon_to": "06:30", "tue_from": "05:00"}
    assert "__all__" in client.post(address, overlapping).context["form"].errors
    names = {name: data[name] for name in ("name_ar", "name_en")}
    add = {**names, "code": "always", "mode": "around_the_clock"}
    assert client.post(reverse("calendars:add"), add).status_code == 302
    hours = Calendar.objects.get(code="always").versions.get().hours
    assert (hours["mode"], hours["dated"], hours["observes_holidays"]) == ("around_the_clock", [], False)


def test_ramadan_is_worked_by_day_and_by_night_and_no_span_is_lost(editor, catalogue):
    client, address, data = editor
    # given room for one span more than there are, and for two at least
    fields = client.get(address).context["form"].fields
    assert ("ramadan_from2" in fields, "ramadan_from3" in fields) == (True, False)
    by_night = {"ramadan_on": "on", "ramadan_from2": "21:00", "ramadan_to2": "00:30"}
    half = client.post(address, {**data, **by_night, "ramadan_to2": "", "do": "save"})
    assert list(half.context["form"].errors) == ["ramadan_from2"]
    assert versions(catalogue.calendar) == 1
    assert client.post(address, {**data, **by_night, "do": "save"}).status_code == 302
    made = CalendarVersion.objects.get(calendar=catalogue.calendar, number=2)
    assert made.hours["ramadan"]["hours"] == [[600, 900], [1260, 1470]]
    assert made.calendar.versions.first().hours["ramadan"]["dates"]
    # It is shown as it was typed, and saved again unchanged it makes no version.
    again = form_of(client, address)
    assert (again["ramadan_from2"], again["ramadan_to2"]) == ("21:00", "00:30")
    assert "ramadan_from3" in client.get(address).context["form"].fields
    client.post(address, again)
    assert versions(catalogue.calendar) == 2
    # A night that reaches into the next day's hours is refused.
    over = client.post(address, {**again, "ramadan_to2": "11:00", "do": "save"})
    assert over.context["form"].non_field_errors()
    assert versions(catalogue.calendar) == 2
