"""Parts other than the database that one variable each swaps: cache, files, mail server."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import environ

env = environ.Env()


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
    """Django's EMAIL_* settings from EMAIL_URL, or the screen."""
    if not env.str("EMAIL_URL", default=""):
        return {"EMAIL_BACKEND": "cms.notifications.gateways.ScreenEmailBackend"}
    given = dict(env.email_url("EMAIL_URL"))
    return {
        **{name: value for name, value in given.items() if name.startswith("EMAIL_")},
        "EMAIL_TIMEOUT": 10,
    }
