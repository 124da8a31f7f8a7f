"""The step of the place, for a service whose reports need one: a point or words, in both languages."""

from typing import Any

import pytest

from tests.factories import SmallCatalogue

from .conftest import Walk, page


@pytest.fixture
def needing(catalogue: SmallCatalogue) -> SmallCatalogue:
    catalogue.lamp.needs_location = True
    catalogue.lamp.save()
    return catalogue


def answered(walk: Walk, **data: str) -> str:
    """The page that the step answers with, at once or after a redirect to itself."""
    response = walk.where(**data)
    if response.status_code == 302:
        assert response.url == f"{walk.prefix}/report/where/"
        response = walk.client.get(response.url)
    return page(response)


@pytest.mark.parametrize(
    ("prefix", "there", "sentence"),
    [
        ("", "1", "ضع نقطة على الخريطة أو صف المكان بالكلمات."),
        ("/en", "1", "Put a point on the map, or describe the place in words."),
        ("", "", "صف بالكلمات أين هو بالضبط."),
        ("/en", "", "Describe in words where exactly it is."),
    ],
)
def test_without_point_and_words_the_step_stays_and_says_so(
    client: Any, needing: SmallCatalogue, prefix: str, there: str, sentence: str
) -> None:
    """Nobody is told to use a map that their page does not have."""
    walk = Walk(client, prefix)
    walk.what()
    html = answered(walk, address="  ", map=there)
    # Above the form and at the field.
    assert html.count(f">{sentence}<") == 2
    assert ("ضع نقطة" in html or "Put a point on the map, or" in html) == bool(there)
    assert walk.get("/report/details/").url == f"{prefix}/report/where/"


def test_the_note_speaks_of_the_map_only_where_the_script_shows_one(
    client: Any, needing: SmallCatalogue
) -> None:
    walk = Walk(client)
    walk.what()
    html = page(walk.get("/report/where/"))
    assert "<span data-map-without>تحديد الموقع مطلوب لهذه الخدمة: صف المكان أدناه.</span>" in html
    assert "<span data-map-with hidden>تحديد الموقع مطلوب لهذه الخدمة: ضع علامة على الخريطة" in html


def test_words_that_were_refused_are_not_called_missing(client: Any, needing: SmallCatalogue) -> None:
    walk = Walk(client)
    walk.what()
    assert "صف بالكلمات أين هو بالضبط." not in answered(walk, address="س" * 301)


def test_a_point_outside_the_region_and_the_missing_place_are_told_together(
    client: Any, needing: SmallCatalogue
) -> None:
    walk = Walk(client)
    walk.what()
    html = answered(walk, place="", latitude="0", longitude="0")
    assert 'href="#place">اختر المكان.' in html
    assert 'href="#location">هذه النقطة خارج المنطقة.' in html


def test_a_point_outside_the_region_is_refused(client: Any, needing: SmallCatalogue) -> None:
    walk = Walk(client)
    walk.what()
    assert "هذه النقطة خارج المنطقة." in answered(walk, latitude="0", longitude="0")
    assert walk.get("/report/details/").url == "/report/where/"


def test_words_are_enough(client: Any, needing: SmallCatalogue) -> None:
    walk = Walk(client)
    walk.what()
    assert walk.where(address="أمام المسجد").url == "/report/details/"


# --- the pin against the place ----------------------------------------------------------------

TOWN, SAFRA, VILLAGE = ("26.1", "43.5"), ("26.33", "43.97"), ("25.5", "44.6")


@pytest.fixture
def placed(catalogue: SmallCatalogue) -> SmallCatalogue:
    """The village lies more than 100 km from the town and from its district."""
    for place, point in (
        (catalogue.town, TOWN),
        (catalogue.safra, SAFRA),
        (catalogue.village, VILLAGE),
    ):
        place.latitude, place.longitude = (float(part) for part in point)
        place.save()
    return catalogue


def pinned(walk: Walk, at: tuple[str, str], **data: str) -> Any:
    return walk.where(map="1", latitude=at[0], longitude=at[1], **data)


@pytest.mark.parametrize(
    ("prefix", "sentence"),
    [
        ("", "العلامة على بعد نحو 112 كم من الصفراء. أيهما الصحيح؟"),
        ("/en", "The pin is about 112 km from Safra. Which of the two is right?"),
    ],
)
def test_a_pin_far_from_the_place_is_asked_about(
    client: Any, placed: SmallCatalogue, prefix: str, sentence: str
) -> None:
    walk = Walk(client, prefix)
    walk.what()
    assert pinned(walk, VILLAGE).url == f"{prefix}/report/where/"
    html = page(walk.get("/report/where/"))
    assert f'href="#location">{sentence}' in html
    assert [do in html for do in ('value="no_pin"', 'value="near"', 'value="both"')] == [True] * 3
    # Nobody gets past it without an answer.
    assert walk.get("/report/details/").url == f"{prefix}/report/where/"


@pytest.mark.parametrize(
    ("do", "place", "latitude"),
    [("near", "village", VILLAGE[0]), ("both", "town.safra", VILLAGE[0])],
)
def test_who_says_which_is_right_goes_on_with_it(
    client: Any, placed: SmallCatalogue, do: str, place: str, latitude: str
) -> None:
    walk = Walk(client)
    walk.what()
    pinned(walk, VILLAGE)
    assert pinned(walk, VILLAGE, do=do).url == "/report/details/"
    draft = client.session["report_draft"]
    assert (draft["place"], draft["latitude"]) == (place, latitude)
    # Another pin far away is another question.
    assert pinned(walk, ("25.6", "44.6"), place="town.safra").url == "/report/where/"


def test_without_the_pin_the_place_stands(client: Any, placed: SmallCatalogue) -> None:
    walk = Walk(client)
    walk.what()
    pinned(walk, VILLAGE)
    pinned(walk, VILLAGE, do="no_pin")
    assert walk.where().url == "/report/details/"


def test_a_pin_near_any_place_of_the_governorate_is_in_it(client: Any, placed: SmallCatalogue) -> None:
    walk = Walk(client)
    walk.what()
    # Some 75 km from the town itself, 25 from its district.
    assert pinned(walk, ("26.4", "44.2"), place="town").url == "/report/details/"
    assert pinned(walk, ("26.4", "44.2"), place="village").url == "/report/where/"


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("", "اختر أقرب اسم في محافظتك، وتكفي المحافظة نفسها."),
        ("/en", "Choose the nearest name in your governorate; the governorate itself is enough."),
    ],
)
def test_the_hint_fits_the_list_and_the_field_that_script_makes_of_it(
    walk: Walk, prefix: str, words: str
) -> None:
    walk.what()
    assert f'id="place-h">{words}</span>' in page(walk.get(f"{prefix}/report/where/"))
