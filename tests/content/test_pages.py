"""The pages answer in both languages, mix none, and cost little."""

import gzip
import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page

from cms.content.demo_pages import load_pages
from cms.content.models import HomePage, NewsPage, PageVote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pages")]

ARABIC = re.compile("[\u0621-\u064a]")
LATIN_SENTENCE = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]{2,}){2,}")
PLAIN = ["search/", "site-map/"]


def addresses(language: str) -> list[str]:
    pages = Page.objects.live().filter(depth__gt=1, locale__language_code=language)
    prefix = "/" if language == "ar" else "/en/"
    return [page.url for page in pages] + [prefix + path for path in PLAIN]


def visible(html: str) -> str:
    """What a person reads: without the head, the tags, and what is marked as another language."""
    body = html[html.index("<body") :]
    body = re.sub(r"<(\w+)[^>]*\slang=[^>]*>.*?</\1>", " ", body, flags=re.S)
    body = re.sub(r"<script.*?</script>", " ", body, flags=re.S)
    return unescape(re.sub(r"<[^>]+>", " ", body))


def test_every_page_answers_in_both_languages(client: Client) -> None:
    for language in ("ar", "en"):
        for address in addresses(language):
            response = client.get(address)
            html = response.content.decode()
            assert response.status_code == 200, address
            direction = "rtl" if language == "ar" else "ltr"
            assert f'<html lang="{language}" dir="{direction}"' in html, address
            assert html.count("<h1") == 1, address


def test_no_english_page_has_arabic_in_it(client: Client) -> None:
    for address in addresses("en"):
        text = visible(client.get(address).content.decode())
        assert not ARABIC.search(text), (address, ARABIC.search(text))


def test_no_arabic_page_has_an_english_sentence_in_it(client: Client) -> None:
    for address in addresses("ar"):
        text = visible(client.get(address).content.decode())
        assert not LATIN_SENTENCE.search(text), (address, LATIN_SENTENCE.search(text))


def test_trees_have_the_same_pages_in_both_languages() -> None:
    def keys(code: str) -> set[object]:
        found = Page.objects.live().filter(locale__language_code=code, depth__gt=1)
        return set(found.values_list("translation_key", flat=True))

    assert keys("ar") == keys("en")
    assert len(keys("ar")) > 15


def test_every_page_says_that_it_is_a_demonstration(client: Client) -> None:
    for address in addresses("ar"):
        assert "هذا عرض تجريبي" in client.get(address).content.decode(), address


def test_pages_link_their_other_language_for_people_and_machines(client: Client) -> None:
    html = client.get("/guides/save-water/").content.decode()
    assert 'hreflang="en" href="http://testserver/en/guides/save-water/"' in html
    assert '<a class="tool" href="/en/guides/save-water/" lang="en" hreflang="en">English</a>' in html
    assert '<link rel="canonical" href="http://testserver/guides/save-water/">' in html


def test_a_page_that_is_in_one_language_leads_to_the_home_of_the_other(client: Client) -> None:
    Page.objects.get(slug="save-water", locale__language_code="en").unpublish()
    html = client.get("/guides/save-water/").content.decode()
    assert '<a class="tool" href="/en/" lang="en" hreflang="en">English</a>' in html
    assert '<link rel="alternate" hreflang="en"' not in html


def test_what_is_shared_of_the_home_page_has_the_name_of_the_product(client: Client) -> None:
    for address, name in (("/", "صوت المواطن"), ("/en/", "Voice of the Citizen")):
        [title] = re.findall(r'property="og:title" content="([^"]*)"', client.get(address).content.decode())
        assert name in title


def test_language_switch_keeps_the_query(client: Client) -> None:
    assert 'href="/en/search/?q=x"' in client.get("/search/?q=x").content.decode()


def test_language_switch_keeps_the_service_of_the_guide(client: Client) -> None:
    html = client.get("/services/lamp/").content.decode()
    assert 'href="/en/services/lamp/" lang="en"' in html


