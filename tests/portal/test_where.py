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
