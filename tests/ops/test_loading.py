"""The page that answers while the demonstration loads: it leads on, with script and without, in any look."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, expect

from cms.embedded.doors import Doors
from tests import axe
from tests.waiting import until

pytestmark = pytest.mark.once


async def product(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """What stands behind the doors once they are open."""
    kind, body = b"text/html; charset=utf-8", b"<!doctype html><title>Sawt</title><h1>The product</h1>"
    if scope["path"] == "/readyz":
        kind, body = b"application/json", b'{"status": "degraded"}'
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def doors() -> Iterator[tuple[Doors, str]]:
    """Closed doors at an address of their own."""
    behind = Doors()
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(behind, lifespan="off", log_config=None))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    serving.start()
    until(lambda: server.started)
    yield behind, f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    serving.join(10)
    listener.close()


def test_the_loading_page_leads_on_with_script_and_without(
    doors: tuple[Doors, str], browser: Browser
) -> None:
    behind, address = doors
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{address}/report/?kind=complaint")
    expect(plain.get_by_text("goes on by itself")).to_be_hidden()
    behind.step = 1
    dark = browser.new_page(color_scheme="dark")
    dark.goto(f"{address}/")
    assert axe.violations(dark) == []
    dark.close()
    page = browser.new_page(viewport={"width": 390, "height": 800})
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(f"{address}/en/track/?reference=X#there")
    assert axe.violations(page) == []
    assert not axe.is_too_wide(page)
    expect(page.get_by_text("This page goes on by itself")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("الخطوة 2 من 4: تُهيّأ قاعدة البيانات")

    # Nothing reloads under the reader: the step goes on in place.
    behind.step = 2
    expect(page.get_by_role("status")).to_contain_text("الخطوة 3 من 4: تُحمَّل بيانات العرض")

    behind.open(product)

    # With script: by itself, to the address that was asked for.
    expect(page.get_by_role("heading", name="The product")).to_be_visible()
    assert page.url == f"{address}/en/track/?reference=X"
    assert [line for line in told if "503" not in line] == []
    page.close()

    # Without: by its link, in either language.
    plain.get_by_role("link", name="Try now").click()
    expect(plain.get_by_role("heading", name="The product")).to_be_visible()
    assert plain.url == f"{address}/report/?kind=complaint"
    plain.context.close()
