"""The queue by keyboard and in bulk, in both languages, both themes and both widths."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from cms.entities.models import Membership
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import Event, Report
from tests import axe, factories

from .looks import DESKTOP, LOOKS, speaks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DRAFT = "أصلحنا العمود اليوم."
# What a keyboard with the Arabic layout sends: the place of the key, and another sign.
ARABIC = """([code, key]) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", {code, key, bubbles: true, cancelable: true}))"""


@pytest.mark.looks
@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_the_queue_and_its_forms_are_clean(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
    clean: Callable[[Page], None],
    report_in: Callable[..., Report],
    language: str,
    theme: str,
    width: int,
) -> None:
    speaks(people.coordinator, language)
    report_in("with_entity")
    report_in("reply_drafted")
    page = phone(theme=theme, size={"width": width, "height": 900})
    signed_in(page, people.coordinator)
    page.goto(f"{live_server.url}/admin/queue/?view=all")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("[data-bulk]")).to_be_hidden()
    clean(page)
    page.locator("tbody input").first.check()
    page.locator("tbody input").last.check()
    expect(page.locator("[data-bulk]")).to_be_visible()
    clean(page)
    page.locator('[data-bulk] [data-action="assign"]').click()
    expect(page.locator("dialog[data-bulk-dialog]")).to_be_visible()
    clean(page)
    page.keyboard.press("Escape")
    expect(page.locator("dialog[data-bulk-dialog]")).to_be_hidden()
    page.locator("[data-help-open]").dispatch_event("click")
    expect(page.locator("dialog[data-help]")).to_be_visible()
    clean(page)
    page.keyboard.press("Escape")
    page.locator('[data-bulk] [data-action="assign"]').click()
    page.locator('dialog [name="responsible"]').first.check()
    page.locator("[data-bulk-dialog] .primary").click()
    expect(page.locator("[data-outcome]")).to_be_focused()
    expect(page.locator("tbody input").first).to_be_visible()
    clean(page)


def test_twenty_reports_are_assigned_by_keyboard_under_the_arabic_layout(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
) -> None:
    reports = [factories.submitted_report() for _ in range(20)]
    page = phone(size=DESKTOP)
    signed_in(page, people.coordinator)
    page.goto(f"{live_server.url}/admin/queue/")
    pressed = 0

    def press(code: str, key: str) -> None:
        nonlocal pressed
        pressed += 1
        page.evaluate(ARABIC, [code, key])

    for _ in reports:
        press("KeyJ", "ت")
        press("KeyX", "ء")
    expect(page.locator("[data-bulk-count]")).to_have_text("20 بلاغًا محددًا")
    press("KeyA", "ش")
    expect(page.locator("dialog[data-bulk-dialog]")).to_be_visible()
    press("Digit1", "١")
    expect(page.locator('dialog [name="responsible"]').first).to_be_checked()
    page.keyboard.press("Enter")
    pressed += 1
    expect(page.locator("[data-outcome]")).to_contain_text("نُفذ في 20 بلاغًا")
    assert pressed <= 45
    assert Report.objects.filter(state="assigned").count() == 20
    assert Event.objects.filter(code="assign", actor=people.coordinator).count() == 20
    # One stands where one stood.
    expect(page.locator("tbody tr.at")).to_have_count(1)
    expect(page.locator(".queue tbody tr").last).to_have_class("at")


