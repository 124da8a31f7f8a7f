"""What the search draws above its hits and beside them: nothing lies over another, and nothing is cut."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from cms.desk.models import SearchExport
from cms.outbox import lines
from search.scope import LINE
from tests import factories

from .looks import speaks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/admin/report-search/"
LAPTOP = {"width": 1280, "height": 900}
# Real names, where they lie.
GOVERNORATES = [
    ("Al Bukayriyah", "البكيرية", 26.14, 43.66),
    ("Ash Shimasiyah", "الشماسية", 26.32, 44.25),
    ("An Nabhaniyah", "النبهانية", 25.85, 43.08),
    ("Riyadh Al Khabra", "رياض الخبراء", 26.05, 43.55),
    ("Uqlat As Suqur", "عقلة الصقور", 25.83, 42.2),
    ("Uyun Al Jiwa", "عيون الجواء", 26.5, 43.7),
]
OVERLAPS = """boxes => boxes.filter((one, at) => boxes.slice(at + 1).some(other =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom))
  .map(one => one.said)"""
# Of a page's texts: those that are seen, and where each stands.
SEEN = """at => [...document.querySelectorAll(at)].filter(one => one.getClientRects().length).map(one => {
  const { left, right, top, bottom } = one.getBoundingClientRect();
  return { said: one.textContent, left, right, top, bottom };
})"""
# Of a tile's name what hangs over the tile.
HANGS_OVER = """() => [...document.querySelectorAll(".tiles > a")].filter(one => {
  const range = document.createRange(), box = one.getBoundingClientRect();
  range.selectNodeContents(one.querySelector("span"));
  const name = range.getBoundingClientRect();
  return name.left < box.left || name.right > box.right || name.bottom > box.bottom;
}).map(one => one.textContent)"""


@pytest.fixture
def months(people: factories.People) -> None:
    """A report of each of the last thirteen months."""
    now = timezone.now().replace(day=15)
    for ago in range(13):
        factories.submitted_report(title=f"مصباح {ago}", at=now - timedelta(days=ago * 30.4))
    lines.run(LINE)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_months_and_the_governorates_have_room_for_their_names_on_a_phone(
    language: str,
    months: None,
    people: factories.People,
    catalogue: factories.SmallCatalogue,
    page_of: Callable[..., Page],
) -> None:
    for name, arabic, latitude, longitude in GOVERNORATES:
        factories.PlaceFactory(
            parent=catalogue.region,
            kind="governorate",
            name_ar=arabic,
            name_en=name,
            latitude=latitude,
            longitude=longitude,
        )
    speaks(people.supervisor, language)
    page = page_of(people.supervisor, PAGE)
    named = page.evaluate(SEEN, ".hist a .m")
    assert len(named) > 2
    assert page.evaluate(OVERLAPS, named) == []
    page.goto(page.url + "?show=map")
    expect(page.locator(".tiles > a")).to_have_count(len(GOVERNORATES) + 2)
    assert page.evaluate(OVERLAPS, page.evaluate(SEEN, ".tiles > a")) == []
    assert page.evaluate(HANGS_OVER) == []


def test_the_table_of_results_is_whole_on_a_laptop_and_cards_on_a_phone(
    months: None, people: factories.People, page_of: Callable[..., Page], clean: Callable[[Page], None]
) -> None:
    speaks(people.supervisor, "en")
    page = page_of(people.supervisor, f"{PAGE}?layout=table", size=LAPTOP)
    whole = "one => one.scrollWidth <= one.clientWidth"
    assert page.locator(".scroll:has(.found)").evaluate(whole)
    # What narrows it is folded above it, and unfolds.
    entity = page.get_by_role("checkbox", name="North").first
    expect(entity).to_be_hidden()
    page.locator(".facets > summary").click()
    entity.check()
    page.wait_for_url("**entity=**")
    page.set_viewport_size({"width": 390, "height": 844})
    row = page.locator(".found tbody tr").first
    assert page.locator(".scroll:has(.found)").evaluate(whole)
    place = row.locator("td[data-label=Place]")
    assert place.evaluate("one => getComputedStyle(one, '::before').content") == '"Place"'
    clean(page)


def test_the_list_of_files_tells_by_itself_how_far_one_is(
    people: factories.People, page_of: Callable[..., Page]
) -> None:
    given = {"format": "csv", "language": "ar", "query": "", "total": 9, "created_at": timezone.now()}
    export = SearchExport.objects.create(person=people.leader, state="running", **given)
    page = page_of(people.leader, "/admin/report-search/exports/")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "0")
    # A server that is busy for a moment ends nothing.
    refused: list[str] = []

    def busy(route: Route) -> None:
        if refused:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.fulfill(status=429, body="")

    page.route("**/progress/", busy)
    with page.expect_response("**/progress/"):
        SearchExport.objects.filter(pk=export.pk).update(state="done", rows=9, size=2048)
    expect(page.get_by_role("link", name="تنزيل")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    assert len(refused) == 1


@pytest.mark.parametrize("language", ["ar", "en"])
def test_what_unfolds_over_the_results_stays_on_a_phones_screen(
    language: str, months: None, people: factories.People, page_of: Callable[..., Page]
) -> None:
    speaks(people.supervisor, language)
    page = page_of(people.supervisor, f"{PAGE}?layout=table")
    menus = page.locator(".tools .pick")
    expect(menus).to_have_count(4)
    for menu in menus.all():
        menu.locator("summary").click()
        box = menu.locator("> div").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        menu.locator("summary").click()


def test_who_comes_back_sees_ticked_what_is_asked(
    months: None, people: factories.People, page_of: Callable[..., Page]
) -> None:
    page = page_of(people.supervisor, PAGE, size=LAPTOP)
    box = page.locator(".facets input[name=entity]").first
    box.check()
    page.wait_for_url("**entity=**")
    expect(box).to_be_checked()
    page.go_back()
    page.wait_for_url(f"**{PAGE}")
    expect(box).not_to_be_checked()
