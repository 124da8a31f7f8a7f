"""The site's pages, headless: found by path and language, bodies as typed blocks, in keyset pages."""

from datetime import date

import pytest
from wagtail.models import Locale, Page, Site

from cms.content.models import HomePage, InformationPage, NewsIndexPage, NewsPage

pytestmark = pytest.mark.django_db

BODY = """
  body { __typename ... on HeadingBlock { text level } ... on ParagraphBlock { html }
    ... on ListBlock { items } ... on StepsBlock { steps { title text } } ... on NoteBlock { kind title html }
    ... on QuoteBlock { text source } ... on CardsBlock { cards { title url } }
    ... on FaqBlock { heading questions { question answerHtml } }
    ... on CallToActionBlock { title button leadsTo } }
"""


class SmallSite:
    """Home, about, news with three pieces; about and home in English too."""

    def __init__(self):
        arabic, _ = Locale.objects.get_or_create(language_code="ar")
        english, _ = Locale.objects.get_or_create(language_code="en")
        Page.objects.filter(depth__gt=1).delete()
        root = Page.objects.get(depth=1)
        self.home = root.add_child(instance=HomePage(title="الرئيسية", slug="home", locale=arabic))
        Site.objects.update_or_create(
            is_default_site=True, defaults={"hostname": "testserver", "root_page": self.home, "port": 80}
        )
        Site.clear_site_root_paths_cache()
        self.about = self.home.add_child(
            instance=InformationPage(
                title="عن الخدمة",
                slug="about",
                locale=arabic,
                introduction="نافذة واحدة",
                body=[
                    ("heading", {"text": "لماذا؟", "level": "h2"}),
                    ("paragraph", "<p>لأن <b>صاحب الحاجة</b> أولى.</p>"),
                    ("list", ["رقم", "موعد"]),
                    ("steps", [{"title": "اختر", "text": "الموضوع"}]),
                    ("note", {"kind": "warn", "title": "", "text": "<p>لا تكتب هويتك.</p>"}),
                    ("quote", {"text": "كلام", "source": "قائله"}),
                    ("cards", [{"icon": "road", "title": "حفرة", "text": "", "page": None, "url": "/x"}]),
                    ("faq", {"heading": "", "questions": [{"question": "متى؟", "answer": "<p>غدًا</p>"}]}),
                    (
                        "call_to_action",
                        {"title": "جاهز؟", "text": "", "button": "قدّم", "leads_to": "portal:submit"},
                    ),
                ],
            )
        )
        english_home = self.home.copy_for_translation(english)
        english_home.title = "Home"
        english_home.save_revision().publish()
        copy = self.about.copy_for_translation(english)
        copy.title = "About"
        copy.save_revision().publish()
        self.news = self.home.add_child(instance=NewsIndexPage(title="الأخبار", slug="news", locale=arabic))
        for day in (3, 1, 2):
            self.news.add_child(
                instance=NewsPage(title=f"خبر {day}", slug=f"n{day}", locale=arabic, date=date(2026, 11, day))
            )


@pytest.fixture
def site():
    return SmallSite()


def titles(connection):
    return [edge["node"]["title"] for edge in connection["edges"]]


def test_a_page_with_its_typed_blocks_and_its_other_language(api, site):
    query = (
        "query($p: String!) { page(path: $p) { type title introduction path url locale alternates"
        " { locale title url }" + BODY + "} }"
    )
    page = api.data(query, {"p": "/about/"})["page"]
    assert (page["type"], page["title"], page["locale"]) == ("INFORMATION", "عن الخدمة", "AR")
    assert (page["introduction"], page["path"]) == ("نافذة واحدة", "/about/")
    assert page["url"] == "http://testserver/about/"
    assert [(a["locale"], a["title"]) for a in page["alternates"]] == [("EN", "About")]
    assert page["alternates"][0]["url"].endswith("/en/about/")
    assert [block["__typename"] for block in page["body"]] == [
        "HeadingBlock", "ParagraphBlock", "ListBlock", "StepsBlock", "NoteBlock", "QuoteBlock", "CardsBlock",
        "FaqBlock", "CallToActionBlock",
    ]  # fmt: skip
    assert page["body"][0] == {"__typename": "HeadingBlock", "text": "لماذا؟", "level": 2}
    assert "<b>صاحب الحاجة</b>" in page["body"][1]["html"]
    assert page["body"][2]["items"] == ["رقم", "موعد"]
    assert page["body"][8]["leadsTo"] == "submit"


