"""More than one machine, all from the environment; what is missing or insecure is named, and no start."""

import re
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from .base import *  # noqa: F403
from .base import INSTALLED_APPS, SAWT_BASE_URL, SILENCED_SYSTEM_CHECKS, STORAGES_PLAIN, env
from .databases import databases
from .logs import logging_config
from .parts import caches, email

_problems: list[str] = []


def _needed(name: str, *, form: str, good: str) -> str:
    """The variable, or '' with the problem noted. `form` is its pattern, `good` the same in words."""
    value = env.str(name, default="").strip()
    if not value:
        _problems.append(f"{name} is not set; it must be {good}")
    elif not re.fullmatch(form, value, re.DOTALL):
        _problems.append(f"{name} must be {good}")
        return ""
    return value


def _versioned_keys(name: str) -> dict[int, str]:
    good = "keys by version, each of 32 characters or more, as in 1:abc…,2:def…"
    keys: dict[int, str] = {}
    for part in filter(None, _needed(name, form=r"\d+:[^,:]+(,\d+:[^,:]+)*", good=good).split(",")):
        version, key = part.split(":")
        if len(key) < 32 or len(set(key)) < 8 or int(version) in keys:
            _problems.append(f"{name} must be {good}; version {version} is short, simple or given twice")
        keys[int(version)] = key
    return keys


def _fernet_keys(name: str) -> list[str]:
    good = "one or more keys of 32 bytes in url-safe base64, newest first, separated by commas"
    keys = [key for key in _needed(name, form=r".+", good=good).split(",") if key]
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            _problems.append(f"{name} must be {good}")
            return []
    return keys


for _name in ("DEBUG", "SAWT_DEMO"):
    if env.bool(_name, default=False):
        _problems.append(f"{_name} must not be set: it opens this installation to everybody")
DEBUG = False
# Demonstration accounts have a password that everybody knows.
SAWT_DEMO = False
SAWT_SECOND_FACTOR_REQUIRED = True

SECRET_KEY = _needed(
    "SECRET_KEY", form=r"(?!django-insecure-).{50,}", good="random, of 50 characters or more"
)
if SECRET_KEY and len(set(SECRET_KEY)) < 8:
    _problems.append("SECRET_KEY must be random, of 50 characters or more")
# What was signed with an earlier one holds: who is signed in, and the links in messages that were sent.
SECRET_KEY_FALLBACKS = [key for key in env.list("SECRET_KEY_FALLBACKS", default=[]) if key]
if any(len(key) < 50 or len(set(key)) < 8 for key in SECRET_KEY_FALLBACKS):
    _problems.append("SECRET_KEY_FALLBACKS must be earlier keys of SECRET_KEY, separated by commas")
SAWT_SECRET_KEYS = _versioned_keys("SAWT_SECRET_KEYS")
SAWT_FIELD_KEYS = _fernet_keys("SAWT_FIELD_KEYS")

_host_names = r"(\.?[A-Za-z0-9][A-Za-z0-9.-]*)(\s*,\s*\.?[A-Za-z0-9][A-Za-z0-9.-]*)*"
ALLOWED_HOSTS = [
    host.strip()
    for host in _needed(
        "ALLOWED_HOSTS", form=_host_names, good="the site's own names, separated by commas, without *"
    ).split(",")
    if host.strip()
]
_needed("SAWT_BASE_URL", form=r"https://[^/\s]+", good="the public address, https:// and the name alone")
CSRF_TRUSTED_ORIGINS = [SAWT_BASE_URL]
_public_name = urlsplit(SAWT_BASE_URL).hostname or ""
if ALLOWED_HOSTS and env.str("SAWT_BASE_URL", default="") and not validate_host(_public_name, ALLOWED_HOSTS):
    _problems.append("SAWT_BASE_URL has a name that is not among ALLOWED_HOSTS")

if _needed(
    "DATABASE_URL", form=r"(postgres|postgresql|psql)://.+", good="the address of a PostgreSQL database"
):
    DATABASES = databases(VAR / "unused")  # noqa: F405
_needed("REDIS_URL", form=r"rediss?://.+", good="the address of a Redis server")
CACHES = caches()
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
# The timetable in the database: several beats may run (each sweep takes a lease), and none needs a file.
INSTALLED_APPS = [*INSTALLED_APPS, "django_celery_beat"]
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
_needed("CELERY_BROKER_URL", form=r"(rediss?|amqps?|pyamqp)://.+", good="the address of Redis or RabbitMQ")

if _needed(
    "EMAIL_URL",
    form=r"(smtps?|smtp\+(tls|ssl)|submission|anymail)://.+",
    good="a mail server, as in smtp+tls://…, or a service, as in anymail://postmark?server_token=…",
):
    try:
        globals().update(email())
    except ValueError as _error:
        _problems.append(f"EMAIL_URL {_error}")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _needed(
    "DEFAULT_FROM_EMAIL", form=r".+@.+", good="the sender's e-mail address"
)
# A proxy on the same machine is loopback too.
SAWT_METRICS_ON_LOOPBACK = False
SAWT_SMS_GATEWAY = "cms.notifications.gateways.NoGateway"
# Or gateways are kept in the admin, and none here.
if env.str("SAWT_SMS_URL", default="").strip():
    _needed("SAWT_SMS_URL", form=r"https://.+", good="the https address of the SMS gateway")
    _needed("SAWT_SMS_TOKEN", form=r".{16,}", good="the gateway's token, of 16 characters or more")

SECURE_SSL_REDIRECT = True
# The probes of an orchestrator come over plain HTTP from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# Wagtail previews a page in a frame of the admin's own origin; the site's policy says so again, by page.
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "security.W019"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
# The proxy that ends TLS must set this header itself and drop what clients send under its name.
if env.bool("SAWT_BEHIND_PROXY", default=True):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

if not re.fullmatch(r"[0-9]{1,2}", env.str("SAWT_TRUSTED_PROXIES", default="0").strip()):
    _problems.append("SAWT_TRUSTED_PROXIES must be how many proxies of yours stand before the site, as in 1")

STORAGES = STORAGES_PLAIN | {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOGGING = logging_config(json=True, level=env.str("LOG_LEVEL", default="INFO"))

if _problems:
    raise ImproperlyConfigured(
        "This installation does not start until its environment is mended:\n"
        + "\n".join(f"  - {problem}" for problem in dict.fromkeys(_problems))
    )
