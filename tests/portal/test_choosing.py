"""Finding what it is about: in plain words, by category, by kind."""

import pytest
from django.test import Client

from tests.factories import SmallCatalogue

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


@pytest.mark.parametrize(
    ("prefix", "said"),
    [("", "· سري · يمكن دون ذكر هويتك"), ("/en", "· confidential · also without your name")],
)
def test_a_confidential_service_tells_that_no_name_is_needed(
    client: Client, catalogue: SmallCatalogue, prefix: str, said: str
) -> None:
    catalogue.lamp.privacy, catalogue.lamp.allows_anonymous = "confidential", True
    catalogue.lamp.save()
    assert said in page(client.get(f"{prefix}/report/", {"q": "lamp"}))
    catalogue.lamp.allows_anonymous = False
    catalogue.lamp.save()
    assert said.rpartition(" · ")[2] not in page(client.get(f"{prefix}/report/", {"service": "lamp"}))


def test_services_by_category_kind_and_link(walk: Walk) -> None:
    assert 'value="leak"' in page(walk.client.get("/report/", {"category": "streets"}))
    assert 'value="thanks"' in page(walk.client.get("/report/", {"kind": "thanks"}))
    assert 'value="leak" checked' in page(walk.client.get("/report/", {"service": "leak"}))


def test_the_script_gets_the_list_alone(walk: Walk) -> None:
    html = page(walk.client.post("/report/find/", {"q": "انارة"}, headers={"HX-Request": "true"}))
    assert html.startswith("<form")
    assert 'value="lamp"' in html
