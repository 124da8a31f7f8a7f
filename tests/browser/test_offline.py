"""The connection breaks at the last press: the review stays, says so, and one report comes of it later."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from cms.reports.models import Report
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def at_the_review(page: Page, address: str) -> None:
    """A report without a name, written up to its review in this browser's session."""
    client = Client()
    client.post("/report/", {"service": "thanks", "q": ""})
    client.post("/report/where/", {"place": "town.safra"})
    client.post("/report/details/", {"text": "شكرًا لمن أصلح الرصيف أمام المدرسة."})
    answer = client.post("/report/who/", {"do": "next", "who": "anonymous"})
    review = answer.headers["Location"]
    assert review.startswith("/report/review/?draft=")
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    page.goto(f"{address}{review}")


def test_sending_without_a_connection_stays_on_the_review_and_says_so(
    phone: Callable[..., Page], live_server: Any, people: factories.People, clean: Callable[[Page], None]
) -> None:
    # given a report before its last press
    page = phone()
    at_the_review(page, live_server.url)
    address, key = page.url, page.input_value('input[name="key"]')
    page.check("#ok")

    # when the connection is gone as it is sent
    page.context.set_offline(True)
    send = page.locator("main form.form .actions .btn:not(.btn--quiet)")
    send.click()

    # then the page is the same one and says so, with its key, and nothing was sent
    expect(page.locator("[data-save-status]")).to_have_text(
        "لا يوجد اتصال. ما كتبته باقٍ في هذه الصفحة؛ حاول بعد قليل."
    )
    expect(page.locator("[data-save-status]")).to_be_in_viewport()
    assert page.url == address
    assert page.input_value('input[name="key"]') == key
    assert page.is_checked("#ok")
    assert Report.objects.count() == 0

    # and the same press sends it once there is a connection again
    page.context.set_offline(False)
    expect(page.locator("[data-save-status]")).to_have_text("")
    send.click()
    page.wait_for_url("**/report/done/?draft=*")
    assert Report.objects.count() == 1
