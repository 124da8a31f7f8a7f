"""The map of the place step, in the browser: where it opens, where the pin stands, and who is told of it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cms.entities import snapshot
from tests import factories

from .conftest import choose_place
from .test_refused import go_on

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

SAFRA = (26.33, 43.97)


@pytest.fixture
def on_the_map(people: factories.People, catalogue: factories.SmallCatalogue) -> factories.SmallCatalogue:
    """The district has a position, its governorate's is far from it; the lamp's reports need one."""
    for place, (latitude, longitude) in (
        (catalogue.town, (26.1, 43.5)),
        (catalogue.safra, SAFRA),
        (catalogue.village, (25.5, 44.6)),
    ):
        place.latitude, place.longitude = latitude, longitude
        place.save()
    catalogue.lamp.needs_location = True
    catalogue.lamp.save()
    return catalogue


def at_the_place(page: Page, address: str) -> None:
    page.goto(f"{address}/report/?service=lamp")
    go_on(page)
    page.wait_for_url("**/report/where/?draft=*")


def settled(page: Page) -> None:
    """The region's outline has arrived, which could still have moved the view."""
    expect(page.locator(".leaflet-container path").first).to_be_attached()
    page.wait_for_load_state("networkidle")


def test_the_map_opens_at_the_chosen_place_and_its_pin_is_seen_again(
    phone: Callable[..., Page], live_server: Any, on_the_map: factories.SmallCatalogue
) -> None:
    assert snapshot.catalogue().place("town.safra").latitude == SAFRA[0]
    page = phone()
    at_the_place(page, live_server.url)
    choose_place(page, "town.safra")
    page.click("[data-map-open]")
    settled(page)
    page.click("[data-map-centre]")
    assert abs(float(page.input_value("#latitude")) - SAFRA[0]) < 0.01
    assert abs(float(page.input_value("#longitude")) - SAFRA[1]) < 0.01

    go_on(page)
    page.wait_for_url("**/report/details/?draft=*")
    page.goto(f"{live_server.url}/report/where/")
    settled(page)
    pin = page.locator(".map-pin").bounding_box()
    box = page.locator("[data-map-box]").bounding_box()
    assert pin
    assert box
    assert box["x"] <= pin["x"]
    assert box["y"] <= pin["y"]
    assert pin["x"] + pin["width"] <= box["x"] + box["width"]
    assert pin["y"] + pin["height"] <= box["y"] + box["height"]


@pytest.mark.parametrize("script", [True, False])
def test_the_map_is_named_only_where_there_is_one(
    phone: Callable[..., Page], live_server: Any, on_the_map: factories.SmallCatalogue, script: bool
) -> None:
    page = phone(script=script)
    at_the_place(page, live_server.url)
    with_map, without = page.locator("[data-map-with]"), page.locator("[data-map-without]")
    expect(with_map).to_be_visible(visible=script)
    expect(without).to_be_visible(visible=not script)
    choose_place(page, "town.safra")
    go_on(page)
    said = "ضع نقطة على الخريطة أو صف المكان بالكلمات." if script else "صف بالكلمات أين هو بالضبط."
    expect(page.locator("#address-e")).to_contain_text(said)


def test_a_pin_outside_the_region_is_told_at_once_and_the_map_shows_the_way_back(
    phone: Callable[..., Page],
    live_server: Any,
    on_the_map: factories.SmallCatalogue,
    clean: Callable[[Page], None],
) -> None:
    # given somebody who is far away, in the capital
    page = phone()
    at_the_place(page, live_server.url)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 24.71, "longitude": 46.67})

    # when they use their position, then they are told before any further step, and the region is in view
    page.click("[data-map-here]")
    settled(page)
    expect(page.locator("[data-map-said]")).to_have_text("العلامة خارج المنطقة. انقلها إلى داخلها أو أزلها:")
    assert sees_the_region(page)
    clean(page)

    # and when they press on all the same, the refused step opens the map on the region, not on grey
    choose_place(page, "town.safra")
    go_on(page)
    expect(page.locator("#location-e")).to_contain_text("هذه النقطة خارج المنطقة.")
    settled(page)
    expect(page.locator("[data-map-said]")).to_contain_text("العلامة خارج المنطقة.")
    assert sees_the_region(page)

    # and a pin in the middle of it is one that is taken
    page.click("[data-map-centre]")
    expect(page.locator("[data-map-said]")).to_have_text("موضع العلامة:")
    expect(page.locator("[data-map-said]")).not_to_have_class("error")


def sees_the_region(page: Page) -> bool:
    """The region's outline lies within the map's box."""
    outline = page.locator(".leaflet-overlay-pane path").last.bounding_box()
    box = page.locator("[data-map-box]").bounding_box()
    assert outline
    assert box
    return (
        box["x"] <= outline["x"]
        and box["y"] <= outline["y"]
        and outline["x"] + outline["width"] <= box["x"] + box["width"]
        and outline["y"] + outline["height"] <= box["y"] + box["height"]
    )


def test_a_tap_chooses_the_nearest_place_for_who_has_chosen_none(
    phone: Callable[..., Page],
    live_server: Any,
    on_the_map: factories.SmallCatalogue,
    clean: Callable[[Page], None],
) -> None:
    # given the map, and no place chosen; there is no pin, so none to take away
    page = phone()
    at_the_place(page, live_server.url)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 26.34, "longitude": 43.96})
    expect(page.locator("[data-map-clear]")).to_be_hidden()

    # when the pin is put near the district
    page.click("[data-map-here]")
    settled(page)

    # then the list stands at it, says so, and may be corrected
    expect(page.locator("#place-find")).to_have_value("الصفراء")
    expect(page.locator("[data-map-near]")).to_have_text("اختير أقرب مكان من القائمة: الصفراء")
    expect(page.locator("[data-map-clear]")).to_be_visible()
    clean(page)
    page.context.set_geolocation({"latitude": 25.51, "longitude": 44.61})
    page.click("[data-map-here]")
    expect(page.locator("#place-find")).to_have_value("القرية")

    # and what somebody chooses themselves is left alone, but asked about before the next step
    choose_place(page, "town.safra")
    expect(page.locator("[data-map-near]")).to_have_text("")
    page.click("[data-map-here]")
    expect(page.locator("#place-find")).to_have_value("الصفراء")
    go_on(page)
    expect(page.locator("#location-e")).to_contain_text("كم من الصفراء. أيهما الصحيح؟")
    clean(page)
    page.get_by_role("button", name="العلامة صحيحة: اختر القرية").click()
    page.wait_for_url("**/report/details/?draft=*")
    page.goto(f"{live_server.url}/report/where/")
    expect(page.locator("#place-find")).to_have_value("القرية")
