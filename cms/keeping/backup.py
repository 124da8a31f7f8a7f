"""Making a backup while the product runs: the database as it is at one moment, then the files it names."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from . import archive
from .archive import Unusable

# What a restore counts again: a backup that lost rows is told from one that did not.
COUNTED = ("reports_report", "reports_event", "reports_eventtext", "reports_sender", "permissions_auditevent")
COUNTS = {table: f"SELECT count(*) FROM {table}" for table in COUNTED}  # noqa: S608  our own five names


def back_up(folder: Path, now: datetime) -> Path:
    """The archive's path. Raises `Unusable`; then nothing was left behind."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as name:
            making = Path(name)
            counts = _database(making / archive.DATABASE)
            media = _media(making / archive.MEDIA)
            _keys(making / archive.KEYS)
            target = folder / f"sawt-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
            manifest = {
                "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
                "engine": connection.vendor,
                "migrations": _migrations(),
                "counts": counts,
                "media": media,
                "keys": keys_in_use(),
            }
            archive.write(making, target, manifest)
    except OSError as error:
        raise Unusable(f"No backup was made in {folder}: {error.strerror}.") from error
    return target


def keys_in_use() -> dict[str, Any]:
    """Fingerprints of the keys without which the rows cannot be read or checked."""
    return {
        "report secrets": {
            str(version): archive.fingerprint(key) for version, key in settings.SAWT_SECRET_KEYS.items()
        },
        "fields": [archive.fingerprint(key) for key in settings.SAWT_FIELD_KEYS],
    }


def _migrations() -> dict[str, str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return {app: max(name for other, name in applied if other == app) for app, _name in sorted(applied)}


def _database(target: Path) -> dict[str, int]:
    return _sqlite(target) if connection.vendor == "sqlite" else _postgresql(target)


def _sqlite(target: Path) -> dict[str, int]:
    """SQLite's own online copy: writers go on, and the copy is of one moment."""
    with (
        closing(sqlite3.connect(settings.DATABASES["default"]["NAME"])) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        # A copy in write-ahead mode would be two files.
        copy.execute("PRAGMA journal_mode=DELETE")
        return {table: copy.execute(sql).fetchone()[0] for table, sql in COUNTS.items()}


def _postgresql(target: Path) -> dict[str, int]:
    """pg_dump and the counts read one snapshot."""
    program = shutil.which("pg_dump")
    if program is None:
        raise Unusable("pg_dump was not found; install PostgreSQL's client programs of the server's version.")
    with psycopg.connect(**_connection()) as held:
        held.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        found = held.execute("SELECT pg_export_snapshot()").fetchone()
        assert found is not None  # noqa: S101  it always answers with one row
        done = subprocess.run(  # noqa: S603
            [program, "--format=custom", "--no-owner", f"--snapshot={found[0]}", f"--file={target}"],
            env=environment(),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Unusable(f"pg_dump failed: {done.stderr.strip().splitlines()[-1:] or ['']}")
        return {table: held.execute(sql.encode()).fetchall()[0][0] for table, sql in COUNTS.items()}


def _connection() -> dict[str, Any]:
    found = settings.DATABASES["default"]
    names = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return {key: found[name] for key, name in names.items() if found.get(name)}


def environment() -> dict[str, str]:
    """Where PostgreSQL's programs connect to; a password on a command line is everybody's to read."""
    words = {"dbname": "PGDATABASE", "host": "PGHOST", "port": "PGPORT", "user": "PGUSER"}
    words["password"] = "PGPASSWORD"  # noqa: S105  the variable's name
    return os.environ | {words[key]: str(value) for key, value in _connection().items()}


def _media(target: Path) -> str:
    """Files never change under their name, so copying them after the database misses none that it names."""
    if not settings.STORAGES["default"]["BACKEND"].endswith("FileSystemStorage"):
        return "elsewhere"
    for source in _files(Path(settings.MEDIA_ROOT)):
        copy = target / source.relative_to(settings.MEDIA_ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(source, copy)
        except FileNotFoundError:
            # Deleted since it was listed: erased, or a thumbnail made anew.
            continue
    return "here"


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file()) if folder.exists() else ()


def _keys(target: Path) -> None:
    """Only where the settings keep them as files; those of an environment are kept where it is."""
    for name in archive.KEY_FILES:
        source = settings.VAR / name
        if settings.SETTINGS_MODULE == "cms.settings.embedded" and source.exists():
            target.mkdir(mode=0o700, exist_ok=True)
            shutil.copyfile(source, target / name)
