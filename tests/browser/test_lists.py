"""The admin's lists on a phone: each row a card that says its columns' names."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from permissions import audit
from tests import axe, factories

from .looks import DESKTOP, speaks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Of the first row's cells: the words before each, and whether all of it lies on the screen.
CELLS = """() => [...document.querySelectorAll("table.listing tbody tr:first-child > td")].map(cell => {
  const box = cell.getBoundingClientRect();
  return [getComputedStyle(cell, "::before").content, box.left >= 0 && box.right <= innerWidth];
})"""


def test_a_row_of_the_audit_trail_is_a_card_on_a_phone_and_a_line_on_a_desk(
    page_of: Callable[..., Page],
    people: factories.People,
    clean: Callable[[Page], None],
) -> None:
    # given an event with much to say
    speaks(people.auditor, "en")
    data = {"label": "البلدية الشمالية", "what": "changed", "changes": {"name_en": ["North", "N" * 90]}}
    page = page_of(people.auditor, reverse("audit:index"), touch=True)
    audit.record("configuration_changed", actor=people.admin, data=data, client="127.0.0.1")
    # when the auditor reads the trail on a phone
    page.reload()
    # then every cell stands on the screen after the name of its column, and what is empty is left out
    cells = dict(page.evaluate(CELLS))
    assert cells == {f'"{name}"': True for name in ("At", "What", "Who", "Details", "Network address")} | {
        '"About"': True
    }
    expect(page.locator("td[data-label=About]").first).to_be_hidden()
    expect(page.locator("table.listing thead th").first).not_to_be_in_viewport(ratio=0.5)
    assert axe.small_targets(page) == []
    clean(page)
    # and where there is room the columns have their headings and no cell says its own
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    expect(page.locator("table.listing thead th").first).to_be_in_viewport(ratio=0.9)
    assert {said for said, _whole in page.evaluate(CELLS)} == {"none"}
    first, last = (page.locator("tbody tr:first-child > td").nth(n).bounding_box() for n in (0, 5))
    assert first
    assert last
    assert abs(first["y"] - last["y"]) < 2


def test_a_list_is_sorted_on_a_phone_and_its_rows_lead_on(
    page_of: Callable[..., Page],
    people: factories.People,
) -> None:
    page = page_of(people.admin, reverse("memberships:index"), touch=True)
    page.locator("table.listing thead a").first.tap()
    page.wait_for_url("**ordering=**")
    name = page.locator("tbody tr:first-child td.title a").first
    expect(name).to_be_visible()
    name.tap()
    page.wait_for_url("**/memberships/edit/**")


def test_the_auditors_home_is_clean_and_names_who_did_it(
    page_of: Callable[..., Page],
    people: factories.People,
    clean: Callable[[Page], None],
) -> None:
    audit.record("sign_in_failed", actor=None, data={"user": people.agent.pk})
    audit.record("sign_out", actor=people.admin, client="127.0.0.1")
    for language, theme, width in (("ar", "dark", 390), ("en", "light", 1280)):
        speaks(people.auditor, language)
        size = {"width": width, "height": 900}
        page = page_of(people.auditor, reverse("wagtailadmin_home"), theme=theme, size=size)
        name = people.admin.name_ar if language == "ar" else people.admin.name_en
        expect(page.locator("[aria-labelledby=audit-last]")).to_contain_text(name)
        clean(page)
    # Wagtail's button for the menu does not lie over the greeting of a phone
    page.set_viewport_size({"width": 390, "height": 844})
    toggle = page.locator(".sidebar-nav-toggle").bounding_box()
    greeting = page.locator("#home-audit").bounding_box()
    assert toggle
    assert greeting
    assert toggle["y"] + toggle["height"] <= greeting["y"]
