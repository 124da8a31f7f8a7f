"""Where a report may be, and which numbers answer a question. What is refused writes nothing."""

import math
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from cms.entities.models import Place
from cms.reports.actions import Contact
from cms.reports.errors import Code, Invalid
from cms.reports.models import Report, Sender
from tests import factories


def refused(**kwargs: Any) -> dict[Any, Any]:
    reports, senders = Report.objects.count(), Sender.objects.count()
    with pytest.raises(Invalid) as caught:
        factories.submit(contact=Contact(phone="0500012345"), **kwargs)
    assert (Report.objects.count(), Sender.objects.count()) == (reports, senders)
    return {error.field: (error.code, error.message) for error in caught.value.errors}


@pytest.fixture
def lamp(people: Any, catalogue: Any) -> Any:
    catalogue.lamp.needs_location = True
    catalogue.lamp.save()
    return catalogue.lamp


@pytest.mark.parametrize("address", ["", "   ", "\u200f \t"])
def test_a_service_that_needs_a_location_is_refused_without_one(lamp: Any, address: str) -> None:
    with translation.override("en"):
        assert refused(address_text=address) == {
            ("location",): (Code.REQUIRED, "Put a point on the map, or describe the place in words.")
        }
    with translation.override("ar"):
        assert refused(address_text=address) == {
            ("location",): (Code.REQUIRED, "ضع نقطة على الخريطة أو صف المكان بالكلمات.")
        }


def test_words_alone_are_a_location(lamp: Any) -> None:
    assert factories.submitted_report(address_text="أمام المسجد").address_text == "أمام المسجد"


def test_a_point_alone_is_a_location(lamp: Any) -> None:
    report = factories.submitted_report(latitude=26.33, longitude=43.97)
    assert (report.latitude, report.longitude, report.address_text) == (26.33, 43.97, "")


def test_a_whole_region_is_no_place(people: Any) -> None:
    assert set(refused(place="region")) == {("place",)}
    assert refused(place="region")[("place",)][0] == Code.INVALID


def test_where_none_is_needed_none_is_asked_for(people: Any) -> None:
    assert factories.submitted_report().latitude is None


def test_a_wrong_point_is_named_as_wrong_and_not_as_missing(lamp: Any) -> None:
    with translation.override("en"):
        assert refused(latitude=0.0, longitude=0.0) == {
            ("location",): (Code.OUTSIDE_REGION, "This point lies outside the region.")
        }
    assert set(refused(address_text="ش" * 301)) == {("addressText",)}


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        (0.0, 0.0, Code.OUTSIDE_REGION),
        (43.97, 26.33, Code.OUTSIDE_REGION),
        (26.33, -43.97, Code.OUTSIDE_REGION),
        (-90.0, 180.0, Code.OUTSIDE_REGION),
        (26.33, 43.97 + 1.6, Code.OUTSIDE_REGION),
        (26.33 + 1.4, 43.97, Code.OUTSIDE_REGION),
        (math.nan, 43.97, Code.INVALID),
        (26.33, math.inf, Code.INVALID),
        (-math.inf, math.nan, Code.INVALID),
        (91.0, 0.0, Code.OUT_OF_RANGE),
        (26.33, None, Code.REQUIRED),
    ],
)
def test_a_point_that_is_not_in_the_region_is_refused(
    people: Any, latitude: float, longitude: float, code: Code
) -> None:
    found = refused(latitude=latitude, longitude=longitude)
    assert {field: code for field, (code, _) in found.items()} == {("location",): code}


@pytest.mark.parametrize(
    ("maximum", "days", "message"),
    [(0, 1, "Write a date not after {today}."), (7, 8, "Write a date not after {week}."), (0, 3650, None)],
)
def test_a_date_that_is_still_to_come_is_refused_where_the_question_says_so(
    people: Any, catalogue: Any, maximum: int, days: int, message: str | None
) -> None:
    today = timezone.localdate()
    factories.IntakeQuestionFactory(service=catalogue.lamp, code="called", type="date", maximum=maximum)
    factories.IntakeQuestionFactory(service=catalogue.lamp, code="given", type="date")

    def submitted(**answers: str) -> Any:
        return factories.submitted_report(answers={"since": "week", **answers})

    with translation.override("en"), pytest.raises(Invalid) as refused:
        submitted(called=(today + timedelta(days=days)).isoformat())

    [error] = refused.value.errors
    assert (error.code, error.field) == (Code.OUT_OF_RANGE, ("answers", "called"))
    if message:
        assert error.message == message.format(today=today, week=today + timedelta(days=7))
    assert not Report.objects.exists()
    # The last day itself, and any day of a question that does not say so.
    kept = submitted(called=(today + timedelta(days=maximum)).isoformat(), given="2036-01-01")
    assert kept.answers["given"] == "2036-01-01"


