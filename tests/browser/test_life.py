"""One report's whole life on a phone: in Arabic and in English, with and without script."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cms.reports.models import Report
from permissions.models import User
from tests import factories

from .conftest import choose_place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = "عمود الإنارة أمام المسجد مطفأ منذ أسبوع والشارع مظلم ليلًا."
ANSWER = "أصلحنا العمود اليوم، وفحصنا بقية الأعمدة في الشارع."
QUESTION = "أي عمود بالتحديد؟"
NUMBER = "0500000654"


@dataclass
class Life:
    """One sender's browser on the live server."""

    page: Page
    base: str
    prefix: str
    clean: Callable[[Page], None]
    relayed: Callable[[], int]
    script: bool = True

    def open(self, path: str) -> None:
        self.page.goto(f"{self.base}{self.prefix}{path}")

    def look(self) -> None:
        """With script, axe judges the page; without, there is nothing that could run it."""
        if self.script:
            self.clean(self.page)

    def on(self, step: str) -> None:
        self.page.wait_for_url(re.compile(rf"{self.prefix}/{step}/(\?draft=\w+)?$"))
        self.look()

    def go_on(self) -> None:
        self.page.locator("main form.form .actions .btn:not(.btn--quiet):visible").first.click()

    def code(self) -> str:
        """What the demonstration's phone shows."""
        self.relayed()
        link = self.page.locator('a[href*="/demo/phone/"]').get_attribute("href")
        phone = self.page.context.new_page()
        phone.goto(f"{self.base}{link}")
        if self.script:
            self.clean(phone)
        found = re.search(r"(?<!\d)\d{6}(?!\d)", phone.locator(".phone").inner_text())
        phone.close()
        assert found
        return found[0]

    def submit(self, words: str) -> str:
        """The four steps, the review and the receipt; the report's reference."""
        page = self.page
        self.open("/report/")
        self.look()
        page.fill("#q", words)
        if not self.script:
            page.click('form[role="search"] button')
        page.check('input[value="lamp"]')
        self.look()
        self.go_on()
        self.on("report/where")
        self.go_on()
        expect(page.locator("#place-e")).to_be_visible()
        self.look()
        choose_place(page, "town.safra")
        page.fill("#address", "شارع الأربعين")
        self.go_on()
        self.on("report/details")
        expect(page.locator("#text")).to_have_value(words)
        if self.script:
            # One goes on at its end.
            page.focus("#text")
            assert page.evaluate("document.activeElement.selectionStart") == len(words)
        page.fill("#text", "قصير")
        self.go_on()
        expect(page.locator("#text-e")).to_be_visible()
        self.look()
        page.fill("#text", TEXT)
        page.check('input[name="answers-since"][value="week"]')
        self.go_on()
        self.on("report/who")
        page.fill("#phone", NUMBER)
        page.click('button[value="send"]')
        expect(page.locator("#code")).to_be_visible()
        self.look()
        page.fill("#code", self.code())
        page.fill("#name", "نورة")
        page.check('input[name="category"][value="citizen"]')
        self.go_on()
        self.on("report/review")
        page.check("#ok")
        self.go_on()
        self.on("report/done")
        return page.locator("#ref").inner_text()

    def track(self, reference: str, secret: str) -> None:
        self.open("/track/")
        self.page.fill("#reference", reference.lower().replace("-", " "))
        self.page.fill("#secret", secret)
        self.page.locator("main form .btn").first.click()
        self.page.wait_for_url(f"**/track/{reference}/")
        self.look()


