"""Trying the rules and changing one: by keyboard and script, without script, and clean in every look."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cms.entities.models import RoutingRule
from tests import factories

from .looks import LOOKS, speaks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def change(page: Page, entity: Any) -> None:
    """One press, by keyboard."""
    page.select_option("#id_entity", str(entity.pk))
    page.locator("#w-editor-form footer [type=submit]").press("Enter")


def test_the_rules_are_tried_and_changed_with_and_without_script(
    live_server: Any,
    catalogue: factories.SmallCatalogue,
    people: factories.People,
    phone: Callable[..., Page],
    signed_in: Callable[..., None],
    clean: Callable[[Page], None],
) -> None:
    factories.submitted_report()
    rule = RoutingRule.objects.get(service=catalogue.lamp, place=catalogue.town)
    tester = f"{live_server.url}/admin/routing/try/"
    form = f"{live_server.url}/admin/routing/edit/{rule.pk}/"
    for language, theme, width in LOOKS:
        speaks(people.supervisor, language)
        page = phone(theme=theme, size={"width": width, "height": 900}, touch=width < 500)
        signed_in(page, people.supervisor)
        page.goto(tester)
        # The answer comes as soon as both are chosen, and its address can be sent to a colleague.
        page.select_option("#id_service", "lamp")
        page.select_option("#id_place", "town.safra")
        name = catalogue.north.name_en if language == "en" else catalogue.north.name_ar
        expect(page.locator("#goes-h")).to_contain_text(name)
        expect(page).to_have_url(f"{tester}?service=lamp&place=town.safra&about=&sender=&to=")
        expect(page.locator(".rules .won a.n")).to_have_text(str(rule.pk))
        clean(page)
        page.select_option("#id_to", "water")
        expect(page.locator("#answer [role=alert]")).to_be_visible()
        clean(page)
        page.goto(form)
        change(page, catalogue.water)
        expect(page.locator(".moved tbody tr")).to_have_count(1)
        clean(page)
        page.goto(f"{live_server.url}/admin/routing/delete/{rule.pk}/")
        expect(page.locator(".moved tbody tr")).to_have_count(1)
        clean(page)
        page.context.close()
    plain = phone(script=False)
    signed_in(plain, people.supervisor)
    plain.goto(tester)
    plain.select_option("#id_service", "leak")
    plain.select_option("#id_place", "village")
    plain.locator("form .primary").click()
    expect(plain.locator("#goes-h")).to_contain_text(catalogue.water.name_en)
    plain.goto(form)
    change(plain, catalogue.water)
    expect(plain.locator(".moved")).to_contain_text("2 cases")
    assert RoutingRule.objects.get(pk=rule.pk).entity == catalogue.north
    change(plain, catalogue.emirate)
    # Another one than was looked at.
    expect(plain.locator(".moved [role=alert]")).to_be_visible()
    plain.locator("#w-editor-form footer [type=submit]").press("Enter")
    plain.wait_for_url(f"{live_server.url}/admin/routing/")
    assert RoutingRule.objects.get(pk=rule.pk).entity == catalogue.emirate


def test_a_person_is_named_for_an_entity_and_the_grant_ended_without_script(
    live_server: Any,
    catalogue: factories.SmallCatalogue,
    people: factories.People,
    phone: Callable[..., Page],
    signed_in: Callable[..., None],
    clean: Callable[[Page], None],
) -> None:
    speaks(people.admin, "en")
    page, specialist = phone(script=False), phone(script=False)
    signed_in(page, people.admin)
    signed_in(specialist, people.specialist)
    letter = f"{live_server.url}/admin/sent/new/"
    proposed = factories.grant(people.leader, "view_confidential", catalogue.north, confirmed_at=None)
    with_script = phone()
    signed_in(with_script, people.admin)
    for door in ("", f"confirm/{proposed.pk}/"):
        with_script.goto(f"{live_server.url}/admin/grants/{door}")
        clean(with_script)
    page.goto(f"{live_server.url}/admin/grants/")
    page.locator("header a", has_text="Add").first.click()
    page.select_option("#id_user", str(people.specialist.pk))
    page.select_option("#id_permission", label="Submit on the entity's behalf")
    page.select_option("#id_content_object", str(catalogue.north.pk))
    page.fill("#id_reason", "Decision 12")
    page.locator("#w-editor-form footer [type=submit]").press("Enter")
    expect(page.locator("main table tbody tr")).to_have_count(4)
    specialist.goto(letter)
    expect(specialist.locator("[data-letter]")).to_be_visible()
    page.goto(f"{live_server.url}/admin/grants/?q=specialist")
    page.locator("main table tbody a").first.click()
    page.get_by_role("button", name="End it now").click()
    page.goto(f"{live_server.url}/admin/grants/?q=specialist")
    expect(page.locator("main table tbody tr").first).to_contain_text("Ended")
    specialist.goto(letter)
    expect(specialist.locator("[data-letter]")).to_have_count(0)
