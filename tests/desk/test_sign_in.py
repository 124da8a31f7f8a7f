"""Signing in with a password and a second factor; where it is required; recovery; sessions; a lost phone."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from wagtail.users.models import UserProfile

from permissions.models import AuditEvent, User

PASSWORD = "only-for-tests"
SIGN_IN = "/admin/login/"
FACTOR = "/admin/second-factor/"


def code_of(secret):
    """The six digits that an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(client, login="coordinator", password=PASSWORD, **more):
    return client.post(SIGN_IN, {"login": login, "password": password, **more})


def signed_in(login="coordinator"):
    client = Client()
    assert sign_in(client, login)["Location"] == "/admin/"
    return client


def set_up(client):
    """The app is set up through the screens; its secret, to make codes with, and the recovery codes."""
    asked = client.get(f"{FACTOR}totp/activate/")
    page = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    done = client.post(f"{FACTOR}totp/activate/", {"code": code_of(secret)}, follow=True)
    return secret, done.context["unused_codes"]


def opens(client):
    return client.get("/admin/queue/").status_code == 200


def test_with_a_second_factor_the_password_alone_opens_nothing(people):
    secret, _codes = set_up(signed_in())
    cache.clear()
    client = Client()
    assert sign_in(client)["Location"] == f"{FACTOR}authenticate/"
    assert not opens(client)
    wrong = client.post(f"{FACTOR}authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    assert not opens(client)
    right = client.post(f"{FACTOR}authenticate/", {"code": code_of(secret)})
    assert right["Location"] == "/admin/"
    assert opens(client)


def test_the_secret_rests_encrypted_and_the_trail_says_what_happened(
    people, django_capture_on_commit_callbacks
):
    client = signed_in()
    with django_capture_on_commit_callbacks(execute=True):
        secret, codes = set_up(client)
    kept = str(list(Authenticator.objects.filter(user=people.coordinator).values_list("data", flat=True)))
    assert secret not in kept
    assert not any(code in kept for code in codes)
    trail = list(AuditEvent.objects.filter(code__startswith="second_factor").values_list("code", flat=True))
    assert trail == ["second_factor_added", "second_factor_added"]


def test_a_recovery_code_works_once(people):
    _secret, codes = set_up(signed_in())
    for expected in (302, 200):
        client = Client()
        sign_in(client)
        assert client.post(f"{FACTOR}authenticate/", {"code": codes[0]}).status_code == expected
    assert len(codes) == 10


def test_guessing_codes_is_stopped_though_the_right_one_comes_at_last(people):
    secret, _codes = set_up(signed_in())
    cache.clear()
    client = Client()
    sign_in(client)
    for _try in range(8):
        client.post(f"{FACTOR}authenticate/", {"code": "000000"})
    client.post(f"{FACTOR}authenticate/", {"code": code_of(secret)})
    assert not opens(client)
    assert AuditEvent.objects.filter(code="second_factor_failed").count() == 8


@pytest.mark.parametrize("address", ["/admin/", "/admin/queue/", "/admin/account/", "/admin/sessions/"])
def test_where_it_is_required_nothing_opens_before_it_is_set_up(people, settings, address):
    settings.SAWT_SECOND_FACTOR_REQUIRED = True
    client = Client()
    sign_in(client)
    refused = client.get(address)
    assert (refused.status_code, refused["Location"]) == (302, FACTOR)
    assert client.get(FACTOR).status_code == 200
    set_up(client)
    assert client.get(address).status_code == 200


def test_where_it_is_required_a_session_without_it_is_nobody_on_the_site(people, settings):
    settings.SAWT_SECOND_FACTOR_REQUIRED = True
    client = signed_in("editor")
    response = client.get("/healthz")
    assert response.status_code == 200
    assert not response.wsgi_request.user.is_authenticated
    set_up(client)
    assert client.get("/healthz").wsgi_request.user.is_authenticated


def test_the_last_second_factor_stays_where_it_is_required(people, settings):
    settings.SAWT_SECOND_FACTOR_REQUIRED = True
    client = Client()
    sign_in(client)
    set_up(client)
    client.post(f"{FACTOR}totp/deactivate/")
    assert Authenticator.objects.filter(user=people.coordinator, type="totp").exists()
    settings.SAWT_SECOND_FACTOR_REQUIRED = False
    client.post(f"{FACTOR}totp/deactivate/")
    assert not Authenticator.objects.filter(user=people.coordinator).exists()


def test_an_open_session_alone_does_not_change_how_one_signs_in(people):
    client = signed_in()
    asked = client.get(f"{FACTOR}totp/activate/")
    assert asked["Location"].startswith("/admin/login/confirm/")
    wrong = client.post(asked["Location"], {"password": "wrong"})
    assert wrong.status_code == 200
    assert client.get(f"{FACTOR}totp/activate/").status_code == 302
    right = client.post(asked["Location"], {"password": PASSWORD})
    assert right["Location"] == f"{FACTOR}totp/activate/"
    assert client.get(f"{FACTOR}totp/activate/").status_code == 200


def test_the_other_sessions_end_and_this_one_stays(people):
    elsewhere, here = signed_in(), signed_in()
    page = here.get("/admin/sessions/")
    assert page.context["session_count"] == 2
    here.post("/admin/sessions/")
    assert not opens(elsewhere)
    assert opens(here)
    assert UserSession.objects.filter(user=people.coordinator).count() == 1


def test_an_administrator_takes_a_lost_second_factor_away_and_its_sessions_end(people, client_of):
    theirs = signed_in()
    set_up(theirs)
    address = reverse("people:take_second_factor", args=[people.coordinator.pk])
    admin = client_of(people.admin)
    page = admin.get(reverse("people:edit", args=[people.coordinator.pk])).content.decode()
    assert address in page
    admin.post(address)
    assert not Authenticator.objects.filter(user=people.coordinator).exists()
    assert not opens(theirs)
    event = AuditEvent.objects.get(code="second_factor_taken")
    assert (event.actor, event.subject) == (people.admin, f"user:{people.coordinator.pk}")


@pytest.mark.parametrize("login", ["coordinator2", "supervisor", "auditor", "editor"])
def test_nobody_else_takes_it_away(people, client_of, login):
    set_up(signed_in())
    address = reverse("people:take_second_factor", args=[people.coordinator.pk])
    client_of(getattr(people, login)).post(address)
    assert Authenticator.objects.filter(user=people.coordinator, type="totp").exists()


def test_nobody_takes_their_own_away_there(people, client_of):
    set_up(signed_in("admin"))
    client = client_of(people.admin)
    refused = client.post(reverse("people:take_second_factor", args=[people.admin.pk]))
    assert refused.status_code in (302, 403)
    assert Authenticator.objects.filter(user=people.admin, type="totp").exists()


def test_who_was_sent_to_sign_in_comes_back_where_they_wanted_to_go(people):
    client = Client()
    asked = client.get("/admin/queue/")
    page = client.get(asked["Location"])
    assert page.context["next"] == "/admin/queue/"
    assert sign_in(client, next=page.context["next"])["Location"] == "/admin/queue/"


def test_a_closed_account_does_not_sign_in(people):
    people.coordinator.is_active = False
    people.coordinator.save()
    client = Client()
    assert sign_in(client).status_code == 200
    assert not opens(client)


def test_a_name_that_is_guessed_at_is_locked(people, settings):
    settings.AXES_ENABLED = True
    client = Client()
    for _try in range(8):
        sign_in(client, password="wrong")
    assert not sign_in(client).has_header("Location")
    # The lock outlives the shorter window of failures in the cache.
    cache.clear()
    locked = sign_in(client)
    assert locked.status_code == 429
    assert "محاولات كثيرة" in locked.content.decode()
    assert not opens(client)


def test_nobody_signs_up_and_leads_elsewhere(people):
    client = Client()
    for address in ("/admin/signup/", "/accounts/signup/", "/admin/login/signup/"):
        assert client.get(address).status_code in (302, 404), address
    assert sign_in(client, next="https://evil.test/")["Location"] == "/admin/"


def test_who_may_not_enter_the_admin_reads_why_and_no_circle(people, catalogue):
    from permissions.models import User

    User.objects.create_user("nobody", password=PASSWORD)
    client = Client()
    response = client.post(SIGN_IN, {"login": "nobody", "password": PASSWORD}, follow=True)
    assert response.status_code == 200
    assert response.redirect_chain[-1][0].startswith(SIGN_IN)
    assert "ليس لك دور سارٍ" in response.content.decode()
    assert "<li class=" not in response.content.decode()
    assert client.post(reverse("account_logout"))["Location"] == SIGN_IN
    assert 'name="password"' in client.get(SIGN_IN).content.decode()


def test_who_signs_in_is_greeted_by_name(people):
    page = Client().post(SIGN_IN, {"login": "coordinator", "password": PASSWORD}, follow=True)
    said = [str(message) for message in page.context["messages"]]
    assert [people.coordinator.name in sentence for sentence in said] == [True]
    assert "coordinator" not in said[0]


def test_the_sign_in_page_speaks_the_language_that_was_chosen_and_the_desk_after_it(people):
    client = Client()
    assert 'href="?language=en"' in client.get(SIGN_IN).content.decode()
    english = client.get(SIGN_IN, {"language": "en", "next": "/admin/queue/"})
    assert 'lang="en"' in english.content.decode()
    assert 'href="?language=ar&amp;next=%2Fadmin%2Fqueue%2F"' in english.content.decode()
    assert 'lang="en"' in client.get(SIGN_IN).content.decode()
    sign_in(client)
    assert 'lang="en"' in client.get("/admin/queue/").content.decode()


def test_what_someone_always_wants_comes_before_the_switch_and_an_unknown_language_is_arabic(people):
    UserProfile.get_for_user(User.objects.get(username="coordinator")).save()
    UserProfile.objects.filter(user__username="coordinator").update(preferred_language="ar")
    client = Client()
    assert 'lang="ar"' in client.get(SIGN_IN, {"language": "xx"}).content.decode()
    client.get(SIGN_IN, {"language": "en"})
    sign_in(client)
    assert 'lang="ar"' in client.get("/admin/queue/").content.decode()
