"""axe on every kind of page, in both languages and both themes, with every disclosure open."""

import re
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from cms.content.demo_pages import load_pages
from tests import factories

from .conftest import DATA

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATHS = ["", "about/", "faq/", "services/", "services/lamp/", "news/", "guides/save-water/", "search/?q=leak"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe_that_reads_arabic() -> Axe:
    """axe takes shaped Arabic for an icon font and skips its contrast; here it does not."""
    name = re.search(r"isIconLigature:function\(\)\{return (\w+)\}", AXE_SCRIPT)
    assert name
    head = f"function {name[1]}(e){{"
    assert head in AXE_SCRIPT
    return Axe(AXE_SCRIPT.replace(head, head + "return false;", 1))


@pytest.fixture
def address(live_server: Any) -> str:
    factories.small_catalogue()
    load_pages(DATA)
    return str(live_server.url)


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1280)])
def test_no_page_has_a_violation(
    address: str, browser: Browser, theme: str, width: int, monkeypatch: Any
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    axe, found = axe_that_reads_arabic(), []
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda m, e=errors: e.append(m.text) if "Content Security" in m.text else None)
    for path in [f"{lang}{path}" for lang in ("/", "/en/") for path in [*PATHS, "nowhere/"]]:
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        result = axe.run(page, options={"runOnly": RULES})
        found += [(width, path, v["id"], v["nodes"][0]["html"]) for v in result.response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append((width, path, "scrolls sideways", ""))
    found += [(width, "", "policy", text) for text in errors]
    context.close()
    assert not found, found


def test_theme_changes_at_once_and_stays(address: str, browser: Browser, monkeypatch: Any) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(address + "/en/")
    page.get_by_role("button", name="Dark theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.get_by_role("button", name="Light theme").is_visible()


def test_theme_works_without_script(address: str, browser: Browser, monkeypatch: Any) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    page = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900}).new_page()
    page.goto(address + "/en/faq/")
    page.get_by_role("button", name="Dark theme").click()
    assert page.url == address + "/en/faq/"
    assert 'data-theme="dark"' in page.content()


def test_phone_menu_opens_by_keyboard_and_closes(address: str, browser: Browser, monkeypatch: Any) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(address + "/")
    page.get_by_role("button", name="القائمة", exact=True).press("Enter")
    assert page.get_by_role("link", name="الأسئلة").first.is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#nav").is_visible()
