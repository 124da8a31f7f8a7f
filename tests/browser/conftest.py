"""Debian's Chromium against a live server, with axe at hand."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Condition
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from cms.notifications.templates_data import load_templates
from cms.outbox import relay
from permissions.models import User
from tests import axe

PHONE_SCREEN = {"width": 390, "height": 844}
TEMPLATES = Path(__file__).parents[2] / "cms" / "demo" / "data" / "templates.json"


@pytest.fixture(autouse=True)
def _nothing_is_under_way() -> Iterator[None]:
    """The tables are emptied once all is answered: a page's last fetch goes on without the page."""
    under_way, changed = 0, Condition()

    def began(**_: Any) -> None:
        nonlocal under_way
        with changed:
            under_way += 1

    def ended(**_: Any) -> None:
        nonlocal under_way
        with changed:
            under_way -= 1
            changed.notify_all()

    request_started.connect(began)
    request_finished.connect(ended)
    yield
    with changed:
        changed.wait_for(lambda: under_way <= 0, timeout=10)
    request_started.disconnect(began)
    request_finished.disconnect(ended)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`phone(script=False, theme="dark", touch=True)`: 390 px wide; an error of a script fails the test."""
    contexts: list[BrowserContext] = []
    failures: list[str] = []

    def heard(said: ConsoleMessage) -> None:
        # The browser itself reports each refused form as an error.
        if said.type == "error" and "status of 4" not in said.text:
            failures.append(said.text)

    def page(
        *,
        script: bool = True,
        theme: str = "light",
        size: dict[str, int] | None = None,
        touch: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport=size or PHONE_SCREEN,  # type: ignore[arg-type]
            has_touch=touch,
            java_script_enabled=script,
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        opened = context.new_page()
        opened.on("pageerror", lambda error: failures.append(str(error)))
        opened.on("console", heard)
        return opened

    yield page
    for context in contexts:
        context.close()
    assert not failures


@pytest.fixture
def clean() -> Callable[[Page], None]:
    """`clean(page)`: axe finds nothing, and nothing is wider than the screen. On every database the same, so
    asked on the embedded one.
    """

    def check(page: Page) -> None:
        if connection.vendor == "postgresql":
            return
        found = axe.violations(page)
        assert not found, f"{page.url}\n{json.dumps(found, ensure_ascii=False, indent=1)}"
        assert not axe.is_too_wide(page), f"{page.url} is too wide"

    return check


def choose_place(page: Page, code: str) -> None:
    """From the list as one types, or from the select where there is no script."""
    if page.locator("#place").is_visible():
        page.select_option("#place", code)
        return
    name = (page.locator(f'#place option[value="{code}"]').text_content() or "").strip()
    page.fill("#place-find", name)
    page.locator("#place-list").get_by_role("option", name=name, exact=True).click()


@pytest.fixture
def texts(transactional_db: Any) -> None:
    load_templates()


@pytest.fixture
def relayed() -> Callable[[], int]:
    """What the worker would do now."""
    return relay.run


@pytest.fixture
def signed_in(live_server: Any) -> Callable[[Page, User], None]:
    """This browser belongs to a member of staff."""

    def sign_in(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])

    return sign_in


@pytest.fixture
def page_of(
    phone: Callable[..., Page], live_server: Any, signed_in: Callable[[Page, User], None]
) -> Callable[..., Page]:
    """`page_of(person, "/admin/queue/", size=DESKTOP)`: this address as this person sees it."""

    def opened(person: User, address: str, **given: Any) -> Page:
        page = phone(**given)
        signed_in(page, person)
        page.goto(live_server.url + address)
        return page

    return opened
