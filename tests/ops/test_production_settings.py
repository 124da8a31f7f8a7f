"""Production starts with a complete environment and no other, and names all that is wrong at once."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

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
    for name in [*COMPLETE, *GATEWAY, "SAWT_DEMO", "DEBUG", "SAWT_TRUSTED_PROXIES"]:
        monkeypatch.delenv(name, raising=False)
    for name, value in {**COMPLETE, **changes}.items():
        monkeypatch.setenv(name, value)
    for name in list(sys.modules):
        if name.startswith("cms.settings."):
            monkeypatch.delitem(sys.modules, name)
    return importlib.import_module("cms.settings.production")


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
    if "KEY" in name:
        assert value not in str(refusal.value)


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
