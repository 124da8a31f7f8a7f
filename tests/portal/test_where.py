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
    ("prefix", "sentence"),
    [
        ("", "ضع نقطة على الخريطة أو صف المكان بالكلمات."),
        ("/en", "Put a point on the map, or describe the place in words."),
    ],
)
def test_without_point_and_words_the_step_stays_and_says_so(
    client: Any, needing: SmallCatalogue, prefix: str, sentence: str
) -> None:
    walk = Walk(client, prefix)
    walk.what()
    assert sentence in answered(walk, address="  ")
    assert walk.get("/report/details/").url == f"{prefix}/report/where/"


def test_a_point_outside_the_region_is_refused(client: Any, needing: SmallCatalogue) -> None:
    walk = Walk(client)
    walk.what()
    assert "هذه النقطة خارج المنطقة." in answered(walk, latitude="0", longitude="0")
    assert walk.get("/report/details/").url == "/report/where/"


def test_words_are_enough(client: Any, needing: SmallCatalogue) -> None:
    walk = Walk(client)
    walk.what()
    assert walk.where(address="أمام المسجد").url == "/report/details/"
