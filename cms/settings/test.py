"""For the tests: the embedded parts, with any of them swapped by its variable; no keys on disk."""

import base64

from .base import *  # noqa: F403
from .base import STORAGES_PLAIN, VAR, env
from .databases import databases

SECRET_KEY = "test-only-key-that-signs-nothing-real-0123456789"
SAWT_SECRET_KEYS = {1: "test-only-report-secret-key"}
SAWT_FIELD_KEYS = [base64.urlsafe_b64encode(b"t" * 32).decode()]
ALLOWED_HOSTS = ["*"]
DATABASES = databases(VAR / "test.sqlite3")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env.str("REDIS_URL")}
    if env.str("REDIS_URL", default="")
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
STORAGES = STORAGES_PLAIN
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SAWT_DEMO = True
AXES_ENABLED = False
EMAIL_BACKEND = "cms.notifications.gateways.ScreenEmailBackend"
CELERY_TASK_ALWAYS_EAGER = False