def test_guide_lists_the_catalogue_and_shows_one_service(client: Client, pages: object) -> None:
    lamp = pages.lamp  # type: ignore[attr-defined]
    assert lamp.name_ar in client.get("/services/").content.decode()
    assert lamp.name_en in client.get(f"/en/services/{lamp.code}/").content.decode()
    assert client.get("/services/no-such-service/").status_code == 404


def test_no_link_leads_to_what_is_not_built(client: Client) -> None:
    for address in addresses("en"):
        html = client.get(address).content.decode()
        for href in set(re.findall(r'href="(/[^"#?]*)', html)):
            assert client.get(href).status_code != 404 or href.startswith("/static/"), (address, href)
        assert "projects" not in visible(html).lower(), address


def test_no_page_promises_what_is_not_built(client: Client) -> None:
    # Reminders of a question, pictures, joined reports, published figures: each comes with its own issue.
    for language, promises in (
        ("ar", ("نذكركم", "صورة إن وجدت", "مرفقات", "الشفافية", "نسب إنجاز", "بريد إلكتروني.", "يُبلَّغ قائد")),
        (
            "en",
            (
                "remind",
                "add a photo",
                "attach",
                "transparency",
                "how far they",
                "email address",
                "leader is told",
            ),
        ),
    ):
        for address in addresses(language):
            text = visible(client.get(address).content.decode())
            assert not [promise for promise in promises if promise in text], address


def test_a_telephone_number_is_dialled_and_keeps_its_plus_before_it(client: Client) -> None:
    for address in ("/contact/", "/en/contact/"):
        html = client.get(address).content.decode()
        assert '<a href="tel:+966500000199">+966500000199</a>' in html, address


def test_home_costs_few_queries_and_few_bytes(client: Client) -> None:
    client.get("/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        html = client.get("/").content
    assert len(queries) <= 15, [q["sql"] for q in queries]
    # Everything but the fonts, as sent compressed.
    size = len(gzip.compress(html))
    for path in set(re.findall(r'(?:src|href)="/static/([^"#]+)', html.decode())):
        if "fonts/" in path:
            continue
        data = Path(finders.find(path)).read_bytes()
        size += len(data) if path.endswith((".png", ".webp")) else len(gzip.compress(data))
    for path in ("img/waves.svg", "img/sadu.svg", "img/caret.svg"):
        size += len(gzip.compress(Path(finders.find(path)).read_bytes()))
    assert size <= 120 * 1024, size


def test_furniture_is_read_once(client: Client, django_assert_max_num_queries: object) -> None:
    client.get("/about/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/about/")
    assert not [q for q in queries if "content_menusettings" in q["sql"] or "tenantsettings" in q["sql"]]


def test_an_editor_s_new_name_shows_at_once(client: Client) -> None:
    from cms.content.models import TenantSettings

    client.get("/")
    tenant = TenantSettings.objects.get()
    tenant.name_ar = "صوت القصيم"
    tenant.save()
    assert "صوت القصيم" in client.get("/").content.decode()


def test_search_forgives_spelling_and_finds_services(client: Client, pages: object) -> None:
    html = client.get("/search/", {"q": "الاسئله"}).content.decode()
    assert "/faq/" in re.sub(r"<(nav|footer|header).*?</\1>", "", html, flags=re.S)
    assert "/report/?service=leak" in client.get("/search/", {"q": "تسرب"}).content.decode()
    assert client.get("/search/", {"q": "\x00 %' زززز"}).status_code == 200


def test_useful_counts_one_answer_per_address(client: Client) -> None:
    page = NewsPage.objects.filter(locale__language_code="ar").first()
    for _ in range(2):
        response = client.post(f"/useful/{page.pk}/", {"useful": "1"})
        assert response.url == f"{page.url}?thanks=1#useful"
    assert PageVote.objects.filter(page=page, useful=True).count() == 1
    assert client.post("/useful/999999/", {"useful": "1"}).status_code == 404


def test_sitemap_lists_both_languages_with_alternates(client: Client) -> None:
    xml = client.get("/sitemap.xml").content.decode()
    assert xml.count("<loc>") == Page.objects.live().filter(depth__gt=1).count()
    assert 'hreflang="en" href="http://testserver/en/faq/"' in xml
    assert "<loc>http://testserver/faq/</loc>" in xml


@pytest.mark.django_db
def test_who_finds_nothing_goes_on_with_their_words_and_not_in_an_address(
    client: Client, pages: object
) -> None:
    html = client.get("/en/search/", {"q": "zzyzx qwfp"}).content.decode()
    form = re.search(r'<form action="/en/report/find/" method="post">.*?</form>', html)

    assert form
    assert '<input type="hidden" name="q" value="zzyzx qwfp">' in form[0]
    assert "/report/?q=" not in html
    client.post("/en/report/find/", {"q": "zzyzx qwfp"})
    assert client.session["report_draft"]["sentence"] == "zzyzx qwfp"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "said"), [("/about/", "آخر تحديث للصفحة:"), ("/en/about/", "Last modified:")]
)
def test_the_last_change_of_a_page_is_told_in_both_calendars(
    client: Client, pages: object, address: str, said: str
) -> None:
    told = re.search(rf"<p>{said} (.*?)</p>", client.get(address).content.decode())
    assert told
    assert re.search(r'<time datetime="\d{4}-\d\d-\d\d">.*</time> <span class="aside">\(.*14\d\d', told[1])


