"""A call by keyboard alone, counted; the screen in both languages, themes and widths, and without script."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from cms.outbox.models import Effect
from cms.reports.encryption import decrypt
from cms.reports.models import Report
from cms.reports.secrets import secret_for
from tests import factories

from .looks import DESKTOP, LOOKS, speaks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = "عمود الإنارة أمام المسجد مطفأ."


class Keyboard:
    """Hands that touch nothing else: every key is counted, each letter as one."""

    def __init__(self, page: Page) -> None:
        self.page, self.letters, self.others = page, 0, 0

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.letters += len(text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.others += 1


def code_sent_to(number: str) -> str:
    row = Effect.objects.filter(kind="one_time_code", payload__phone=number).order_by("-pk")[0]
    return decrypt(row.payload["code"])


def test_a_call_from_ring_to_reference_by_keyboard_alone(
    phone: Callable[..., Page], live_server: Any, people: factories.People, signed_in: Callable[..., None]
) -> None:
    page = phone(size=DESKTOP)
    signed_in(page, people.agent)
    page.goto(f"{live_server.url}/admin/")
    keys = Keyboard(page)
    # The ring: the first screen's button has the focus, as soon as it is drawn.
    expect(page.get_by_role("main").get_by_role("link", name="بلاغ جديد")).to_be_focused()
    # The hand is quicker than the page's scripts.
    late: list[Route] = []
    page.route("**/htmx.min*.js", lambda route: late.append(route))
    keys.press("Enter")
    expect(page.locator("#q")).to_be_focused()
    keys.type("لمبه")
    late.pop().continue_()
    expect(page.locator("#place-find")).to_be_visible()
    keys.press("Enter")
    expect(page.locator("#place-find")).to_be_focused()
    expect(page.locator('input[name="service"]:checked')).to_have_value("lamp")
    keys.type("الصفر")
    keys.press("Enter")
    expect(page.locator("#address")).to_be_focused()
    expect(page.locator('input[name="answers-since"]')).to_have_count(2)
    # Over the address; the second answer; the text; the number; off.
    keys.press("Enter")
    expect(page.locator('input[name="answers-since"]').first).to_be_focused()
    keys.press("ArrowDown", "Enter")
    expect(page.locator("#text")).to_be_focused()
    keys.type(TEXT)
    keys.press("Tab")
    expect(page.locator("#phone")).to_be_focused()
    keys.type("0551234567")
    keys.press("Control+Enter")
    expect(page.locator("[data-reference]")).to_be_visible()

    report = Report.objects.get()
    assert (report.service.code, report.place.code, report.answers) == (
        "lamp",
        "town.safra",
        {"since": "week"},
    )
    assert (report.text, report.sender.phone, report.entered_by) == (TEXT, "+966551234567", people.agent)
    expect(page.locator("[data-reference]")).to_have_text(report.reference)
    expect(page.locator("[data-secret]")).to_have_text(secret_for(report.public_id, report.secret_version))
    # Beside the letters of what the caller says: eight keys, and no mouse.
    assert keys.others == 8
    assert keys.letters == len("لمبه") + len("الصفر") + len(TEXT) + 10
    # Enter begins the next call.
    page.keyboard.press("Enter")
    expect(page.locator("#q")).to_be_focused()
    assert page.locator("#phone").input_value() == ""


def test_the_code_is_read_out_and_the_earlier_reports_end_with_the_call(
    phone: Callable[..., Page], live_server: Any, people: factories.People, signed_in: Callable[..., None]
) -> None:
    sender = factories.SenderFactory(phone="+966551234567")
    earlier = factories.submitted_report(sender=sender)
    page = phone(size=DESKTOP)
    signed_in(page, people.agent)
    page.goto(f"{live_server.url}/admin/centre/")
    page.focus("#phone")
    keys = Keyboard(page)
    keys.type("0551234567")
    keys.press("Tab", "Enter")
    expect(page.locator("#code")).to_be_focused()
    keys.type(code_sent_to("+966551234567"))
    keys.press("Enter")
    expect(page.locator("#earlier-h")).to_be_focused()
    expect(page.locator(".earlier li")).to_have_count(1)
    expect(page.locator(".earlier")).to_contain_text(earlier.reference)
    page.goto(f"{live_server.url}/admin/centre/")
    expect(page.locator("#phone")).to_have_value("")
    assert earlier.reference not in page.content()


def test_a_question_appears_with_the_answer_it_depends_on(
    phone: Callable[..., Page], live_server: Any, people: factories.People, signed_in: Callable[..., None]
) -> None:
    lamp = factories.IntakeQuestionFactory._meta.model.objects.get(code="since").service
    factories.IntakeQuestionFactory(
        service=lamp, code="pole", order=9999, show_when={"question": "since", "equals": "week"}
    )
    page = phone(size=DESKTOP)
    signed_in(page, people.agent)
    page.goto(f"{live_server.url}/admin/centre/")
    page.fill("#q", "lamp")
    page.locator('input[name="service"][value="lamp"]').check()
    expect(page.locator("#answers-pole")).to_be_hidden()
    page.locator('input[name="answers-since"][value="week"]').check()
    expect(page.locator("#answers-pole")).to_be_visible()
    page.locator('input[name="answers-since"][value="day"]').check()
    expect(page.locator("#answers-pole")).to_be_hidden()


@pytest.mark.looks
@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_its_pages_are_clean(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
    clean: Callable[[Page], None],
    language: str,
    theme: str,
    width: int,
) -> None:
    speaks(people.agent, language)
    factories.submitted_report(sender=factories.SenderFactory(phone="+966551234567"))
    page = phone(theme=theme, size={"width": width, "height": 900})
    signed_in(page, people.agent)
    page.goto(f"{live_server.url}/admin/")
    clean(page)
    page.goto(f"{live_server.url}/admin/centre/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    clean(page)
    page.fill("#q", "تسرب")
    page.locator('input[name="service"][value="leak"]').check()
    expect(page.locator("#emergency .big")).to_have_text("911")
    page.locator("[data-submit]").click()
    expect(page.locator(".note.bad a")).to_have_count(3)
    expect(page.locator("#place-find")).to_be_focused()
    clean(page)
    page.click("#place-find")
    expect(page.locator("#place-list")).to_be_visible()
    clean(page)
    page.get_by_role("option").last.click()
    page.fill("#text", TEXT)
    page.fill("#phone", "0551234567")
    page.locator('[name="do"][value="send_code"]').click()
    expect(page.locator("#code")).to_be_focused()
    page.fill("#code", code_sent_to("+966551234567"))
    page.locator("[data-check]").click()
    expect(page.locator("#earlier-h")).to_be_visible()
    clean(page)
    page.locator("[data-submit]").click()
    expect(page.locator("[data-secret]")).to_be_visible()
    expect(page.locator("[data-next]")).to_be_focused()
    clean(page)
    page.goto(f"{live_server.url}/admin/centre/entered/")
    expect(page.locator(".entered li")).to_have_count(1)
    clean(page)


def test_it_works_without_script(
    phone: Callable[..., Page], live_server: Any, people: factories.People, signed_in: Callable[..., None]
) -> None:
    page = phone(script=False, size=DESKTOP)
    signed_in(page, people.agent)
    page.goto(f"{live_server.url}/admin/centre/")
    page.fill("#q", "لمبه")
    page.keyboard.press("Enter")
    page.locator('input[name="service"][value="lamp"]').check()
    page.select_option("#place", "town.safra")
    page.fill("#text", TEXT)
    page.fill("#phone", "0551234567")
    page.locator("[data-submit]").click()
    # The service's questions have come with it.
    page.locator('input[name="answers-since"][value="week"]').check()
    page.locator("[data-submit]").click()
    expect(page.locator("[data-reference]")).to_have_text(Report.objects.get().reference)
