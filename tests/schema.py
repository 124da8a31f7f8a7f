"""The tests' schema, migrated once by script/test: each process of a run begins with a copy of it.

`python -m tests.schema FOLDER` makes it, on the database of DATABASE_URL or on SQLite in FOLDER, and says on
its last line what SAWT_TEST_SCHEMA should be. On PostgreSQL `python -m tests.schema --drop` ends it.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

NAME = "SAWT_TEST_SCHEMA"


def begun() -> Iterator[None]:
    """Before Django makes this process's test database: `migrate` finds nothing left to do there."""
    from django.db import connection

    made = os.environ.get(NAME, "")
    if not made:
        yield
    elif connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = made
        yield
    else:
        there = connection.creation._get_test_db_name()
        # In memory, so it is there for as long as somebody holds it.
        with closing(sqlite3.connect(there, uri=True)) as copy:
            with closing(sqlite3.connect(made)) as source:
                source.backup(copy)
            yield


def make(folder: Path) -> str:
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        made = ended(url)
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(made)))
        parts = urlsplit(url)
        os.environ["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{made}"))
    else:
        made = str(folder / "schema.sqlite3")
        os.environ["DATABASE_URL"] = f"sqlite:///{made}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "cms.settings.test"
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # One file, and a header that a database in memory can have.
            cursor.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    return made


def ended(url: str) -> str:
    """The name of the schema's database on PostgreSQL, which is there no more."""
    made = f"{urlsplit(url).path.strip('/')}_schema"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(made)))
    return made


if __name__ == "__main__":
    if sys.argv[1] == "--drop":
        ended(os.environ["DATABASE_URL"])
    else:
        sys.stdout.write(f"{make(Path(sys.argv[1]))}\n")
