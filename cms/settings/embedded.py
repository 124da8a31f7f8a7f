"""One process on a bare laptop: SQLite, Celery in memory, messages on a screen. Loopback only."""

import base64
import hashlib
import secrets

from .base import *  # noqa: F403
from .base import VAR, env
from .databases import databases
from .parts import caches, email

VAR.mkdir(parents=True, exist_ok=True)


def _kept_key(name: str) -> str:
    """A key made once for this installation and kept beside its data."""
    path = VAR / name
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text()


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = _kept_key("secret-key")
SAWT_SECRET_KEYS = {1: _kept_key("report-secret-key")}
SAWT_FIELD_KEYS = [
    base64.urlsafe_b64encode(hashlib.sha256(_kept_key("field-key").encode()).digest()).decode()
]
# A laptop has no https, which passkeys otherwise ask for; browsers take http://localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver", *env.list("ALLOWED_HOSTS", default=[])]
DATABASES = databases(VAR / "sawt.sqlite3")
CACHES = caches()
# An explicit other bind (script/server --bind) turns this off.
SAWT_DEMO = env.bool("SAWT_DEMO", default=True)
globals().update(email())
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
