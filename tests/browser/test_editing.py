"""An editor in a real browser: what is published stays published."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from playwright.sync_api import Page as Tab
from playwright.sync_api import Request
from wagtail.models import Page

from cms.content.demo_pages import load_pages
from cms.content.models import NewsIndexPage
from permissions.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE = {"width": 1280, "height": 1200}


def test_publishing_right_after_typing_sends_one_thing_and_stays_live(
    live_server: Any,
    catalogue: Any,
    phone: Callable[..., Tab],
    signed_in: Callable[[Tab, User], None],
) -> None:
    # given an editor who writes a new article, and pauses longer than any autosave waits
    load_pages(Path(settings.ROOT) / "cms" / "demo" / "data")
    editor = User.objects.create(username="e", is_active=True)
    editor.groups.add(Group.objects.get(name="Editors"))
    tab = phone(size=WIDE)
    signed_in(tab, editor)
    sent: list[bool] = []

    def saw(request: Request) -> None:
        if request.method == "POST" and ("/add/" in request.url or "/edit/" in request.url):
            sent.append("action-publish" in (request.post_data or ""))

    tab.on("request", saw)
    index = NewsIndexPage.objects.get(locale__language_code="ar")
    tab.goto(f"{live_server.url}/admin/pages/add/content/newspage/{index.pk}/")
    tab.fill("[name=title]", "خبر جديد")
    tab.fill("[name=introduction]", "مقدمة الخبر")
    tab.wait_for_timeout(1500)
    tab.locator("[name=introduction]").press("End")
    tab.keyboard.type(" كاملة")
    # when it is published with the last letter
    tab.locator("footer .w-dropdown button").first.click()
    tab.locator("button[name=action-publish]").first.click()
    tab.wait_for_url(f"**/admin/pages/{index.pk}/")
    # then nothing else was sent, and every letter is live
    assert sent == [True]
    page = Page.objects.get(title="خبر جديد")
    assert (page.live, page.has_unpublished_changes) == (True, False)
    assert page.specific.introduction == "مقدمة الخبر كاملة"


def test_the_translation_editor_works_without_an_error(
    live_server: Any,
    catalogue: Any,
    phone: Callable[..., Tab],
    signed_in: Callable[[Tab, User], None],
) -> None:
    # given a loaded page that has a translation; `phone` fails the test when the console says an error
    load_pages(Path(settings.ROOT) / "cms" / "demo" / "data")
    editor = User.objects.create(username="e", is_active=True)
    editor.groups.add(Group.objects.get(name="Editors"))
    tab = phone(size=WIDE)
    signed_in(tab, editor)
    english = Page.objects.get(slug="faq", locale__language_code="en")
    tab.goto(f"{live_server.url}/admin/pages/{english.pk}/edit/")
    heading = tab.locator(".js-translation-editor h3", has_text="ترجمة من العربية إلى الإنجليزية")
    heading.first.wait_for()
    assert "to الإنجليزية" not in tab.locator(".js-translation-editor").inner_text()
