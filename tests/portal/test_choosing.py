"""Finding what it is about: in plain words, by category, by kind."""

import pytest

from .conftest import Walk, page

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("words", ["إنارة", "اناره", "الإنارة", "lamp"])
def test_services_are_found_in_plain_words(walk: Walk, words: str) -> None:
    html = page(walk.client.get("/report/", {"q": words}))
    assert 'value="lamp"' in html


def test_nothing_found_offers_what_goes_to_triage(walk: Walk) -> None:
    html = page(walk.client.get("/report/", {"q": "قققققق"}))
    assert 'value="other"' in html
    assert 'value="lamp"' not in html


def test_services_by_category_kind_and_link(walk: Walk) -> None:
    assert 'value="leak"' in page(walk.client.get("/report/", {"category": "streets"}))
    assert 'value="thanks"' in page(walk.client.get("/report/", {"kind": "thanks"}))
    assert 'value="leak" checked' in page(walk.client.get("/report/", {"service": "leak"}))


def test_the_script_gets_the_list_alone(walk: Walk) -> None:
    html = page(walk.client.post("/report/find/", {"q": "انارة"}, headers={"HX-Request": "true"}))
    assert html.startswith("<form")
    assert 'value="lamp"' in html
