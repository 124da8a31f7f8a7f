"""What stands around every page: language, theme, security headers, errors."""

import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.urls import reverse
from django.utils import translation

from cms import security
from cms.language import by_header
from permissions.models import User


@pytest.fixture
def broken_database() -> Iterator[None]:
    """Every statement fails, as when the server is gone."""
    with mock.patch.object(BaseDatabaseWrapper, "cursor", side_effect=OperationalError("gone")):
        yield


def test_policy_has_no_unsafe_scripts_anywhere() -> None:
    site, admin = security.site_policy(), security.admin_policy()
    assert site["script-src"] == admin["script-src"] == ["'self'"]
    assert "unsafe" not in security.as_header(site)


@pytest.mark.django_db
def test_every_answer_carries_the_policy(client: Client, pages: Any) -> None:
    for address in ("/", "/en/", "/nowhere/", "/healthz", "/admin/login/"):
        response = client.get(address)
        assert "script-src 'self';" in response["Content-Security-Policy"], address
        assert response["Permissions-Policy"].startswith("geolocation=(self)"), address
        assert response["X-Content-Type-Options"] == "nosniff", address


@pytest.mark.django_db
def test_no_page_needs_what_the_policy_refuses(client: Client, pages: Any) -> None:
    for address in ("/", "/en/", "/faq/", "/services/", "/nowhere/", "/search/?q=x"):
        html = client.get(address).content.decode()
        assert "<style" not in html, address
        assert " style=" not in html, address
        assert "<script>" not in html, address
        assert " onclick=" not in html, address


@pytest.mark.django_db
def test_the_site_is_arabic_whatever_the_browser_asks(client: Client, pages: Any) -> None:
    response = client.get("/", headers={"accept-language": "en"})
    assert b'<html lang="ar"' in response.content
    assert response["Content-Language"] == "ar"
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("ar-SA", "ar"),
        ("fr, en;q=0.3", "en"),
        ("fr", "ar"),
        ("", "ar"),
        ("\x00", "ar"),
    ],
)
def test_the_api_answers_in_the_header_s_language(asked: str, given: str, rf: Any) -> None:
    assert by_header(rf.post("/graphql", headers={"accept-language": asked})) == given


@pytest.mark.django_db
def test_the_admin_speaks_the_user_s_language(client: Client, pages: Any, people: Any) -> None:
    client.force_login(people.supervisor, backend="django.contrib.auth.backends.ModelBackend")
    assert b'dir="rtl"' in client.get("/admin/").content
    from wagtail.users.models import UserProfile

    profile = UserProfile.get_for_user(User.objects.get(pk=people.supervisor.pk))
    profile.preferred_language = "en"
    profile.save()
    assert b'dir="ltr"' in client.get("/admin/").content


@pytest.mark.django_db
def test_theme_is_kept_in_a_cookie_and_written_by_the_server(client: Client, pages: Any) -> None:
    response = client.post("/en/theme/", {"theme": "dark", "next": "/en/faq/?a=1"})
    assert (response.status_code, response.url) == (302, "/en/faq/?a=1")
    assert b'data-theme="dark"' in client.get("/en/faq/").content


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example/x", "javascript:alert(1)"]
)
def test_theme_sends_nobody_elsewhere(client: Client, target: str) -> None:
    response = client.post(reverse("content:theme"), {"theme": "blue", "next": target})
    assert response.url == "/"
    assert client.post("/en/theme/", {"next": target}).url == "/en/"
    assert "theme" not in response.cookies


