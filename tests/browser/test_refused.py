"""A form that was refused, in the browser: focus, reload, Back, the other language; nothing is sent twice."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from cms.reports import links
from cms.reports.models import Report
from tests import factories

from .conftest import choose_place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What stands outside of the form's box, or of the screen.
OUTSIDE = """id => {
  const box = document.getElementById(id).getBoundingClientRect();
  const wide = document.documentElement.clientWidth;
  const beyond = (e, start, end) => e.getClientRects().length && !e.closest(".vh, .skip, svg, .sprite, #nav")
    && (e.getBoundingClientRect().left < start - 1 || e.getBoundingClientRect().right > end + 1);
  return [...document.querySelectorAll("body *")]
    .filter(e => beyond(e, 0, wide) || (e.closest("#" + id) && beyond(e, box.left, box.right)))
    .map(e => e.outerHTML.slice(0, 120));
}"""
FOCUSED = "document.activeElement.matches('[data-errors]')"


def posts_of(page: Page) -> list[str]:
    """What this page sends; what is only saved of a draft does not count."""
    sent: list[str] = []

    def heard(request: Request) -> None:
        if request.method == "POST" and "/save/" not in request.url:
            sent.append(request.url)

    page.on("request", heard)
    return sent


def go_on(page: Page) -> None:
    page.locator("main form.form .actions .btn:not(.btn--quiet):visible").first.click()


@pytest.mark.parametrize("script", [True, False])
def test_a_refused_step_is_a_page_like_any_other(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    clean: Callable[[Page], None],
    script: bool,
) -> None:
    page = phone(script=script)
    sent = posts_of(page)
    page.goto(f"{live_server.url}/report/?service=lamp")
    go_on(page)
    page.wait_for_url("**/report/where/?draft=*")
    go_on(page)
    expect(page.locator("#place-e")).to_be_visible()
    if script:
        assert page.evaluate(FOCUSED)
        clean(page)
    assert len(sent) == 2

    # A reload asks for the page; nothing is sent again, and it still says what is wrong.
    page.reload()
    expect(page.locator("#place-e")).to_be_visible()
    assert len(sent) == 2

    # On to the next page, and Back: no question whether to send the form again.
    choose_place(page, "town.safra")
    page.fill("#address", "خلف المسجد")
    go_on(page)
    page.wait_for_url("**/report/details/?draft=*")
    assert len(sent) == 3
    page.go_back()
    page.wait_for_url("**/report/where/?draft=*")
    expect(page.locator("#address")).to_have_value("خلف المسجد")
    expect(page.locator("[data-errors]")).to_have_count(0)
    page.go_back()
    page.wait_for_url("**/report/where/?draft=*")
    assert len(sent) == 3


def test_what_was_refused_is_kept_in_the_other_language(
    phone: Callable[..., Page], live_server: Any, people: factories.People, clean: Callable[[Page], None]
) -> None:
    page = phone()
    sent = posts_of(page)
    page.goto(f"{live_server.url}/report/?service=lamp")
    go_on(page)
    page.wait_for_url("**/report/where/?draft=*")
    choose_place(page, "town.safra")
    go_on(page)
    page.wait_for_url("**/report/details/?draft=*")
    page.fill("#text", "قصير")
    go_on(page)
    expect(page.locator("#text-e")).to_contain_text("10 أحرف")
    assert len(sent) == 3
    page.click('header a[hreflang="en"]')
    page.wait_for_url("**/en/report/details/?draft=*")
    expect(page.locator("#text")).to_have_value("قصير")
    expect(page.locator("#text-e")).to_contain_text("Write at least 10 characters.")
    assert page.evaluate(FOCUSED)
    clean(page)
    assert len(sent) == 3


def test_a_secret_that_was_wrong_is_not_on_the_page_again(
    phone: Callable[..., Page], live_server: Any, people: factories.People, clean: Callable[[Page], None]
) -> None:
    report = factories.submitted_report()
    page = phone()
    sent = posts_of(page)
    page.goto(f"{live_server.url}/track/")
    page.fill("#reference", report.reference)
    page.fill("#secret", "HQ4S-B6KK-PE43")
    page.locator("main form .btn").first.click()
    expect(page.locator("#secret-e")).to_be_visible()
    assert page.evaluate(FOCUSED)
    clean(page)
    assert page.url == f"{live_server.url}/track/"
    expect(page.locator("#reference")).to_have_value(report.reference)
    expect(page.locator("#secret")).to_have_value("")
    page.reload()
    expect(page.locator("#secret-e")).to_be_visible()
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("state", "dialog", "field"),
    [("answered", "reopen", "reopen-text"), ("rejected", "appeal", "appeal-reason")],
)
def test_the_button_brings_the_form_that_was_refused(
    phone: Callable[..., Page],
    live_server: Any,
    report_in: Callable[..., Report],
    clean: Callable[[Page], None],
    state: str,
    dialog: str,
    field: str,
) -> None:
    # given a report whose form for opening it again was sent without the words it needs
    factories.ReasonFactory(
        code="not_fixed",
        used_for="reopen",
        label_ar="لم تُعالج المشكلة",
        label_en="Not fixed",
        needs_text=True,
    )
    factories.ReasonFactory(code="came_back", used_for="reopen", label_en="It came back", needs_text=False)
    report = report_in(state)
    link = links.make(report, report.sender, at=timezone.now())
    page = phone()
    page.goto(f"{live_server.url}/t/{link.rpartition('/')[2]}")
    page.locator(f'[data-dialog="{dialog}"]').click()
    if dialog == "reopen":
        page.check('#reopen input[value="not_fixed"]')
    page.locator(f"#{dialog} .btn:not(.btn--quiet)").click()
    expect(page.locator(f"#{field}-e")).to_be_visible()

    # then it comes back as the dialog before everything else, with its error, and one goes on there
    assert page.evaluate(f"document.querySelector('#{dialog}').matches(':modal')")
    assert page.evaluate(f"document.activeElement.closest('#{dialog}') !== null")
    expect(page.locator(f"#{field}-e")).to_be_in_viewport()
    clean(page)

    # and when it was left, its button brings it again (an error of the script fails this test)
    page.locator(f'[data-close="{dialog}"]').click()
    page.locator(f'[data-dialog="{dialog}"]').click()
    expect(page.locator(f"#{field}-e")).to_be_in_viewport()

    # and the English one, whose words are longer, keeps within it at twice the size
    page.goto(f"{live_server.url}/en/track/{report.reference}/")
    expect(page.locator(f"#{field}-e")).to_be_visible()
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(OUTSIDE, dialog) == [], width
    # nor is any other page wider than the narrowest phone
    for path in ("report/", "track/", "my/"):
        page.goto(f"{live_server.url}/en/{path}")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") == 320, path
