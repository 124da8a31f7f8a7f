"""What Wagtail brings along: one's own account can be saved, and editors' screens are the editors'."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.urls import get_resolver, reverse
from wagtail.users.models import UserProfile

from permissions.models import User
from tests import factories

pytestmark = pytest.mark.django_db

OF_EDITORS = [
    "/admin/choose-page/",
    "/admin/choose-page/search/?q=a",
    "/admin/choose-external-link/",
    "/admin/images/chooser/",
    "/admin/images/chooser/results/",
    "/admin/documents/chooser/",
    "/admin/documents/chooser/results/",
    "/admin/reports/site-history/",
    "/admin/reports/site-history/results/",
    "/admin/api/main/pages/",
    "/admin/api/main/images/",
    "/admin/api/main/documents/",
    "/admin/tag-autocomplete/?term=a",
    "/admin/pages/",
    "/admin/pages/search/?q=a",
]


@pytest.mark.parametrize("login", ["coordinator", "specialist", "supervisor", "auditor", "agent", "admin"])
def test_who_edits_no_page_opens_no_screen_of_editors_by_its_address(client_of, people, login):
    client = client_of(getattr(people, login))
    for address in OF_EDITORS:
        response = client.get(address)
        assert response.status_code == 302, address
        assert response["Location"] == "/admin/", address
        assert client.get(address, headers={"X-Requested-With": "XMLHttpRequest"}).status_code == 403, address
        assert client.post(address).status_code == 302, address


def test_an_editor_opens_them(client_of, people):
    # Wagtail makes it, with permissions on every page.
    group = Group.objects.get(name="Editors")
    people.editor.groups.add(group)
    client = client_of(User.objects.get(pk=people.editor.pk))
    for address in ("/admin/choose-page/", "/admin/images/chooser/", "/admin/reports/site-history/"):
        assert client.get(address).status_code == 200, address


def test_who_is_not_signed_in_is_sent_to_the_door(client, db):
    for address in OF_EDITORS:
        assert client.get(address)["Location"].startswith("/admin/login/"), address


def test_an_unknown_address_is_unknown(client_of, people):
    response = client_of(people.coordinator).get("/admin/no-such-screen/")
    assert response.status_code == 404
    assert "الذهاب إلى صوت المواطن" in response.content.decode()
    assert "إدارة Wagtail" not in response.content.decode()


def test_every_name_that_is_left_open_exists():
    from cms.desk.front_door import OPEN_NAMES

    # `reverse` knows names; a renamed one would silently close what is everybody's.
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert names >= OPEN_NAMES


def account_form(client):
    """What a browser would send: every field of the page as it stands."""
    data = {}
    for panels in client.get(reverse("wagtailadmin_account")).context["panels_by_tab"].values():
        for panel in panels:
            form = panel.get_form()
            for bound in form:
                value = bound.value()
                if not bound.field.disabled and value is True:
                    data[bound.html_name] = "on"
                elif not bound.field.disabled and value not in (None, False, ""):
                    data[bound.html_name] = value
    return data


def test_one_switches_ones_language_as_the_account_is_shipped(client_of, people):
    """A person of the demonstration: a name in two languages, and no last name."""
    assert not people.coordinator.last_name
    client = client_of(people.coordinator)
    data = account_form(client)
    response = client.post(
        reverse("wagtailadmin_account"), {**data, "locale-preferred_language": "en", "theme-theme": "dark"}
    )
    assert response.status_code == 302
    profile = UserProfile.objects.get(user=people.coordinator)
    assert (profile.preferred_language, profile.theme) == ("en", "dark")
    assert 'lang="en" dir="ltr"' in client.get("/admin/account/").content.decode()


def test_one_changes_ones_password_and_address_and_not_ones_name(client_of, people):
    client = client_of(people.coordinator)
    response = client.post(
        reverse("wagtailadmin_account"),
        {
            **account_form(client),
            "name_email-email": "new@example.org",
            "name_email-name_ar": "الأمير",
            "password-old_password": factories.PASSWORD,
            "password-new_password1": "a-long-and-rare-phrase",
            "password-new_password2": "a-long-and-rare-phrase",
        },
    )
    assert response.status_code == 302
    user = User.objects.get(pk=people.coordinator.pk)
    assert user.check_password("a-long-and-rare-phrase")
    assert user.email == "new@example.org"
    assert user.name_ar == people.coordinator.name_ar


def test_only_a_new_password_ends_the_other_sessions(client_of, people):
    here, there = client_of(people.coordinator), client_of(people.coordinator)
    address = reverse("wagtailadmin_account")
    key = here.session.session_key
    for change in ({}, {"locale-preferred_language": "en"}, {"theme-theme": "dark"}):
        assert here.post(address, {**account_form(here), **change}).status_code == 302
        assert here.session.session_key == key
        assert there.get(address).status_code == 200
    here.post(
        address,
        {
            **account_form(here),
            "password-old_password": factories.PASSWORD,
            "password-new_password1": "a-long-and-rare-phrase",
            "password-new_password2": "a-long-and-rare-phrase",
        },
    )
    assert here.session.session_key != key
    assert here.get(address).status_code == 200
    assert there.get(address).status_code == 302
    listed = UserSession.objects.filter(user=people.coordinator).values_list("session_key", flat=True)
    assert here.session.session_key in listed
    assert not Session.objects.filter(session_key=key).exists()
