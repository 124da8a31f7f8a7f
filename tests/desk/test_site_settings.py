"""What editors set for the whole site is configuration: the audit trail says who changed what from what."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import Site
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.content.demo_pages import let_editors_edit
from cms.content.models import HomePage, MenuSettings, TenantSettings
from permissions.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(people: factories.People) -> Client:
    client = Client()
    let_editors_edit(HomePage.objects.none())
    people.editor.groups.add(Group.objects.get(name="Editors"))
    client.force_login(people.editor, backend="django.contrib.auth.backends.ModelBackend")
    return client


def link(label: str, part: str = "portal:submit") -> tuple[str, dict[str, str]]:
    fields = {"label_ar": label, "label_en": f"{label} (en)", "page": "", "part": part, "url": ""}
    return "link", fields


def menus(*links: tuple[str, dict[str, str]]) -> dict[str, str]:
    data: dict[str, str] = nested_form_data({"header": streamfield(links), "footer": streamfield([])})
    return data


def trail() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(code="configuration_changed").order_by("pk"))


def address(model: type) -> str:
    return reverse("edit_setting", args=["content", model._meta.model_name, Site.objects.get().pk])  # type: ignore[attr-defined]


def test_the_screen_is_wagtails_at_wagtails_address(editor: Client) -> None:
    assert address(MenuSettings) == reverse(
        "wagtailsettings:edit", args=["content", "menusettings", Site.objects.get().pk]
    )
    assert editor.get(address(MenuSettings)).status_code == 200


def test_a_changed_menu_stands_in_the_trail_with_before_and_after(editor: Client, people, client_of) -> None:
    # given a menu of two entries
    assert (
        editor.post(address(MenuSettings), menus(link("أرسل"), link("تابع", "portal:track"))).status_code
        == 302
    )
    # when the editor renames one
    editor.post(address(MenuSettings), menus(link("أرسل بلاغًا"), link("تابع", "portal:track")))
    # then the trail tells what that entry was and is
    event = trail()[-1]
    assert (event.code, event.actor, event.client) == ("configuration_changed", people.editor, "127.0.0.1")
    assert event.data["changes"] == {
        "header": ["أرسل · أرسل (en) · portal:submit", "أرسل بلاغًا · أرسل بلاغًا (en) · portal:submit"]
    }
    # and the auditor reads it in words
    body = client_of(people.auditor).get(reverse("audit:index")).content.decode()
    assert "القوائم: <bdi>القوائم</bdi>" in body
    old, new = "أرسل · أرسل (en) · portal:submit", "أرسل بلاغًا · أرسل بلاغًا (en) · portal:submit"
    assert f"<bdi>{new}</bdi> ⇐ <bdi>{old}</bdi>" in body


def test_entries_that_change_places_are_told_in_full(editor: Client) -> None:
    first, second = link("أول"), link("ثان")
    editor.post(address(MenuSettings), menus(first, second))
    editor.post(address(MenuSettings), menus(second, first))
    before, after = trail()[-1].data["changes"]["header"]
    assert before.split(" | ") == after.split(" | ")[::-1]


def test_a_changed_name_stands_in_the_trail(editor: Client) -> None:
    data = {
        "stamp": "demonstration",
        "name_ar": "صوت المنطقة",
        "name_en": "Voice of the Citizen",
        **nested_form_data({"social": streamfield([])}),
    }
    assert editor.post(address(TenantSettings), data).status_code == 302
    assert trail()[-1].data["changes"] == {"name_ar": ["صوت المواطن", "صوت المنطقة"]}


@pytest.mark.parametrize("who", ["coordinator", "admin", "auditor"])
def test_who_may_not_change_it_changes_nothing_and_leaves_no_trace(client_of, people, who: str) -> None:
    answer = client_of(getattr(people, who)).post(address(MenuSettings), menus(link("أرسل")))
    assert answer.status_code in (302, 403)
    assert not MenuSettings.objects.exists()
    assert trail() == []