def test_a_form_sent_too_early_comes_back_with_the_hand_where_it_is_wrong(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
    report: Report,
) -> None:
    page = phone(size=DESKTOP)
    signed_in(page, people.coordinator)
    page.goto(f"{live_server.url}/admin/queue/")
    for key in ("j", "x", "a"):
        page.keyboard.press(key)
    expect(page.locator("dialog[data-bulk-dialog]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator('.wrong [name="responsible"]').first).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("[data-outcome]")).to_contain_text("نُفذ")
    report.refresh_from_db()
    assert report.state == "assigned"


def test_the_keys_lead_and_rest_while_one_types(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
    report_in: Callable[..., Report],
) -> None:
    first, _second = report_in("reply_drafted"), report_in("with_entity")
    page = phone(size=DESKTOP)
    signed_in(page, people.coordinator)
    page.goto(f"{live_server.url}/admin/queue/?view=all&state=reply_drafted")

    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("jxa?")
    expect(page.locator("#q")).to_have_value("jxa?")
    expect(page.locator("tbody tr.at")).to_have_count(0)
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#q")).not_to_be_focused()

    page.keyboard.press("?")
    expect(page.locator("dialog[data-help]")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("tbody tr.at")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("dialog[data-help]")).to_be_hidden()
    page.evaluate("document.activeElement.blur()")
    page.evaluate(ARABIC.replace("document.activeElement", "document.body"), ["Slash", "؟"])
    expect(page.locator("dialog[data-help]")).to_be_visible()
    page.keyboard.press("Escape")

    page.keyboard.press("j")
    expect(page.locator("tbody tr.at .subj a")).to_be_focused()
    page.keyboard.press("r")
    page.wait_for_url(f"**/queue/{first.public_id}/#key-KeyR")
    expect(page.locator("#act-answer textarea")).to_be_focused()


def test_bulk_work_needs_no_script(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
    clean: Callable[[Page], None],
    report_in: Callable[..., Report],
) -> None:
    new, drafted = report_in("with_entity"), report_in("reply_drafted")
    page = phone(script=False)
    signed_in(page, people.coordinator)
    page.goto(f"{live_server.url}/admin/queue/?view=all")
    for box in page.locator("tbody input").all():
        box.check()
    page.locator('[data-action="assign"]').click()
    expect(page.locator(".note.warn")).to_contain_text(drafted.reference)
    page.locator('[name="responsible"]').first.check()
    page.locator("form[data-bulk-form] .primary").click()
    expect(page.locator("[data-outcome]")).to_contain_text("نُفذ في بلاغ واحد، رُفض بلاغ واحد")
    new.refresh_from_db()
    drafted.refresh_from_db()
    assert (new.state, drafted.state) == ("assigned", "reply_drafted")


@pytest.mark.looks
@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_the_filters_and_the_saved_views_are_clean(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
    clean: Callable[[Page], None],
    report_in: Callable[..., Report],
    language: str,
    theme: str,
    width: int,
) -> None:
    speaks(people.coordinator, language)
    report_in("with_entity")
    page = phone(theme=theme, size={"width": width, "height": 900})
    signed_in(page, people.coordinator)
    page.goto(f"{live_server.url}/admin/queue/?view=all")
    for pick in page.locator(".sawt .pick").all():
        pick.locator("summary").click()
        expect(pick.locator("> div")).to_be_visible()
        assert not axe.is_too_wide(page)
        page.keyboard.press("Escape")
        expect(pick.locator("> div")).to_be_hidden()
    page.locator('.filters .pick:has([name="due"]) summary').click()
    clean(page)
    page.locator('[name="due"][value="today"]').check()
    page.locator('.filters .pick:has([name="due"]) button').click()
    page.wait_for_url("**due=today**")
    page.locator(".saveview summary").click()
    clean(page)
    page.fill("#view-name", "اليوم")
    page.keyboard.press("Enter")
    page.wait_for_url("**saved=*")
    expect(page.locator('.views [aria-current="page"]')).to_contain_text("اليوم")
    page.locator('.saveview a[href$="views/"]').click()
    expect(page.locator('[name="do"][value="rename"]')).to_be_visible()
    clean(page)


def test_what_changed_is_told_in_place(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
    clean: Callable[[Page], None],
    report_in: Callable[..., Report],
) -> None:
    first, second, third = (factories.submitted_report() for _ in range(3))
    page = phone(size=DESKTOP)
    signed_in(page, people.coordinator)
    page.goto(f"{live_server.url}/admin/queue/")
    order = page.locator(".queue tbody tr")
    references = [row.get_attribute("data-reference") for row in order.all()]
    page.locator(f'[data-reference="{second.reference}"] input').check()
    seen = page.locator(f'[data-reference="{second.reference}"] input').get_attribute("value")
    report_in("assigned", report=second)
    report_in("received", report=third)
    page.evaluate("document.querySelector('[data-queue]').dispatchEvent(new Event('sawt:refresh'))")
    expect(page.locator("[data-changed]")).to_contain_text("تغيّر بلاغان")
    assert [row.get_attribute("data-reference") for row in order.all()] == references
    expect(page.locator(f'[data-reference="{second.reference}"] .st')).to_have_text("مسند")
    # What left the entity is not to be read any more, and a tick keeps the version that was seen.
    expect(page.locator(f'[data-reference="{third.reference}"]')).to_contain_text("لم تعد تراه")
    expect(page.locator(f'[data-reference="{third.reference}"] a')).to_have_count(0)
    assert page.locator(f'[data-reference="{second.reference}"] input').get_attribute("value") == seen
    expect(page.locator(f'[data-reference="{first.reference}"] .st')).to_have_text("لدى الجهة")
    clean(page)


def test_a_draft_is_approved_with_three_keys(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
    report_in: Callable[..., Report],
) -> None:
    report = report_in("reply_drafted")
    page = phone(size=DESKTOP)
    signed_in(page, people.coordinator)
    page.goto(f"{live_server.url}/admin/queue/?view=approve")
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.locator("#act-answer textarea")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    report.refresh_from_db()
    assert (report.state, report.events.get(code="answer").body.text) == ("answered", DRAFT)


def test_a_conflict_is_read_first_and_its_text_goes_out_with_the_next_press(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
    report_in: Callable[..., Report],
) -> None:
    # given a draft that is open here, and taken over in another window meanwhile
    report = report_in("reply_drafted")
    page = phone(size=DESKTOP)
    signed_in(page, people.coordinator)
    page.goto(f"{live_server.url}/admin/queue/{report.public_id}/#act-answer")
    page.fill("#act-answer textarea", "أصلحنا العمود مساء اليوم.")
    actions.take_over(report.pk, actor=StaffActor(people.coordinator), version=report.version)
    # when it is sent
    page.keyboard.press("Control+Enter")
    # then the notice has the focus, names nobody else, and the text is kept
    expect(page.locator("[data-conflict]")).to_be_focused()
    expect(page.locator("[data-conflict]")).to_contain_text("نافذة أخرى")
    expect(page.locator("#act-answer textarea")).to_have_value("أصلحنا العمود مساء اليوم.")
    # and the next press sends it
    with page.expect_navigation():
        page.locator("#act-answer .primary").click()
    report.refresh_from_db()
    assert report.state == "answered"


def test_it_filters_sorts_and_pages_without_the_rest_of_the_page(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
    report_in: Callable[..., Report],
) -> None:
    assigned = report_in("assigned")
    for _ in range(26):
        factories.submitted_report()
    page = phone(size=DESKTOP)
    signed_in(page, people.coordinator)
    page.goto(f"{live_server.url}/admin/queue/?view=all&size=25")
    rows = page.locator(".queue tbody tr")
    # Gone with the page, if the page goes.
    page.evaluate("window.stays = true")

    page.locator("[rel=next]").click()
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile("after="))
    expect(page.locator("[data-list]")).to_be_focused()
    page.go_back()
    expect(rows).to_have_count(25)

    # The keys work on the rows that came, the boxes and the bar too.
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk]")).to_be_visible()

    page.locator("details:has([name=state]) summary").click()
    page.locator('[name=state][value="assigned"]').check()
    page.locator("details:has([name=state]) .primary").click()
    expect(rows).to_have_count(1)
    expect(page.locator("details:has([name=state]) summary")).to_be_focused()
    expect(page.locator("[data-bulk]")).to_be_hidden()
    expect(rows.first).to_have_attribute("data-reference", assigned.reference)
    assert page.evaluate("location.search") == "?view=all&state=assigned&sort=due&size=25"

    page.locator('[data-tab="late"]').click()
    expect(page.locator(".empty h2")).to_be_visible()
    expect(page.locator(".views [aria-current]")).to_have_attribute("data-tab", "late")
    expect(page).to_have_title(re.compile("^متأخر"))
    expect(page.locator("[data-keys]")).to_be_hidden()
    assert page.evaluate("window.stays") is True

    # Who has lost the queue is led away, and sees no piece of a page.
    Membership.objects.filter(person=people.coordinator).update(valid_until=timezone.now())
    page.locator('[data-tab="open"]').click()
    page.wait_for_url("**/admin/login/**")
