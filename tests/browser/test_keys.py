"""The letters of the queue and the report act where what they stand for is offered; `?` lists just these."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from cms.desk.models import SavedView
from cms.desk.report.specs import SPECS
from cms.reports.models import Report
from tests import factories

from .looks import DESKTOP

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Keys that move about, tick or find: they mean the same in the queue and in a report.
MOVING = {"KeyJ", "KeyK", "KeyG", "KeyX"}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SENT = """code => !document.body.dispatchEvent(
  new KeyboardEvent("keydown", {code, key: "ء", bubbles: true, cancelable: true}))"""


def listed(page: Page) -> set[str]:
    """The letters that the dialog of keys shows now."""
    page.keyboard.press("?")
    expect(page.locator("dialog[data-help]")).to_be_visible()
    shown = set(page.locator("dialog[data-help] dt kbd:visible").all_inner_texts())
    page.keyboard.press("Escape")
    expect(page.locator("dialog[data-help]")).to_be_hidden()
    return {one for one in shown if one in LETTERS}


def test_a_key_of_an_action_means_nothing_else() -> None:
    assert not {spec.key for spec in SPECS.values()} & MOVING
    # The find key of the queue opens nothing in a report.
    assert "KeyF" not in {spec.key for spec in SPECS.values()}


def test_in_a_report_just_the_letters_of_what_is_offered_act(
    page_of: Callable[..., Page],
    people: factories.People,
    report_in: Callable[..., Report],
) -> None:
    report = report_in("in_progress")
    page = page_of(people.coordinator, f"/admin/queue/{report.public_id}/", size=DESKTOP)
    offered = {
        str(key).removeprefix("Key")
        for key in page.locator("details[data-key]").evaluate_all("all => all.map(one => one.dataset.key)")
    }
    assert {"R", "T"} <= offered
    assert not {"S", "O"} & offered
    # A page of its own, not one of a list: nothing comes before or after it.
    assert listed(page) == offered | {"N", "G"}
    taken = {letter for letter in LETTERS if letter != "G" and page.evaluate(SENT, f"Key{letter}")}
    assert taken == offered | {"N"}
    expect(page.locator("[data-said]")).to_be_empty()


def test_in_the_queue_just_the_letters_of_what_is_possible_are_listed(
    page_of: Callable[..., Page],
    people: factories.People,
    report_in: Callable[..., Report],
) -> None:
    report_in("answered")
    page = page_of(people.coordinator, "/admin/queue/?view=all", size=DESKTOP)
    # given a report that nobody assigns, returns or answers any more
    assert listed(page) == {"J", "K", "X", "N", "F"}
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile(r"/queue/\?view=all$"))
    page.keyboard.press("a")
    expect(page.locator("dialog[data-bulk-dialog]")).to_be_hidden()
    expect(page.locator("[data-bulk-said]")).not_to_be_empty()
    # when one that is to be answered stands in the list instead
    working = report_in("in_progress")
    page.locator('[data-tab="open"]').click()
    expect(page.locator(f'[data-reference="{working.reference}"]')).to_be_visible()
    # then the reply's letter is listed, and leads to it
    assert {"A", "R", "T", "N"} <= listed(page)
    page.keyboard.press("r")
    page.wait_for_url("**/#key-KeyR")


def test_who_acts_on_nothing_has_no_letters_of_actions(
    page_of: Callable[..., Page],
    people: factories.People,
    report_in: Callable[..., Report],
) -> None:
    report_in("in_progress")
    page = page_of(people.auditor, "/admin/queue/?view=all", size=DESKTOP)
    assert listed(page) == {"J", "K", "F"}
    assert not any(page.evaluate(SENT, f"Key{letter}") for letter in "ADNRTX")


def test_on_a_phone_all_of_the_bar_and_of_a_long_name_is_in_sight(
    page_of: Callable[..., Page],
    people: factories.People,
    report_in: Callable[..., Report],
) -> None:
    # given a report and a saved view whose name is longer than the screen
    report_in("in_progress")
    name = "الإنارة المتأخرة في الأحياء الشمالية من بريدة وما حولها"
    view = SavedView.objects.create(person=people.coordinator, name=name, query="view=all")
    page = page_of(people.coordinator, f"/admin/queue/?view=all&saved={view.pk}", touch=True)
    # when a report is ticked
    page.locator("tbody .c-check input").first.check()
    # then the name is whole, and so is each button that can be used: nothing has to be pushed sideways
    expect(page.locator(".views [aria-current] bdi")).to_be_in_viewport(ratio=0.99)
    box = page.locator(".views [aria-current]").bounding_box()
    assert box
    assert box["width"] > 120
    assert box["height"] < 120
    bar = page.locator("[data-bulk]")
    assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth")
    for button in ('[data-action="note"]', "[data-bulk-clear]"):
        expect(bar.locator(button)).to_be_in_viewport(ratio=0.99)
    expect(bar.locator("button:disabled").first).to_be_hidden()