@pytest.mark.parametrize("wish", ["call", "neutral_message"])
def test_who_wants_to_be_contacted_leaves_a_number(people: Any, catalogue: Any, wish: str) -> None:
    catalogue.lamp.privacy, catalogue.lamp.allows_anonymous = "confidential", True
    catalogue.lamp.save()
    for contact in (None, Contact(name="نورة")):
        with pytest.raises(Invalid) as refused:
            factories.submitted_report(anonymous=True, contact=contact, contact_preference=wish)
        assert [(one.code, one.field) for one in refused.value.errors] == [
            (Code.REQUIRED, ("sender", "phone"))
        ]
    assert not Report.objects.exists()
    assert factories.submitted_report(contact_preference=wish).contact_preference == wish
    assert factories.submitted_report(anonymous=True, contact_preference="never").sender is None


@pytest.mark.parametrize(("latitude", "longitude"), [(27.21, 43.97), (26.33, 42.99)])
def test_a_point_at_the_regions_edge_is_taken(people: Any, latitude: float, longitude: float) -> None:
    at = {"latitude": latitude, "longitude": longitude}
    # It is far from the place too, which is another matter.
    with pytest.raises(Invalid) as refused:
        factories.submitted_report(**at)
    assert [(one.code, one.field) for one in refused.value.errors] == [(Code.FAR_FROM_PLACE, ("location",))]
    assert not Report.objects.exists()
    assert factories.submitted_report(**at, location_confirmed=True).latitude == latitude


def test_where_no_place_has_coordinates_any_point_on_earth_is_taken(people: Any) -> None:
    for place in Place.objects.all():
        place.latitude = place.longitude = None
        place.save()
    assert factories.submitted_report(latitude=0.0, longitude=0.0).latitude == 0


@pytest.mark.parametrize(
    ("bounds", "value", "message"),
    [
        ({}, "-1", "Write a number not below 0."),
        ({}, "-٣", "Write a number not below 0."),
        ({"minimum": 1}, "0", "Write a number not below 1."),
        ({"maximum": 120}, "121", "Write a number not above 120."),
        ({"maximum": 2.5}, "2.6", "Write a number not above 2.5."),
    ],
)
def test_a_number_out_of_its_range_is_refused(
    people: Any, catalogue: Any, bounds: dict[str, float], value: str, message: str
) -> None:
    factories.IntakeQuestionFactory(service=catalogue.lamp, code="poles", type="number", **bounds)
    with translation.override("en"):
        assert refused(answers={"since": "week", "poles": value}) == {
            ("answers", "poles"): (Code.OUT_OF_RANGE, message)
        }


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "two"])
def test_what_is_no_number_is_refused(people: Any, catalogue: Any, value: str) -> None:
    factories.IntakeQuestionFactory(service=catalogue.lamp, code="poles", type="number", minimum=None)
    found = refused(answers={"since": "week", "poles": value})
    assert {field: code for field, (code, _) in found.items()} == {("answers", "poles"): Code.INVALID}


@pytest.mark.parametrize(
    ("bounds", "value"),
    [
        ({}, "0"),
        ({}, "٣"),
        ({}, "٣٫٥"),
        ({"minimum": None}, "-4"),
        ({"minimum": -5}, "-5"),
        ({"maximum": 120}, "120"),
    ],
)
def test_a_number_within_its_range_is_kept(
    people: Any, catalogue: Any, bounds: dict[str, Any], value: str
) -> None:
    factories.IntakeQuestionFactory(service=catalogue.lamp, code="poles", type="number", **bounds)
    report = factories.submitted_report(answers={"since": "week", "poles": value})
    assert float(report.answers["poles"]) == float(value.replace("٫", "."))


def test_a_range_that_holds_nothing_is_refused_by_the_catalogue(catalogue: Any) -> None:
    from django.core.exceptions import ValidationError

    question = factories.IntakeQuestionFactory(
        service=catalogue.lamp, code="poles", type="number", minimum=5, maximum=4
    )
    with pytest.raises(ValidationError) as caught:
        question.full_clean()
    assert set(caught.value.message_dict) == {"maximum"}
