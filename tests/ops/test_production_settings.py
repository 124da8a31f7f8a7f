"""Production starts with a complete environment and no other, and names all that is wrong at once."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.core.signing import TimestampSigner

from cms.settings.parts import MAIL_SERVICES, mail_service

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
COMPLETE = {
    "SECRET_KEY": "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789",
    "SAWT_SECRET_KEYS": "1:abcdefghijklmnopqrstuvwxyz0123456789,2:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "SAWT_FIELD_KEYS": Fernet.generate_key().decode(),
    "DATABASE_URL": "postgresql://sawt:secret@db.example/sawt",
    "REDIS_URL": "redis://cache.example/0",
    "CELERY_BROKER_URL": "amqps://sawt:secret@broker.example/sawt",
    "EMAIL_URL": "smtp+tls://sawt:secret@mail.example:587",
    "DEFAULT_FROM_EMAIL": "sawt@example.org",
    "ALLOWED_HOSTS": "sawt.example.org",
    "SAWT_BASE_URL": "https://sawt.example.org",
}
# Or the administrator keeps gateways in the admin.
GATEWAY = {"SAWT_SMS_URL": "https://sms.example/send", "SAWT_SMS_TOKEN": "abcdefghijklmnop0123"}


def load(monkeypatch: pytest.MonkeyPatch, **changes: str) -> ModuleType:
    for name in [*COMPLETE, *GATEWAY, "SECRET_KEY_FALLBACKS", "SAWT_DEMO", "DEBUG", "SAWT_TRUSTED_PROXIES"]:
        monkeypatch.delenv(name, raising=False)
    for name, value in {**COMPLETE, **changes}.items():
        monkeypatch.setenv(name, value)
    for name in list(sys.modules):
        if name.startswith("cms.settings."):
            monkeypatch.delitem(sys.modules, name)
    return importlib.import_module("cms.settings.production")


def test_what_an_earlier_key_signed_holds_after_the_key_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = COMPLETE["SECRET_KEY"]
    link = TimestampSigner(key=earlier).sign("unsubscribe")
    settings = load(monkeypatch, SECRET_KEY=earlier[::-1], SECRET_KEY_FALLBACKS=earlier)

    signer = TimestampSigner(key=settings.SECRET_KEY, fallback_keys=settings.SECRET_KEY_FALLBACKS)

    assert signer.unsign(link) == "unsubscribe"
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FALLBACKS must be earlier keys"):
        load(monkeypatch, SECRET_KEY_FALLBACKS="short")


def test_a_complete_environment_starts_with_everything_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)

    assert settings.SAWT_DEMO is False
    assert settings.DEBUG is False
    assert list(settings.SAWT_SECRET_KEYS) == [1, 2]
    assert settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
    assert settings.DATABASES["default"]["CONN_MAX_AGE"] == 0
    assert settings.SECURE_SSL_REDIRECT
    assert settings.SESSION_COOKIE_SECURE
    assert settings.CSRF_COOKIE_SECURE
    assert settings.EMAIL_HOST == "mail.example"
    assert settings.EMAIL_USE_TLS is True
    assert settings.SAWT_SMS_URL == ""
    assert settings.SAWT_SMS_GATEWAY == "cms.notifications.gateways.NoGateway"
    assert "Manifest" in settings.STORAGES["staticfiles"]["BACKEND"]


def test_an_empty_environment_names_every_variable_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        load(monkeypatch, **dict.fromkeys(COMPLETE, ""))

    assert [name for name in COMPLETE if f"- {name} is not set" not in str(refusal.value)] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY", "django-insecure-" + "abcdefghijklmnopqrstuvwxyz0123456789" * 2),
        ("SAWT_SECRET_KEYS", "abcdefghijklmnopqrstuvwxyz0123456789"),
        ("SAWT_SECRET_KEYS", "1:short"),
        ("SAWT_SECRET_KEYS", "1:abcdefghijklmnopqrstuvwxyz0123456789,1:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
        ("SAWT_FIELD_KEYS", "not-a-key"),
        ("DATABASE_URL", "sqlite:////var/lib/sawt.sqlite3"),
        ("REDIS_URL", "locmem://"),
        ("CELERY_BROKER_URL", "memory://"),
        ("EMAIL_URL", "consolemail://"),
        ("EMAIL_URL", "anymail://pigeons?api_key=abcdefghijklmnop0123"),
        ("EMAIL_URL", "anymail://mailgun?sender_domain=mg.example.org"),
        ("EMAIL_URL", "anymail://mailgun?api_key=abcdefghijklmnop0123"),
        ("EMAIL_URL", "anymail://postmark?server_token=short"),
        ("EMAIL_URL", "anymail://postal?api_key=abcdefghijklmnop0123&api_url=http://postal.example"),
        ("EMAIL_URL", "anymail://postmark?server_token=abcdefghijklmnop0123&sever=1"),
        ("DEFAULT_FROM_EMAIL", "nobody"),
        ("SAWT_SMS_URL", "http://sms.example/send"),
        ("SAWT_SMS_TOKEN", "short"),
        ("ALLOWED_HOSTS", "*"),
        ("SAWT_BASE_URL", "http://sawt.example.org"),
        ("SAWT_BASE_URL", "https://elsewhere.example.org"),
        ("SAWT_TRUSTED_PROXIES", "-1"),
        ("SAWT_TRUSTED_PROXIES", "yes"),
        ("SAWT_DEMO", "true"),
        ("DEBUG", "true"),
    ],
)
def test_an_insecure_value_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        load(monkeypatch, **{**GATEWAY, name: value})

    assert f"- {name}" in str(refusal.value)
    assert "abcdefghijklmnop0123" not in str(refusal.value)
    if "KEY" in name:
        assert value not in str(refusal.value)


def test_mail_goes_by_a_service_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "anymail://mailgun?api_key=abcdefghijklmnop%2B123&sender_domain=mg.example.org"
    settings = load(monkeypatch, EMAIL_URL=url)

    assert settings.EMAIL_BACKEND == "anymail.backends.mailgun.EmailBackend"
    assert settings.ANYMAIL == {
        "MAILGUN_API_KEY": "abcdefghijklmnop+123",
        "MAILGUN_SENDER_DOMAIN": "mg.example.org",
        "REQUESTS_TIMEOUT": 10,
    }


@pytest.mark.parametrize("service", MAIL_SERVICES)
def test_each_service_can_be_made_of_what_it_must_be_told(service: str, settings: Any) -> None:
    told = {"api_url": "https://mail.example", "project_id": "p", "sender_domain": "mg.example.org"}
    query = "&".join(f"{name}={told.get(name, 'abcdefghijklmnop0123')}" for name in MAIL_SERVICES[service])
    given = mail_service(f"anymail://{service}?{query}")
    settings.ANYMAIL = given["ANYMAIL"]

    assert get_connection(given["EMAIL_BACKEND"]).esp_name


def test_the_environment_of_this_run_is_left_as_it_was() -> None:
    assert os.environ.get("SECRET_KEY") != COMPLETE["SECRET_KEY"]


@pytest.mark.parametrize("start", [["manage.py", "check"], ["-c", "import cms.wsgi"]], ids=["manage", "wsgi"])
def test_a_refused_start_prints_the_list_and_no_traceback(start: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in COMPLETE}
    environment["DJANGO_SETTINGS_MODULE"] = "cms.settings.production"

    ended = subprocess.run(
        [sys.executable, *start], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )

    assert ended.returncode == 1
    assert "does not start until its environment is mended" in ended.stderr
    assert all(f"  - {name} is not set" in ended.stderr for name in COMPLETE)
    assert 'File "' not in ended.stderr
