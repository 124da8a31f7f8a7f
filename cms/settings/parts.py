"""Parts other than the database that one variable each swaps: cache, files, mail server."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import environ

env = environ.Env()

# Services that send mail by their HTTP API (django-anymail's), and what each must be told beside that.
MAIL_SERVICES = {
    "brevo": ["api_key"],
    "mailersend": ["api_token"],
    "mailgun": ["api_key", "sender_domain"],
    "mailjet": ["api_key", "secret_key"],
    "mailtrap": ["api_token"],
    "mandrill": ["api_key"],
    "postal": ["api_key", "api_url"],
    "postmark": ["server_token"],
    "resend": ["api_key"],
    "scaleway": ["secret_key", "project_id"],
    "sparkpost": ["api_key"],
    "unisender_go": ["api_key", "api_url"],
}
MAIL_OPTIONS = ["api_url", "message_stream", "region", "subaccount"]
SECRETS = ("api_key", "api_token", "secret_key", "server_token")


def caches() -> dict[str, dict[str, Any]]:
    """REDIS_URL, or this process's own memory."""
    if url := env.str("REDIS_URL", default=""):
        return {"default": {"BACKEND": "permissions.counters.RedisCache", "LOCATION": url}}
    return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def files(media: Path) -> dict[str, Any]:
    """The storage of attachments: S3_URL (s3://key:secret@host/bucket?region=…), or a folder that no address
    leads into.
    """
    url = env.str("S3_URL", default="")
    if not url:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": media / "attachments", "base_url": None, "file_permissions_mode": 0o600},
        }
    given = urlsplit(url)
    asked = parse_qs(given.query)
    host = given.hostname or ""
    port = f":{given.port}" if given.port else ""
    scheme = "http" if asked.get("tls") == ["0"] else "https"
    return {
        "BACKEND": "cms.reports.files.bucket.Bucket",
        "OPTIONS": {
            "bucket_name": given.path.strip("/").partition("/")[0],
            "location": given.path.strip("/").partition("/")[2],
            "endpoint_url": f"{scheme}://{host}{port}",
            "access_key": unquote(given.username or ""),
            "secret_key": unquote(given.password or ""),
            "region_name": asked.get("region", [None])[0],
            "default_acl": None,
            "file_overwrite": True,
        },
    }


def email() -> dict[str, Any]:
    """Django's EMAIL_* settings from EMAIL_URL: a mail server, a service's API, or the screen."""
    url = env.str("EMAIL_URL", default="").strip()
    if not url:
        return {"EMAIL_BACKEND": "cms.notifications.gateways.ScreenEmailBackend"}
    if url.startswith("anymail://"):
        return mail_service(url)
    given = dict(env.email_url("EMAIL_URL"))
    return {
        **{name: value for name, value in given.items() if name.startswith("EMAIL_")},
        "EMAIL_TIMEOUT": 10,
    }


def mail_service(url: str) -> dict[str, Any]:
    """anymail://service?api_key=…: raises ValueError that says what is wrong, and none of the values."""
    asked = urlsplit(url)
    service = asked.netloc
    given = {name: values[-1].strip() for name, values in parse_qs(asked.query).items()}
    if service not in MAIL_SERVICES:
        raise ValueError("must name one of the services " + ", ".join(MAIL_SERVICES))
    if missing := [name for name in MAIL_SERVICES[service] if not given.get(name)]:
        raise ValueError(f"must have {', '.join(missing)} for {service}")
    if unknown := sorted(set(given) - {*MAIL_SERVICES[service], *MAIL_OPTIONS}):
        raise ValueError(f"has what {service} does not know: {', '.join(unknown)}")
    if short := [name for name in SECRETS if len(given.get(name, "x" * 16)) < 16]:
        raise ValueError(f"must have a {short[0]} of 16 characters or more")
    if not given.get("api_url", "https://").startswith("https://"):
        raise ValueError("must have an api_url that begins with https://")
    if find_spec("anymail") is None:
        raise ValueError("needs production's packages: script/bootstrap --for production")
    return {
        "EMAIL_BACKEND": f"anymail.backends.{service}.EmailBackend",
        "ANYMAIL": {
            **{f"{service}_{name}".upper(): value for name, value in given.items()},
            "REQUESTS_TIMEOUT": 10,
        },
    }
