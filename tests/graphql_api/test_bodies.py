"""Bodies in a list: what they point at is right, and costs the same for one page as for many."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image as Drawing
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from cms.content.models import NewsPage

from .test_pages import SmallSite

pytestmark = pytest.mark.django_db

QUERY = """query($n: Int) { pages(type: NEWS, first: $n) { edges { node { title body {
  ... on ParagraphBlock { html } ... on NoteBlock { html } ... on CardsBlock { cards { title url } }
  ... on PictureBlock { url width alternativeText caption }
  ... on FaqBlock { questions { answerHtml } } } } } } }"""


def picture(name):
    drawn = BytesIO()
    Drawing.new("RGB", (40, 30), "white").save(drawn, "PNG")
    return get_image_model().objects.create(
        title=name, file=ImageFile(BytesIO(drawn.getvalue()), f"{name}.png")
    )


@pytest.fixture
def news(settings, tmp_path):
    """Eight pieces of news, each with a picture of its own, cards, and links to a page and a document."""
    settings.MEDIA_ROOT = tmp_path
    site = SmallSite()
    document = get_document_model().objects.create(title="دليل", file=ContentFile(b"text", "guide.txt"))
    for day in range(10, 18):
        image = picture(f"p{day}")
        to_page = f'<p><a linktype="page" id="{site.about.pk}">عن</a></p>'
        to_document = f'<p><a id="{document.pk}" linktype="document">دليل</a></p>'
        chosen = {"image": image, "caption": "صورة"}
        page = site.news.add_child(
            instance=NewsPage(
                title=f"خبر {day}", slug=f"d{day}", locale=site.home.locale, date=date(2026, 11, day)
            )
        )
        page.body = [
            ("paragraph", to_page),
            ("note", {"kind": "info", "title": "", "text": to_document}),
            ("cards", [{"icon": "", "title": "عن", "text": "", "page": site.about, "url": ""}]),
            ("faq", {"heading": "", "questions": [{"question": "س", "answer": to_page}]}),
        ]
        page.body.append(("picture", chosen))
        page.body[-1].value["image"].contextual_alt_text = f"وصف {day}"
        page.save()
    return site, document


def nodes(api, size, **headers):
    return [edge["node"] for edge in api.data(QUERY, {"n": size}, **headers)["pages"]["edges"]]


def test_what_bodies_point_at_is_told(api, news):
    _site, document = news
    first = nodes(api, 8)[0]
    paragraph, note, cards, faq, image = first["body"]
    assert paragraph == {"html": '<p><a href="/about/">عن</a></p>'}
    assert note == {"html": f'<p><a href="{document.url}">دليل</a></p>'}
    assert cards == {"cards": [{"title": "عن", "url": "/about/"}]}
    assert faq == {"questions": [{"answerHtml": '<p><a href="/about/">عن</a></p>'}]}
    assert (image["alternativeText"], image["caption"], image["width"]) == ("وصف 17", "صورة", 40)
    assert image["url"].endswith(".webp")


def test_links_lead_to_the_readers_language_where_there_is_a_translation(api, news):
    from django.utils import translation

    from graphql_api.public.bodies import Bodies

    site, _document = news
    page = NewsPage.objects.get(slug="d10")
    with translation.override("en"):
        assert Bodies([page]).urls == {site.about.pk: "/en/about/"}
    with translation.override("ar"):
        assert Bodies([page]).urls == {site.about.pk: "/about/"}


def test_a_link_to_what_is_gone_leads_nowhere(api, news):
    site, document = news
    document.delete()
    site.about.get_translations(inclusive=True).delete()
    paragraph, note, cards, *_rest = nodes(api, 1)[0]["body"]
    assert paragraph == {"html": "<p><a>عن</a></p>"}
    assert note == {"html": "<p><a>دليل</a></p>"}
    assert cards == {"cards": [{"title": "عن", "url": None}]}


def test_bodies_cost_the_same_for_any_number_of_pages(api, news):
    # given renditions that exist already
    nodes(api, 8)

    def statements(size):
        with CaptureQueriesContext(connection) as captured:
            assert len(nodes(api, size)) == size
        return [row["sql"] for row in captured.captured_queries]

    # then eight pages cost what one does: images, renditions, pages and documents are each read once
    one, many = statements(1), statements(8)
    assert len(many) == len(one), "\n".join(many)
    assert len(many) <= 11, "\n".join(many)