@dataclass
class Desk:
    """The staff's side, on the admin's pages."""

    page: Page
    base: str
    signed_in: Callable[[Page, User], None]
    clean: Callable[[Page], None]

    def act(self, user: User, report: Report, action: str, fill: Callable[[Any], None] | None = None) -> None:
        self.signed_in(self.page, user)
        self.page.goto(f"{self.base}/admin/queue/{report.public_id}/")
        panel = self.page.locator(f"#act-{action}")
        if panel.get_attribute("open") is None:
            panel.locator("summary").click()
        self.clean(self.page)
        form = panel.locator(f'form[data-action="{action}"]')
        if fill:
            fill(form)
        with self.page.expect_navigation():
            form.locator('button[type="submit"].primary').click()
        self.clean(self.page)
        report.refresh_from_db()

    def look(self, user: User, path: str) -> None:
        self.signed_in(self.page, user)
        self.page.goto(f"{self.base}/admin/{path}")
        self.clean(self.page)

    def answer(self, people: factories.People, report: Report, text: str) -> None:
        """Assigned, begun, drafted, and sent as it was drafted."""

        def chosen(form: Any) -> None:
            form.locator(f'[name="responsible"][value="{people.specialist.pk}"]').check()

        if report.state == "with_entity":
            self.act(people.coordinator, report, "assign", chosen)
        assert report.state == "assigned"
        self.act(people.specialist, report, "start")
        assert report.state == "in_progress"
        self.act(people.specialist, report, "draft_reply", lambda form: form.locator("textarea").fill(text))
        assert report.state == "reply_drafted"
        self.act(people.coordinator, report, "answer", lambda form: form.locator("textarea").fill(text))
        assert report.state == "answered"


@pytest.fixture
def desk(
    phone: Callable[..., Page],
    live_server: Any,
    signed_in: Callable[[Page, User], None],
    clean: Callable[[Page], None],
) -> Desk:
    return Desk(phone(size={"width": 1440, "height": 900}), live_server.url, signed_in, clean)


@pytest.mark.parametrize(
    ("prefix", "words", "theme"),
    [("", "لمبة الشارع", "light"), ("/en", "street lamp", "dark")],
)
def test_a_report_lives_on_a_phone(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    texts: None,
    relayed: Callable[[], int],
    clean: Callable[[Page], None],
    desk: Desk,
    prefix: str,
    words: str,
    theme: str,
) -> None:
    factories.ReasonFactory(
        code="not_fixed",
        used_for="reopen",
        label_ar="لم تُعالج المشكلة",
        label_en="Not fixed",
        needs_text=True,
    )
    page = phone(theme=theme)
    life = Life(page, live_server.url, prefix, clean, relayed)

    reference = life.submit(words)
    secret = page.locator("#sec").inner_text()
    report = Report.objects.get()
    assert report.reference == reference
    assert report.language == ("en" if prefix else "ar")

    # The coordinator and the specialist answer; the sender reads it.
    desk.look(people.coordinator, "")
    desk.look(people.coordinator, "queue/")
    desk.look(people.coordinator, "queue/?view=mine&state=closed")
    desk.answer(people, report, ANSWER)
    page.context.clear_cookies()
    life.track(reference, secret)
    expect(page.locator(".answer")).to_contain_text(ANSWER)

    # It was not solved: open again, in a dialog that asks why.
    page.click('a[data-dialog="reopen"]')
    expect(page.locator("dialog#reopen")).to_be_visible()
    life.look()
    page.check('dialog#reopen input[value="not_fixed"]')
    page.fill("#reopen-text", "ما زال مطفأ.")
    page.click("dialog#reopen button")
    expect(page.locator(".badge--with_entity").first).to_be_visible()
    life.look()
    report.refresh_from_db()
    assert (report.state, report.round) == ("with_entity", 2)

    # A question, its answer, and the second reply, which is accepted and rated.
    desk.act(people.coordinator, report, "ask_sender", lambda form: form.locator("textarea").fill(QUESTION))
    page.reload()
    life.look()
    page.fill("#write-text", "الثالث بعد المسجد.")
    page.click("#write button")
    expect(page.locator(".chat")).to_contain_text("الثالث بعد المسجد.")
    report.refresh_from_db()
    desk.answer(people, report, ANSWER)
    page.reload()
    page.locator('input[name="score"][value="5"]').check(force=True)
    page.fill("#comment", "شكرًا لكم")
    page.click("#decision button")
    expect(page.locator(".badge--closed").first).to_be_visible()
    life.look()
    report.refresh_from_db()
    assert report.state == "closed"
    assert report.ratings.get(round=2).score == 5

    # And it stands in the list of who signs in with the number.
    life.open("/my/")
    life.look()
    page.fill("#phone", NUMBER)
    page.click('button[value="send"]')
    expect(page.locator("#code")).to_be_visible()
    life.look()
    page.fill("#code", life.code())
    page.click('button[value="confirm"]')
    expect(page.locator("table")).to_contain_text(reference)
    life.look()


