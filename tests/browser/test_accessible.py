"""axe and text at twice its size on every page of the sitemap; keyboard, theme and menu without a mouse."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page

from cms.content.demo_pages import load_pages
from cms.reports.models import Report
from tests import axe, factories

DATA = Path(settings.ROOT) / "cms" / "demo" / "data"

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
# What no sitemap lists: pages made from an address, from a report, or from nothing.
BESIDE = [
    "search/?q=leak",
    "search/?q=zzzz",
    "site-map/",
    "services/lamp/",
    "report/",
    "track/",
    "my/",
    "nowhere/",
]


@pytest.fixture
def address(live_server: Any, catalogue: factories.SmallCatalogue) -> str:
    load_pages(DATA)
    return str(live_server.url)


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`opened(java_script_enabled=False)`: a page that is closed after the test."""
    contexts = []

    def page(**options: Any) -> Page:
        contexts.append(browser.new_context(**{"viewport": LAPTOP, "reduced_motion": "reduce", **options}))
        return contexts[-1].new_page()

    yield page
    for context in contexts:
        context.close()


def of_the_sitemap() -> list[str]:
    found = re.findall(r"<loc>([^<]+)</loc>", Client().get("/sitemap.xml").content.decode())
    return [urlsplit(one).path for one in found]


CUT = """() => [...document.querySelectorAll("body *")].filter(e => {
  const style = getComputedStyle(e);
  return !e.children.length && e.textContent.trim() && e.clientWidth > 2 && style.clipPath === "none"
    && style.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1;
}).map(e => e.outerHTML.slice(0, 120))"""


def test_no_page_has_a_violation_or_loses_text(
    address: str, opened: Callable[..., Page], report: Report
) -> None:
    """Each in the dark on a phone, then in the light on a laptop, with every disclosure open.

    At 200% (WCAG 1.4.4) nothing scrolls sideways, and no text is cut off by its box.
    """
    paths = of_the_sitemap() + [
        f"{prefix}{path}" for prefix in ("/", "/en/") for path in [*BESIDE, f"track/{report.reference}/"]
    ]
    assert "/faq/" in paths
    assert "/en/faq/" in paths
    assert len(paths) >= 57
    client = Client()
    session = client.session
    session["opened_reports"] = [report.pk]
    session.save()
    page, found = opened(), []
    page.context.add_cookies([{"name": "sessionid", "value": session.session_key, "url": address}])
    page.on("console", lambda said: found.append(said.text) if "Content Security" in said.text else None)
    for path in paths:
        page.set_viewport_size(PHONE)
        page.emulate_media(color_scheme="dark")
        page.goto(address + path)
        assert page.url == address + path or "q=" in path
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        for theme, size in (("dark", PHONE), ("light", LAPTOP)):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=theme)
            found += [(theme, path, violation) for violation in axe.violations(page)]
            if axe.is_too_wide(page):
                found.append((theme, path, "scrolls sideways"))
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        for size in (PHONE, LAPTOP):
            page.set_viewport_size(size)
            if axe.is_too_wide(page):
                found.append((size["width"], path, "scrolls sideways at twice the size"))
            found += [(size["width"], path, text) for text in page.evaluate(CUT)]
    assert not found, found


def test_theme_and_menu_answer_to_keys_and_without_script(address: str, opened: Callable[..., Page]) -> None:
    page = opened()
    page.goto(address + "/en/")
    page.get_by_role("button", name="Dark theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.get_by_role("button", name="Light theme").is_visible()

    page = opened(java_script_enabled=False)
    page.goto(address + "/en/faq/")
    page.get_by_role("button", name="Dark theme").click()
    assert page.url == address + "/en/faq/"
    assert 'data-theme="dark"' in page.content()

    page = opened(viewport=PHONE)
    page.goto(address + "/")
    page.get_by_role("button", name="القائمة", exact=True).press("Enter")
    assert page.get_by_role("link", name="الأسئلة").first.is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#nav").is_visible()


def test_the_tab_key_goes_through_every_page_and_is_seen(address: str, opened: Callable[..., Page]) -> None:
    """The skip link comes first; each stop has an outline; the end is reached, so nothing is a trap."""
    page = opened()
    for path in ("/", "/faq/", "/search/?q=leak", "/report/", "/track/", "/en/services/"):
        page.goto(address + path)
        stops = []
        for _ in range(200):
            page.keyboard.press("Tab")
            stop = page.evaluate(
                """() => { const e = document.activeElement; if (e === document.body) return null;
                  const drawn = s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2;
                  const seen = [e, e.closest(".choice, label")].some(
                    x => x && (drawn(getComputedStyle(x)) || drawn(getComputedStyle(x, "::after"))));
                  return [e.className || e.tagName, e.outerHTML.slice(0, 90), seen] }"""
            )
            if stop is None:
                break
            stops.append(stop)
        assert stop is None, (path, "the end is never reached")
        assert stops[0][0] == "skip", (path, stops[0])
        assert [html for _, html, seen in stops if not seen] == [], path
        page.goto(address + path)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main", path
