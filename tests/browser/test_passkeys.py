"""A passkey, made and asked by the browser itself: added, and signed in with alone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

PASSWORD = "a camel by the northern well"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_a_key(page: Page) -> Page:
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return page


def adds_one(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/login/?next=/admin/second-factor/webauthn/add/")
    page.fill("[name=login]", "leader")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    # What one signs in with is changed by who says again who they are.
    page.wait_for_url("**/login/confirm/*")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/webauthn/add/")


@pytest.fixture
def leader(people: factories.People, settings: Any) -> None:
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    people.leader.set_password(PASSWORD)
    people.leader.save()


def test_a_key_is_added_on_a_phone_and_signs_in_alone(
    phone: Callable[..., Page], live_server: Any, leader: None, clean: Callable[[Page], None]
) -> None:
    page = with_a_key(phone())
    adds_one(page, live_server.url)
    clean(page)
    page.fill("[name=name]", "جوالي")
    page.check("[name=passwordless]")
    page.locator("#mfa_webauthn_add").click()
    # What is shown once are the codes for the day on which the phone is not at hand.
    page.wait_for_url("**/recovery-codes/")
    clean(page)
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/admin/login/")
    page.locator("#passkey_login").click()
    page.wait_for_url(f"{live_server.url}/admin/")
    page.goto(f"{live_server.url}/admin/second-factor/webauthn/")
    expect(page.get_by_text("جوالي")).to_be_visible()
    clean(page)


def test_at_an_address_of_numbers_it_says_that_a_key_needs_a_name(
    phone: Callable[..., Page], live_server: Any, leader: None, clean: Callable[[Page], None]
) -> None:
    page = with_a_key(phone())
    address = live_server.url.replace("localhost", "127.0.0.1")
    adds_one(page, address)
    expect(page.locator("[data-passkey-unnamed]")).to_be_visible()
    expect(page.locator("#mfa_webauthn_add")).to_be_hidden()
    clean(page)
    page.context.clear_cookies()
    page.goto(f"{address}/admin/login/")
    expect(page.locator("[name=password]")).to_be_visible()
    expect(page.locator("#passkey_login")).to_be_hidden()