def test_robots_keeps_a_demonstration_out_of_search_engines(client: Client) -> None:
    assert "Disallow: /\n" in client.get("/robots.txt").content.decode()


def test_loading_again_changes_nothing_of_an_editor_s() -> None:
    page = HomePage.objects.get(locale__language_code="ar")
    page.headline = "عنوان جديد"
    page.save()
    count = Page.objects.count()
    load_pages(Path(settings.ROOT) / "cms" / "demo" / "data")
    page.refresh_from_db()
    assert page.headline == "عنوان جديد"
    assert Page.objects.count() == count


def test_publishing_a_translation_keeps_the_english_words() -> None:
    from wagtail_localize.models import Translation

    page = Page.objects.get(slug="save-water", locale__language_code="en").specific
    before = [block.value for block in page.body]
    translation = Translation.objects.get(
        source__object_id=page.translation_key, target_locale__language_code="en"
    )
    translation.save_target(publish=True)
    page = Page.objects.get(pk=page.pk).specific
    assert page.title == "A small leak, a large bill"
    assert [str(block.value) for block in page.body] == [str(value) for value in before]
    assert page.url == "/en/guides/save-water/"


@pytest.mark.parametrize(
    ("address", "sentence", "first", "none"),
    [
        ("/search/", "كيف تحمون خصوصية بياناتي وهل تبيعون رقم جوالي", "/privacy/", "/floods/"),
        ("/en/search/", "how do you protect the privacy of my data and number", "/en/privacy/", "/floods/"),
    ],
)
def test_a_whole_sentence_finds_the_page_that_has_most_of_it(
    client: Client, address: str, sentence: str, first: str, none: str
) -> None:
    html = client.get(address, {"q": sentence}).content.decode()
    pages = html.split('id="found-pages"')[1]
    links = re.findall(r'href="([^"#?]+)"', pages)
    assert links[0] == first
    assert not [link for link in links if link.endswith(none)]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_news_and_articles_say_their_lead_once(client: Client, language: str) -> None:
    pages = [
        page.specific
        for page in Page.objects.live().filter(depth=4, locale__language_code=language).order_by("path")
    ]
    assert len(pages) > 8
    for page in pages:
        body = page.body.render_as_block()
        assert page.introduction not in unescape(re.sub(r"<[^>]+>", "", body)), page.url
        # What came after the lead is still there.
        assert len(re.sub(r"<[^>]+>", "", body).strip()) > 20, page.url
        assert not re.search(r"<p[^>]*>\s*</p>", body), page.url


def test_the_faq_names_the_countries_whose_numbers_are_served(client: Client) -> None:
    assert "الكويت (\u2066+965\u2069)" in client.get("/faq/").content.decode()
    assert "Kuwait (\u2066+965\u2069)" in client.get("/en/faq/").content.decode()
