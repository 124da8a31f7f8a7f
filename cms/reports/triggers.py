"""Database triggers that refuse update and delete of the history, on SQLite and PostgreSQL.

On SQLite, Django remakes a table on most ALTERs and its triggers vanish without a word, so they are made
after every `migrate`, asked for by /readyz, and checked in CI. `allowed` is the explicit way for tests and
`--reset`; the application never uses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as default_connection

# Table → operations that are refused. A text may be deleted (erasure), never changed.
GUARDED: dict[str, tuple[str, ...]] = {
    "reports_event": ("UPDATE", "DELETE"),
    "reports_eventtext": ("UPDATE",),
    "reports_headsignature": ("UPDATE", "DELETE"),
    "permissions_auditevent": ("UPDATE", "DELETE"),
}


def _name(table: str, operation: str) -> str:
    return f"sawt_{table}_no_{operation.lower()}"


def _expected(connection: Any) -> set[str]:
    names = {_name(table, operation) for table, operations in GUARDED.items() for operation in operations}
    if connection.vendor == "postgresql":
        names |= {_name(table, "TRUNCATE") for table in GUARDED}
    return names


def create(connection: Any = default_connection) -> None:
    """Make what is missing; safe to repeat."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION sawt_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'the history is append-only'; END $$"
            )
        for table, operations in GUARDED.items():
            for operation in operations:
                name = _name(table, operation)
                if connection.vendor == "postgresql":
                    cursor.execute(
                        f"CREATE OR REPLACE TRIGGER {name} BEFORE {operation} ON {table} "
                        "FOR EACH ROW EXECUTE FUNCTION sawt_refuse()"
                    )
                else:
                    cursor.execute(
                        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {operation} ON {table} "
                        "BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END"
                    )
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {_name(table, 'TRUNCATE')} BEFORE TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION sawt_refuse()"
                )


def drop(connection: Any = default_connection) -> None:
    with connection.cursor() as cursor:
        for table, operations in GUARDED.items():
            names = [_name(table, operation) for operation in operations]
            if connection.vendor == "postgresql":
                names.append(_name(table, "TRUNCATE"))
            for name in names:
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing(connection: Any = default_connection) -> list[str]:
    """Names of triggers that should be there and are not. One query."""
    if connection.vendor == "postgresql":
        sql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    else:
        sql = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found = {row[0] for row in cursor.fetchall()}
    return sorted(_expected(connection) - found)


@contextmanager
def allowed(connection: Any = default_connection) -> Iterator[None]:
    """Without the triggers, for tests that flush and for beginning afresh."""
    drop(connection)
    try:
        yield
    finally:
        create(connection)
