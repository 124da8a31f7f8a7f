"""Files in the browser: sent as they are chosen, listed, taken away, and asked where they were taken."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from cms.reports import links
from cms.reports.models import Attachment
from tests import factories
from tests.factories import photo
from tests.factories.files import pdf

from .conftest import choose_place
from .test_refused import go_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def chosen(tmp_path: Path, settings: Any) -> Callable[..., str]:
    """`chosen("a.jpg", content)`: a file on this device."""
    settings.STORAGES = settings.STORAGES | {
        "attachments": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "stored", "base_url": None},
        }
    }

    def made(name: str, content: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return made


@pytest.mark.parametrize(("language", "theme"), [("", "light"), ("/en", "dark")])
def test_files_are_sent_as_they_are_chosen(
    phone: Callable[..., Page],
    clean: Callable[[Page], None],
    live_server: Any,
    people: factories.People,
    chosen: Callable[..., str],
    language: str,
    theme: str,
) -> None:
    page = phone(theme=theme)
    page.goto(f"{live_server.url}{language}/report/?service=lamp")
    page.set_input_files("#files", chosen("street.jpg", photo(gps=True)))
    expect(page.locator(".files li img")).to_have_count(1)
    clean(page)
    go_on(page)
    page.wait_for_url("**/report/where/?draft=*")
    page.click("button[value=photo_point]")
    expect(page.locator("#latitude")).to_have_value(re.compile(r"^26\.35"))
    clean(page)
    choose_place(page, "town.safra")
    go_on(page)
    page.wait_for_url("**/report/details/?draft=*")

    page.set_input_files("#files", [chosen("x.svg", b"<svg/>"), chosen("paper.pdf", pdf())])
    expect(page.locator(".files li")).to_have_count(2)
    # What was wrong with the first stays to be read when the second has arrived.
    expect(page.locator("[data-files] .error").first).to_contain_text("x.svg")
    clean(page)
    page.locator("[data-remove]").first.click()
    expect(page.locator(".files li")).to_have_count(1)
    page.wait_for_load_state("networkidle")

    assert list(Attachment.objects.values_list("name", flat=True)) == ["paper.pdf"]

    # On the report's own page they go with the message; what was chosen is named, in no browser's words.
    report = factories.submitted_report()
    link = links.make(report, report.sender, at=timezone.now())
    page.goto(f"{live_server.url}/t/{link.rpartition('/')[2]}")
    page.set_input_files("#write-files", [chosen("street.jpg", photo()), chosen("paper.pdf", pdf())])
    expect(page.locator("#write-files-chosen .chosen")).to_have_text(["street.jpg", "paper.pdf"])
    clean(page)
