"""The database from DATABASE_URL: SQLite for one process, PostgreSQL for more."""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
SCHEMES = ("sqlite", "postgres", "postgresql")


def databases(default_sqlite: Path) -> dict[str, dict[str, Any]]:
    """One entry, `default`. SQLite locks at BEGIN; otherwise concurrent writers fail with 'locked'."""
    url = env.str("DATABASE_URL", default=f"sqlite:///{default_sqlite}")
    scheme = url.partition("://")[0]
    if scheme not in (*SCHEMES, "psql"):
        raise ImproperlyConfigured(
            f"DATABASE_URL begins with {scheme!r}; it must be one of {', '.join(SCHEMES)}."
        )
    config: dict[str, Any] = dict(environ.Env.db_url_config(url))
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    else:
        config["ENGINE"] = "django.db.backends.postgresql"
        config["CONN_MAX_AGE"] = 0
        config["OPTIONS"] = {
            "pool": {"min_size": 1, "max_size": 8, "timeout": 4},
            # For the statements of `cms.reports.compiled` alone. Not through a pooler that hands each
            # transaction to another session.
            "prepare_threshold": 5 if env.bool("SAWT_PREPARED_STATEMENTS", default=True) else None,
        }
    return {"default": config}