def test_a_report_lives_without_script(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    texts: None,
    relayed: Callable[[], int],
    clean: Callable[[Page], None],
    desk: Desk,
) -> None:
    page = phone(script=False)
    life = Life(page, live_server.url, "", clean, relayed, script=False)

    reference = life.submit("لمبة الشارع")
    report = Report.objects.get(reference=reference)
    desk.answer(people, report, ANSWER)
    page.locator('a.btn[href*="/track/"]').click()
    expect(page.locator(".answer")).to_contain_text(ANSWER)

    # The dialog is the target of a link, and can be left by one.
    expect(page.locator("dialog#reopen")).to_be_hidden()
    page.click('a[href="#reopen"]')
    expect(page.locator("dialog#reopen")).to_be_visible()
    page.click('dialog#reopen a[data-close="reopen"]')
    expect(page.locator("dialog#reopen")).to_be_hidden()

    page.locator('input[name="score"][value="4"]').check(force=True)
    page.click("#decision button")
    expect(page.locator(".badge--closed").first).to_be_visible()
    report.refresh_from_db()
    assert report.state == "closed"
    assert report.ratings.get().score == 4


def test_what_is_typed_survives_a_reload_and_the_change_of_language(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    relayed: Callable[[], int],
    clean: Callable[[Page], None],
) -> None:
    page = phone()
    life = Life(page, live_server.url, "", clean, relayed)
    life.open("/report/?service=lamp")
    life.go_on()
    page.wait_for_url("**/where/?draft=*")
    choose_place(page, "town.safra")
    life.go_on()
    page.wait_for_url("**/details/?draft=*")
    # Nothing is pressed: the language is changed in the middle of a sentence.
    page.fill("#text", "عمود الإنارة أمام")
    page.click('header a[hreflang="en"]')
    page.wait_for_url("**/en/report/details/?draft=*")
    expect(page.locator("#text")).to_have_value("عمود الإنارة أمام")
    page.locator("#text").press_sequentially(" x")
    with page.expect_response("**/report/save/details/"):
        pass
    page.reload()
    expect(page.locator("#text")).to_have_value(re.compile("x"))
    # Reloaded in the same moment: what is saved on leaving may come after the page was asked for.
    for said in ("Now this", "Then that"):
        page.locator("#text").fill(said)
        page.reload()
        expect(page.locator("#text")).to_have_value(said)


def test_the_map_is_fetched_when_it_is_opened_and_works_by_keyboard(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    relayed: Callable[[], int],
    clean: Callable[[Page], None],
) -> None:
    page = phone()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    life = Life(page, live_server.url, "", clean, relayed)
    life.open("/report/?service=lamp")
    life.go_on()
    page.wait_for_url("**/where/?draft=*")
    assert not [url for url in fetched if "leaflet" in url]
    page.locator("[data-map-open]").press("Enter")
    expect(page.locator(".leaflet-container")).to_be_visible()
    page.locator("[data-map-centre]").press("Enter")
    expect(page.locator(".map-pin")).to_be_visible()
    life.look()
    assert float(page.locator("#latitude").input_value()) == pytest.approx(26.1, abs=0.5)
    page.locator("[data-map-clear]").press("Enter")
    assert page.locator("#latitude").input_value() == ""
    outside = [url for url in fetched if not url.startswith((live_server.url, "data:", "blob:"))]
    assert not outside
