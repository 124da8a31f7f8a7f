"""For the tests: the embedded parts, with any of them swapped by its variable; no keys on disk."""

import base64

from .base import *  # noqa: F403
from .base import STORAGES_PLAIN, VAR, env
from .databases import databases
from .parts import caches

SECRET_KEY = "test-only-key-that-signs-nothing-real-0123456789"
SAWT_SECRET_KEYS = {1: "test-only-report-secret-key"}
SAWT_FIELD_KEYS = [base64.urlsafe_b64encode(b"t" * 32).decode()]
ALLOWED_HOSTS = ["*"]
DATABASES = databases(VAR / "test.sqlite3")
CACHES = caches()
if CACHES["default"].get("LOCATION"):
    # Each test clears the cache, so each process of a parallel run needs a database of its own.
    worker = int(env.str("PYTEST_XDIST_WORKER", default="gw0").removeprefix("gw"))
    CACHES["default"]["LOCATION"] = f"{CACHES['default']['LOCATION'].rsplit('/', 1)[0]}/{worker + 1}"
STORAGES = STORAGES_PLAIN
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SAWT_DEMO = True
AXES_ENABLED = False
EMAIL_BACKEND = "cms.notifications.gateways.ScreenEmailBackend"
CELERY_TASK_ALWAYS_EAGER = False
# What asks a real server says so (tests/search), and has an index of its own there.
ELASTICSEARCH_URL = ""