@pytest.mark.parametrize(
    ("method", "address", "allowed", "words"),
    [
        ("get", "/theme/", "POST", "لا يُستعمل هذا العنوان هكذا"),
        ("post", "/en/track/QS-26-7K4MQ2P-0/", "GET, HEAD", "This address cannot be used like that"),
        ("get", "/en/track/QS-26-7K4MQ2P-0/accept/", "POST", "This address cannot be used like that"),
    ],
)
def test_an_address_used_the_wrong_way_is_a_page_too(
    client: Client, method: str, address: str, allowed: str, words: str
) -> None:
    response = getattr(client, method)(address)
    assert (response.status_code, response["Allow"]) == (405, allowed)
    assert f"<h1>{words}</h1>" in response.content.decode()
    program = getattr(client, method)(address, headers={"Accept": "application/json"})
    assert (program.status_code, program.content) == (405, b"")


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "words"), [("/nowhere/", "غير موجودة"), ("/en/nowhere/", "is not here")])
def test_not_found_speaks_the_address_s_language(
    client: Client, pages: Any, address: str, words: str
) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert words in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words", "home"), [("ar", "غير موجودة", "/"), ("en", "is not here", "/en/")]
)
def test_not_found_is_a_whole_page_where_files_and_the_api_live(
    client: Client, pages: Any, language: str, words: str, home: str
) -> None:
    from cms.content.models import TenantSettings

    name = TenantSettings.objects.get().as_shown(language)["name"]
    assert name
    for address in ("/api/x", "/static/x", "/media/x.jpg", "/graphql/x", "/documents/9/x.pdf", "/files/x"):
        response = client.get(address, headers={"accept-language": language}, follow=True)
        html = response.content.decode()
        assert (response.status_code, response["Content-Language"]) == (404, language), address
        assert f'<html lang="{language}"' in html, address
        assert re.search(rf"<title>[^<]*{words} – {re.escape(name)}</title>", html), address
        assert f'<a href="{home}">' in html, address
        # The banner of the demonstration, and no link that leads nowhere.
        assert 'class="stamp' in html, address
        assert 'href=""' not in html, address
        assert "Accept-Language" in response["Vary"], address


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/", "حدث خلل عندنا"),
        ("/en/", "went wrong on our side"),
        # Nor can it be known then that a page is not here.
        ("/nowhere/", "حدث خلل عندنا"),
        ("/en/nowhere/", "went wrong on our side"),
        ("/static/nowhere.css", "حدث خلل عندنا"),
    ],
)
def test_error_page_needs_no_database(broken_database: None, address: str, words: str) -> None:
    client = Client(raise_request_exception=False)
    response = client.get(address)
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    html = response.content.decode()
    assert words in html
    # As every page of a demonstration does.
    assert ("the figures are invented" if address.startswith("/en/") else "الأرقام مختلقة") in html
    assert ">503</p>" in re.sub(r"<svg.*?</svg>", "", html)
    assert f'lang="{"en" if address.startswith("/en/") else "ar"}"' in html
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_a_fault_of_ours_is_not_called_a_pause(client: Client, db: None) -> None:
    client.raise_request_exception = False
    with mock.patch("cms.content.views.find", side_effect=ValueError):
        response = client.get("/search/", {"q": "x"})
    assert (response.status_code, "Retry-After" in response) == (500, False)


def test_not_found_page_needs_no_database(broken_database: None, rf: Any) -> None:
    from django.views.defaults import page_not_found

    for language, words in (("ar", "غير موجودة"), ("en", "is not here")):
        with translation.override(language):
            response = page_not_found(rf.get("/x/"), Exception())
        assert response.status_code == 404
        assert words in response.content.decode()


@pytest.mark.django_db
def test_editors_may_edit_pages_and_see_no_report(client: Client, pages: Any) -> None:
    from django.contrib.auth.models import Group

    from cms.content.models import HomePage

    editor = User.objects.create(username="e", is_active=True)
    editor.groups.add(Group.objects.get(name="Editors"))
    client.force_login(editor, backend="django.contrib.auth.backends.ModelBackend")
    home = HomePage.objects.get(locale__language_code="ar")
    html = client.get(f"/admin/pages/{home.pk}/edit/").content.decode()
    assert 'name="headline"' in html
    assert "<script>" not in html
    assert client.get("/admin/settings/content/menusettings/", follow=True).status_code == 200
    assert client.get("/admin/settings/content/menusettings/", follow=True).redirect_chain[-1][0] != "/admin/"


@pytest.mark.django_db
def test_the_menu_marks_the_page_and_the_part_that_it_is_in(client: Client, pages: Any) -> None:
    def marked(address: str) -> list[str]:
        header = client.get(address).content.decode().split('class="nav__list"')[1].split("</ul>")[0]
        return re.findall('href="([^"]+)" aria-current="([a-z]+)"', header)

    assert marked("/track/") == [("/track/", "page")]
    assert marked("/en/services/") == [("/en/services/", "page")]
    assert marked("/en/services/street-lighting/") == [("/en/services/", "true")]
    assert marked("/nowhere/") == []
