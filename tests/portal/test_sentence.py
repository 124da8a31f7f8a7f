"""What one types to find the service stands in the description: nobody types it twice."""

import re

import pytest
from django.conf import settings
from django.test import Client

from cms.content.demo_pages import load_pages
from tests.factories import SmallCatalogue

from .conftest import TEXT, Walk, page

pytestmark = pytest.mark.django_db

SENTENCE = "عمود الإنارة أمام بيتنا مطفأ"
SAID = "ما كتبته في البداية موجود هنا"


def described(walk: Walk) -> str:
    """What stands in the description when one comes to it."""
    html = page(walk.get("/report/details/"))
    return html.split('id="text"')[1].split(">", 1)[1].split("</textarea>")[0]


def found(walk: Walk, words: str) -> str:
    response = walk.post("/report/find/", q=words)
    # The words are in no address, so in nobody's log.
    assert (response.status_code, response.url) == (302, f"{walk.prefix}/report/")
    return page(walk.get("/report/"))


def chosen(walk: Walk, html: str) -> None:
    """The form of the services, sent as it stands on the page."""
    data = dict(re.findall(r'name="(q|sentence|key)" value="([^"]*)"', html))
    assert {"q", "sentence"} <= set(data)
    assert walk.post("/report/", service="lamp", **data).url == f"{walk.prefix}/report/where/"
    walk.where()


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_sentence_of_the_search_is_the_beginning_of_the_description(
    client: Client, catalogue: SmallCatalogue, prefix: str
) -> None:
    walk = Walk(client, prefix)
    html = found(walk, SENTENCE)
    assert 'value="lamp"' in html
    chosen(walk, html)
    assert described(walk) == SENTENCE
    # It is the same in the other language.
    assert described(Walk(client, "/en" if not prefix else "")) == SENTENCE
    assert SAID in page(client.get("/report/details/"))


def test_the_script_s_list_carries_it_on(walk: Walk) -> None:
    response = walk.client.post("/report/find/", {"q": SENTENCE}, headers={"HX-Request": "true"})
    assert "report_draft" not in walk.client.session
    chosen(walk, page(response))
    assert described(walk) == SENTENCE


def test_it_is_kept_when_the_service_is_found_by_a_category(walk: Walk) -> None:
    found(walk, SENTENCE)
    chosen(walk, page(walk.client.get("/report/?category=streets")))
    assert described(walk) == SENTENCE


def test_what_the_person_wrote_as_the_description_is_left_alone(walk: Walk) -> None:
    chosen(walk, found(walk, SENTENCE))
    walk.details(TEXT)
    chosen(walk, found(walk, "تسرب مياه في الشارع"))
    assert described(walk) == TEXT
    assert SAID not in page(walk.get("/report/details/"))


def test_a_better_sentence_takes_the_place_of_the_first(walk: Walk) -> None:
    chosen(walk, found(walk, SENTENCE))
    chosen(walk, found(walk, "الشارع مظلم منذ أسبوع"))
    assert described(walk) == "الشارع مظلم منذ أسبوع"


def test_who_deletes_it_finds_the_description_empty(walk: Walk) -> None:
    chosen(walk, found(walk, SENTENCE))
    assert walk.details("").url == "/report/details/"
    assert described(walk) == ""


def test_the_words_of_a_link_are_put_in_nobody_s_mouth(walk: Walk) -> None:
    """`Often reported` on the home page searches with words of the editor's."""
    chosen(walk, page(walk.client.get("/report/", {"q": "إنارة"})))
    assert described(walk) == ""


def test_the_home_page_sends_it_the_quiet_way(client: Client, catalogue: SmallCatalogue) -> None:
    load_pages(settings.ROOT / "cms" / "demo" / "data")
    html = page(client.get("/"))
    form = html.split('action="/report/find/"')[1].split("</form>")[0]
    assert 'method="post"' in form
    assert "csrfmiddlewaretoken" in form
    assert 'name="q"' in form
