"""Entities writing to each other: every page of it in two looks, with one set of data."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from wagtail.users.models import UserProfile

from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from tests import factories

from .conftest import choose_place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESKTOP = {"width": 1280, "height": 900}
TEXT = "نعتزم سفلتة شارع الكوثر، ونرجو إفادتنا بأي أعمال مجدولة للمياه فيه."


def test_a_letter_is_written_on_a_phone_and_answered_from_both_sides(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
    clean: Callable[[Page], None],
) -> None:
    page = phone()
    signed_in(page, people.coordinator)
    page.goto(f"{live_server.url}/admin/sent/new/")
    page.fill("#text", TEXT)
    page.locator("[data-submit]").click()
    # What is missing is named, and what was typed stays.
    expect(page.locator("[data-problems]")).to_be_focused()
    expect(page.locator("#text")).to_have_value(TEXT)
    clean(page)
    page.select_option("#service", "lamp")
    page.locator('[name="answers-since"][value="week"]').check()
    choose_place(page, "town.safra")
    page.fill("#address", "شارع الكوثر")
    page.fill("#number", "1448/221")
    page.select_option("#to", "water")
    clean(page)
    page.locator("[data-submit]").click()
    expect(page.locator("#act-write")).to_be_visible()
    clean(page)
    report = Report.objects.get()
    actions.ask_sender(report.pk, actor=StaffActor(people.coordinator2), version=1, text="أي جزء من الشارع؟")
    page.goto(f"{live_server.url}/admin/sent/?view=reply")
    clean(page)
    page.get_by_role("link", name=TEXT[:30]).click()
    page.fill("#write-text", "من المسجد إلى المدرسة.")
    page.locator("#act-write .primary").click()
    expect(page.get_by_text("من المسجد إلى المدرسة.")).to_be_visible()
    clean(page)
    # The other side, in the other language and theme.
    for user in (people.coordinator, people.coordinator2):
        UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": "en"})
    wide = phone(theme="dark", size=DESKTOP)
    signed_in(wide, people.coordinator2)
    wide.goto(f"{live_server.url}/admin/queue/?view=all")
    expect(wide.locator("tbody .meta").first).to_contain_text("from North branch")
    clean(wide)
    wide.goto(f"{live_server.url}/admin/queue/{report.public_id}/")
    expect(wide.get_by_text("من المسجد إلى المدرسة.")).to_be_visible()
    clean(wide)
    signed_in(wide, people.coordinator)
    for address in ("", "new/", f"{report.public_id}/"):
        wide.goto(f"{live_server.url}/admin/sent/{address}")
        expect(wide.locator("html")).to_have_attribute("lang", "en")
        clean(wide)
