"""The list of places: searched by name with script, a plain select without."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories

from .test_refused import go_on

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def at_the_place(
    people: factories.People, catalogue: factories.SmallCatalogue, live_server: Any
) -> Callable[..., Page]:
    """`at_the_place(page, "/en")`: the second step of a report about a lamp."""
    for code, arabic, english in (
        ("unayzah", "عنيزة", "Unayzah"),
        ("asyah", "الأسياح", "Al Asyah"),
    ):
        factories.PlaceFactory(
            parent=catalogue.region, code=code, kind="governorate", name_ar=arabic, name_en=english
        )

    def come(page: Page, prefix: str = "") -> Page:
        page.goto(f"{live_server.url}{prefix}/report/?service=lamp")
        go_on(page)
        page.wait_for_url("**/report/where/?draft=*")
        return page

    return come


def shown(page: Page) -> list[str]:
    rows = page.locator("#place-list [role=option]:visible")
    return [text.strip() for text in rows.all_inner_texts()]


@pytest.mark.parametrize(
    ("prefix", "typed", "found"),
    [
        ("", "عنيزه", "عنيزة"),
        ("", "اسياح", "الأسياح"),
        ("", "الاسياح", "الأسياح"),
        ("", "الأسيـاحُ", "الأسياح"),
        ("", "unayzah", "عنيزة"),
        ("/en", "alasyah", "Al Asyah"),
        ("/en", "عنيزه", "Unayzah"),
    ],
)
def test_a_place_is_found_however_it_is_spelt(
    phone: Callable[..., Page], at_the_place: Callable[..., Page], prefix: str, typed: str, found: str
) -> None:
    page = at_the_place(phone(), prefix)
    page.locator("#place-find").press_sequentially(typed)
    assert shown(page) == [found]


def test_a_governorate_s_name_lists_all_of_it(
    phone: Callable[..., Page], at_the_place: Callable[..., Page]
) -> None:
    page = at_the_place(phone())
    page.fill("#place-find", "بلده")
    assert shown(page) == ["البلدة – مكان آخر فيها", "الصفراء"]


def test_the_keyboard_alone_chooses(
    phone: Callable[..., Page], at_the_place: Callable[..., Page], clean: Callable[[Page], None]
) -> None:
    page = at_the_place(phone())
    box = page.locator("#place-find")
    # The label names it, as it named the select.
    page.get_by_label("المدينة أو المركز أو الحي", exact=True).focus()
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-expanded", "true")
    clean(page)
    box.press_sequentially("صفراء")
    box.press("ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").inner_text() == "الصفراء"
    clean(page)
    # Enter takes the place and does not send the form.
    box.press("Enter")
    expect(box).to_have_value("الصفراء")
    expect(box).to_have_attribute("aria-expanded", "false")
    assert page.evaluate("document.getElementById('place').value") == "town.safra"
    assert "/report/where/" in page.url
    box.press("ArrowDown")
    # However far down the list goes, what one stands on is on the screen.
    for _ in range(8):
        box.press("ArrowDown")
        expect(page.locator("#place-list .is-active")).to_be_in_viewport(ratio=1)
    box.press("Escape")
    expect(page.locator("#place-list")).to_be_hidden()
    go_on(page)
    page.wait_for_url("**/report/details/?draft=*")
    page.go_back()
    expect(page.locator("#place-find")).to_have_value("الصفراء")


def test_what_is_no_place_is_not_sent_as_the_one_before(
    phone: Callable[..., Page], at_the_place: Callable[..., Page], clean: Callable[[Page], None]
) -> None:
    page = at_the_place(phone(theme="dark"))
    page.fill("#place-find", "الصفراء")
    page.locator("#place-list [role=option]:visible").first.click()
    page.fill("#place-find", "قققق")
    expect(page.get_by_text("لا يوجد مكان مطابق.")).to_be_visible()
    assert page.evaluate("document.getElementById('place').value") == ""
    go_on(page)
    expect(page.locator("#place-e")).to_be_visible()
    expect(page.locator("#place-find")).to_have_attribute("aria-invalid", "true")
    clean(page)
    page.click("[data-errors] a")
    expect(page.locator("#place-find")).to_be_focused()


def test_without_script_it_is_a_select_by_governorate(
    phone: Callable[..., Page], at_the_place: Callable[..., Page]
) -> None:
    page = at_the_place(phone(script=False))
    expect(page.locator("#place-find")).to_have_count(0)
    expect(page.locator('#place optgroup[label="البلدة"] option[value="town.safra"]')).to_have_count(1)
    page.select_option("#place", "town.safra")
    go_on(page)
    page.wait_for_url("**/report/details/?draft=*")
