"""The citizen's pages for who reads with large text, or has a keyboard alone."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from cms.notifications import codes
from cms.reports.models import Report
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

TWICE = """addEventListener("DOMContentLoaded", () => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("html { font-size: 200% }");
  document.adoptedStyleSheets = [sheet];
})"""
# What is cut off: text that is wider than a box that hides it, or stands outside of the screen.
CUT = """() => [...document.querySelectorAll("body *")].filter(e => {
  if (e.closest(".vh, .skip, thead, [hidden], svg") || !e.getClientRects().length) return false;
  const box = e.getBoundingClientRect(), style = getComputedStyle(e);
  if (style.position === "absolute" && style.clipPath !== "none") return false;
  const hides = style.overflowX === "hidden" || style.overflowX === "clip";
  return box.right > innerWidth + 2 || box.left < -2 || (hides && e.scrollWidth > e.clientWidth + 2);
}).map(e => e.outerHTML.slice(0, 120))"""
# The steps whose name can be read: of some size, not clipped, within the screen.
NAMED = """() => [...document.querySelectorAll(".stepper .word")].filter(e => {
  const box = e.getBoundingClientRect(), style = getComputedStyle(e);
  return box.width > 20 && box.height > 20 && style.clipPath === "none" && style.visibility === "visible"
    && box.left >= 0 && box.right <= innerWidth && e.scrollWidth <= e.clientWidth + 1;
}).length"""
STEPS = ["/report/", "/report/where/", "/report/details/", "/report/who/", "/report/review/"]


@pytest.fixture
def begun(client: Client, people: factories.People, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """`begun(prefix)`: the session of someone who stands before sending."""
    monkeypatch.setattr(codes.secrets, "randbelow", lambda _limit: 123456)

    def begin(prefix: str) -> str:
        def post(path: str, **data: Any) -> None:
            client.post(f"{prefix}/report/{path}", data)

        post("", service="lamp")
        post("where/", place="town.safra", address="خلف المسجد")
        post("details/", text="عمود الإنارة أمام المسجد مطفأ.", seen="since", **{"answers-since": "week"})
        post("who/", do="send", phone="0500000777")
        post("who/", do="next", code="123456", name="نورة", category="citizen")
        return client.cookies["sessionid"].value

    return begin


@pytest.mark.parametrize(("prefix", "width"), [("", 390), ("/en", 1280)])
def test_nothing_is_lost_at_twice_the_size(
    phone: Callable[..., Page],
    live_server: Any,
    client: Client,
    begun: Callable[[str], str],
    prefix: str,
    width: int,
) -> None:
    page = phone(size={"width": width, "height": 844})
    page.context.add_init_script(TWICE)
    page.context.add_cookies([{"name": "sessionid", "value": begun(prefix), "url": live_server.url}])

    def fits(path: str) -> None:
        page.goto(f"{live_server.url}{prefix}{path}")
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        assert urlsplit(page.url).path == f"{prefix}{path}"
        if path != "/my/" or width == 390:  # the wide table scrolls in its own box
            assert page.evaluate(CUT) == [], page.url
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} is too wide"

    for path in STEPS:
        fits(path)
        assert page.evaluate(NAMED) == 4, f"{page.url}: every step is named"
    for path in ["/my/", "/track/"]:
        fits(path)
    client.post(f"{prefix}/report/review/", {"ok": "1"})
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    fits("/report/done/")
    fits(f"/track/{Report.objects.get().reference}/")
    fits("/my/")


def test_the_arrows_lead_from_the_search_into_what_it_found(
    phone: Callable[..., Page], live_server: Any, people: factories.People, clean: Callable[[Page], None]
) -> None:
    page = phone()
    page.goto(f"{live_server.url}/report/")
    page.locator("#q").press_sequentially("انارة")
    expect(page.locator("[data-found]")).to_have_text("خدمة واحدة تناسب «انارة».")
    page.locator("#q").press("ArrowDown")
    expect(page.locator('#services input[value="lamp"]')).to_be_checked()
    expect(page.locator('#services input[value="lamp"]')).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator('#services input[value="other"]')).to_be_checked()
    page.keyboard.press("ArrowUp")
    clean(page)
    # Enter sends the form that the choice stands in.
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/where/?draft=*")
    expect(page.locator("[data-errors]")).to_have_count(0)
