"""One report's page beside others: who reads it, what is near by, a call, the print; clean in every look."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cms.desk.models import Mention
from cms.outbox import lines
from cms.reports.models import Report
from search.scope import LINE
from tests import factories

from .looks import DESKTOP, LOOKS, speaks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.looks
@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_the_page_of_a_report_is_clean_with_all_of_it(
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
    report, _near = report_in("assigned"), factories.submitted_report()
    address = f"{live_server.url}/admin/queue/{report.public_id}/"
    other = phone(size=DESKTOP)
    signed_in(other, people.coordinator3)
    with other.expect_response("**/presence/"):
        other.goto(address)
    page = phone(theme=theme, size={"width": width, "height": 900})
    signed_in(page, people.coordinator)
    page.goto(address)
    shown = "name_en" if language == "en" else "name_ar"
    expect(page.locator("[data-presence]")).to_contain_text(getattr(people.coordinator3, shown))
    expect(page.locator(".near li")).to_have_count(1)
    clean(page)
    page.locator("#note-text").press_sequentially("سألت المقاول @")
    expect(page.locator("[data-mention-dialog]")).to_be_visible()
    expect(page.locator("[data-mention-dialog] textarea")).to_have_value("سألت المقاول ")
    clean(page)
    page.locator(f'[data-mention-dialog] [value="{people.specialist.pk}"]').check()
    page.locator("[data-mention-dialog] .primary").click()
    expect(page.locator("#m4 ~ *, .chat").last).to_contain_text(f"@{getattr(people.specialist, shown)}")
    assert Mention.objects.get().person == people.specialist
    page.goto(f"{address}print/")
    clean(page)
    page.goto(f"{address}mention/")
    clean(page)
    # Who sees it, and what one of them sees.
    speaks(people.supervisor, language)
    signed_in(page, people.supervisor)
    page.goto(f"{address}who/")
    clean(page)
    page.locator(f'a[href*="person={people.coordinator3.username}&"]').click()
    expect(page.locator("h3")).to_have_count(2)
    page.locator("details summary").first.click()
    clean(page)


def test_who_is_called_reads_it_from_home_and_the_other_reader_leaves(
    phone: Callable[..., Page],
    live_server: Any,
    people: factories.People,
    signed_in: Callable[..., None],
    clean: Callable[[Page], None],
    report_in: Callable[..., Report],
) -> None:
    from cms.desk.report.mentions import note_and_call
    from cms.reports.actors import StaffActor

    report = report_in("assigned")
    note_and_call(report, "@ تعال", [people.specialist.pk], actor=StaffActor(people.coordinator))
    page = phone()
    signed_in(page, people.specialist)
    page.goto(f"{live_server.url}/admin/")
    clean(page)
    with page.expect_response("**/presence/"):
        page.get_by_text(f"ناداك {people.coordinator.name}").click()
    assert Mention.objects.get().seen_at is not None

    coordinator = phone(size=DESKTOP)
    signed_in(coordinator, people.coordinator)
    coordinator.goto(f"{live_server.url}/admin/queue/{report.public_id}/")
    expect(coordinator.locator("[data-presence]")).to_contain_text(people.specialist.name)
    page.goto(f"{live_server.url}/admin/")
    # The farewell is on its way while the next page loads already.
    coordinator.wait_for_function(
        """() => {
          document.querySelector('[data-report]').dispatchEvent(new Event('sawt:presence'));
          return document.querySelector('[data-presence]').textContent === '';
        }""",
        polling=500,
    )


def test_a_likely_duplicate_stands_in_one_card(
    page_of: Callable[..., Page], people: factories.People, catalogue: factories.SmallCatalogue
) -> None:
    report = factories.submitted_report(text="عمود الإنارة أمام المسجد مطفأ")
    same = factories.submitted_report(text="عمود الإنارة أمام المسجد مطفأ منذ أسبوع")
    other = factories.submitted_report(text="سلك مكشوف قرب باب المدرسة")
    lines.run(LINE)
    page = page_of(people.coordinator, f"/admin/queue/{report.public_id}/", size=DESKTOP)
    expect(page.locator("[data-alike] .ref")).to_have_text([same.reference])
    expect(page.locator("[data-near] .ref")).to_have_text([other.reference])