@pytest.mark.parametrize(
    ("path", "locale", "language", "title"),
    [
        ("/about/", "EN", "ar", "About"),
        ("about", None, "en", "About"),
        ("/en/about/", None, "ar", "About"),
        ("/en/about/", "AR", "en", "عن الخدمة"),
        ("/", None, "ar", "الرئيسية"),
        ("/", None, "en", "Home"),
    ],
)
def test_a_page_is_found_in_the_language_that_is_asked_for(api, site, path, locale, language, title):
    query = "query($p: String!, $l: Locale) { page(path: $p, locale: $l) { title } }"
    assert api.data(query, {"p": path, "l": locale}, Accept_Language=language)["page"] == {"title": title}


@pytest.mark.parametrize(
    "path", ["/nothing/", "/about/x/", "/../about/", "/\x00/", "/\ud800/", "/" * 9000, "x" * 600]
)
def test_what_is_no_page_is_null(api, site, path):
    assert api.data("query($p: String!) { page(path: $p) { title } }", {"p": path})["page"] is None


def test_drafts_and_private_pages_do_not_exist(api, site):
    site.about.unpublish()
    site.news.view_restrictions.create(restriction_type="login")
    for path in ("/about/", "/news/", "/news/n1/"):
        assert api.data("query($p: String!) { page(path: $p) { title } }", {"p": path})["page"] is None
    assert titles(api.data("{ pages { edges { node { title } } } }")["pages"]) == ["الرئيسية"]


def test_news_are_newest_first_in_pages(api, site):
    query = (
        "query($after: String) { pages(type: NEWS, first: 2, after: $after)"
        " { edges { cursor node { title date } } pageInfo { hasNextPage endCursor } } }"
    )
    first = api.data(query)["pages"]
    rest = api.data(query, {"after": first["pageInfo"]["endCursor"]})["pages"]
    assert titles(first) + titles(rest) == ["خبر 3", "خبر 2", "خبر 1"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert first["edges"][0]["node"]["date"] == "2026-11-03"


def test_all_pages_in_the_order_of_the_tree_and_those_under_one(api, site):
    query = (
        "query($a: String, $u: String) { pages(first: 3, after: $a, under: $u)"
        " { edges { node { title } } pageInfo { endCursor } } }"
    )
    first = api.data(query)["pages"]
    assert titles(first) == ["الرئيسية", "عن الخدمة", "الأخبار"]
    assert titles(api.data(query, {"a": first["pageInfo"]["endCursor"]})["pages"]) == [
        "خبر 3",
        "خبر 1",
        "خبر 2",
    ]
    assert titles(api.data(query, {"u": "/news/"})["pages"]) == ["خبر 3", "خبر 1", "خبر 2"]
    assert titles(api.data(query, {"u": "/nothing/"})["pages"]) == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [("first: 101", "first"), ("first: 0", "first"), ('after: "é"', "after"), ('after: "WzFd"', "after")],
)
def test_a_page_that_cannot_be_is_refused_by_its_argument(api, site, arguments, field):
    answer = api(f"{{ pages({arguments}) {{ edges {{ cursor }} }} }}")
    assert answer["errors"][0]["extensions"]["field"] == [field]


@pytest.mark.parametrize("size", [1, 3])
def test_a_list_costs_the_same_for_any_number_of_pages(api, site, size, django_assert_max_num_queries):
    query = (
        "query($n: Int) { pages(type: NEWS, first: $n) { edges { node { title url path locale alternates"
        " { title } } } } }"
    )
    api.data(query, {"n": size})
    with django_assert_max_num_queries(9):
        assert len(api.data(query, {"n": size})["pages"]["edges"]) == size
