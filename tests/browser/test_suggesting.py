"""What the search proposes while one types: by keys and by the pointer, in both languages and themes."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cms.desk.models import SavedSearch
from tests import factories

from .looks import LOOKS, speaks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/admin/report-search/"


@pytest.fixture
def at_the_search(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    catalogue: factories.SmallCatalogue,
    signed_in: Callable[..., None],
) -> Callable[..., Page]:
    """`at_the_search("?state=open", theme="dark")`: the leader's page; their saved search, and a place."""
    factories.PlaceFactory(
        parent=catalogue.region, code="unayzah", kind="governorate", name_ar="عنيزة", name_en="Unayzah"
    )
    factories.ServiceFactory(
        code="parks", category=catalogue.lamp.category, name_ar="حدائق عنيزة", name_en="Parks of Unayzah"
    )
    SavedSearch.objects.create(person=people.leader, name="عنيزة Unayzah", query="q=حديقة&state=open")

    def come(asked: str = "", **look: Any) -> Page:
        page = phone(**look)
        signed_in(page, people.leader)
        page.goto(f"{live_server.url}{PAGE}{asked}")
        return page

    return come


@pytest.mark.looks
@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_the_list_is_clean_and_the_keys_walk_through_it(
    at_the_search: Callable[..., Page],
    people: factories.People,
    clean: Callable[[Page], None],
    language: str,
    theme: str,
    width: int,
) -> None:
    speaks(people.leader, language)
    page = at_the_search(theme=theme, size={"width": width, "height": 844})
    box, rows = page.locator("#s"), page.locator("#s-list [role=option]")
    expect(box).to_have_attribute("role", "combobox")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("عنيزه" if language == "ar" else "unay")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(rows).to_have_count(3)
    names = ["عنيزة", "حدائق عنيزة"] if language == "ar" else ["Unayzah", "Parks of Unayzah"]
    assert [rows.nth(at).locator("bdi").inner_text() for at in (0, 1)] == names
    expect(page.locator(".bigfind [role=status]")).to_have_text(re.compile("3$"))
    clean(page)
    for at in (0, 1, 2, 0):
        box.press("ArrowDown")
        expect(box).to_have_attribute("aria-activedescendant", rows.nth(at).get_attribute("id") or "")
        expect(page.locator("#s-list .is-active")).to_be_in_viewport(ratio=1)
    clean(page)
    box.press("ArrowUp")
    expect(box).to_have_attribute("aria-activedescendant", rows.nth(2).get_attribute("id") or "")
    # Escape closes the list and leaves the words; then it leaves the field, as everywhere in the desk.
    typed = box.input_value()
    box.press("Escape")
    expect(page.locator("#s-list")).to_be_hidden()
    expect(box).to_have_value(typed)
    expect(box).to_be_focused()
    box.press("ArrowDown")
    expect(page.locator("#s-list .is-active")).to_have_count(1)


def test_a_place_becomes_a_filter_beside_the_words_and_the_filters_that_are_there(
    at_the_search: Callable[..., Page],
) -> None:
    page = at_the_search("?state=open&layout=table")
    box = page.locator("#s")
    box.press_sequentially("حفرة في عني")
    expect(page.locator("#s-list [role=option]").first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**place=unayzah**")
    expect(page.locator("#s")).to_have_value("حفرة")
    chips = page.get_by_role("group", name="تصفية مفعّلة").locator("bdi")
    expect(chips).to_have_text(["عنيزة", "مفتوحة، أيًّا كانت حالتها"])
    assert "layout=table" in page.url


def test_enter_alone_searches_for_the_words(at_the_search: Callable[..., Page]) -> None:
    page = at_the_search()
    box = page.locator("#s")
    box.press_sequentially("عنيزة")
    expect(page.locator("#s-list [role=option]").first).to_be_visible()
    box.press("Enter")
    page.wait_for_url("**q=**")
    expect(page.locator("#s")).to_have_value("عنيزة")
    assert "place=" not in page.url


def test_a_number_and_a_saved_search_are_opened_by_the_pointer(
    at_the_search: Callable[..., Page],
) -> None:
    report = factories.submitted_report(title="مصباح")
    page = at_the_search()
    page.locator("#s").press_sequentially(report.reference[:10].lower().replace("-", " "))
    page.locator("#s-list [role=option]", has_text=report.reference).click()
    page.wait_for_url(f"**/{report.public_id}/")
    page = at_the_search()
    page.locator("#s").press_sequentially("unay")
    page.locator("#s-list [role=option]").last.click()
    page.wait_for_url("**state=open**")
    expect(page.locator("#s")).to_have_value("حديقة")


def test_without_script_the_field_is_the_field(at_the_search: Callable[..., Page]) -> None:
    page = at_the_search(script=False)
    expect(page.locator("#s-list")).to_have_count(0)
    assert page.locator("#s").get_attribute("role") is None
    page.fill("#s", "مصباح")
    page.locator("#s").press("Enter")
    page.wait_for_url("**q=**")
