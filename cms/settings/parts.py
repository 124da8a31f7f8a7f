"""Parts other than the database that one variable each swaps: the cache, the mail server, the SMS gateway."""

from typing import Any

import environ

env = environ.Env()


def caches() -> dict[str, dict[str, Any]]:
    """REDIS_URL, or this process's own memory."""
    if url := env.str("REDIS_URL", default=""):
        return {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}}
    return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def email() -> dict[str, Any]:
    """Django's EMAIL_* settings from EMAIL_URL, or the screen."""
    if not env.str("EMAIL_URL", default=""):
        return {"EMAIL_BACKEND": "cms.notifications.gateways.ScreenEmailBackend"}
    given = dict(env.email_url("EMAIL_URL"))
    return {
        **{name: value for name, value in given.items() if name.startswith("EMAIL_")},
        "EMAIL_TIMEOUT": 10,
    }


def sms_gateway() -> str:
    """The class that sends: over HTTP where SAWT_SMS_URL says where to, else to the screen."""
    kind = "HttpGateway" if env.str("SAWT_SMS_URL", default="") else "ScreenGateway"
    return f"cms.notifications.gateways.{kind}"
