"""Backed up, everything lost, restored: rows, files, keys, triggers and chains are there again."""

import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import uuid
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection

from cms.keeping import archive

ROOT = Path(__file__).resolve().parent.parent.parent
# A report with an identity number, through the real action.
FILL = """
from cms.reports.encryption import encrypt
from tests import factories
factories.small_catalogue()
sender = factories.SenderFactory(national_id_encrypted=encrypt("1012345672"))
factories.submitted_report(sender=sender)
"""
# What an installation must still be able to do with its rows.
USE = """
import json
from django.db import connection, transaction
from django.db.utils import DatabaseError
from cms.reports import secrets
from cms.reports.encryption import decrypt
from cms.reports.models import Report, Sender
report = Report.objects.get()
try:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE reports_event SET code = 'forged'")
    refused = False
except DatabaseError:
    refused = True
print(json.dumps({
    "reference": report.reference,
    "events": report.events.count(),
    "opens": secrets.matches(
        secrets.secret_for(report.public_id, report.secret_version), report.secret_hash, report.secret_version
    ),
    "national_id": decrypt(Sender.objects.get().national_id_encrypted),
    "history_refuses": refused,
}))
"""


class Installation:
    """A data folder and a database of its own, driven as an operator does: by its scripts."""

    def __init__(self, var: Path, database: str = "") -> None:
        self.var = var
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "DJANGO_SETTINGS_MODULE")
        }
        self.environment |= {"SAWT_VAR": str(var), "PYTHONPATH": str(ROOT)}
        if database:
            self.environment["DATABASE_URL"] = database

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            command, cwd=ROOT, env=self.environment | more, capture_output=True, text=True, timeout=300
        )

    def manage(self, *command: str, **more: str) -> str:
        done = self.run(sys.executable, "manage.py", *command, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def restore(self, path: Path, *more: str) -> subprocess.CompletedProcess:
        return self.run(sys.executable, "-m", "cms.keeping.restore", str(path), *more)

    def used(self) -> dict:
        return json.loads(self.manage("shell", "-v", "0", "-c", USE).splitlines()[-1])


def _filled(here: Installation) -> tuple[dict, Path]:
    """(what the installation can do, its backup): one report and one file are in it."""
    here.manage("shell", "-v", "0", "-c", FILL)
    picture = here.var / "media" / "original_images" / "مدرسة.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"not really a picture")
    path = Path(here.manage("back_up", "--to", str(here.var / "backups")))
    return here.used(), path


def _as_before(there: Installation, before: dict) -> None:
    assert there.used() == before
    assert before["opens"]
    assert before["history_refuses"]
    assert before["national_id"] == "1012345672"
    assert (there.var / "media" / "original_images" / "مدرسة.jpg").read_bytes() == b"not really a picture"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """`place(name)`: an installation on SQLite, still without a database."""
    folder = tmp_path_factory.mktemp("keeping")
    return lambda name: Installation(folder / name)


@pytest.fixture(scope="module")
def kept(place, django_db_setup, django_db_blocker):
    """(what an installation on SQLite can do, its backup)."""
    if connection.vendor != "sqlite":
        pytest.skip("the run on SQLite backs SQLite up")
    here = place("first")
    here.var.mkdir()
    with django_db_blocker.unblock():
        # The migrated database of the tests, copied: migrating another takes half a minute.
        connection.ensure_connection()
        with closing(sqlite3.connect(here.var / "sawt.sqlite3")) as copy:
            connection.connection.backup(copy)
    return _filled(here)


@pytest.mark.postgres
def test_on_postgresql_everything_is_there_again(tmp_path, django_db_setup):
    url = urlsplit(os.environ["DATABASE_URL"])
    migrated = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))
    names = [f"sawt_keeping_{uuid.uuid4().hex[:12]}" for _ in range(2)]
    urls = [urlunsplit(url._replace(path=f"/{name}")) for name in names]
    with psycopg.connect(url.geturl(), autocommit=True) as server:
        for name in names:
            server.execute(f"CREATE DATABASE {name}")
    try:
        dumped = subprocess.run(["pg_dump", "--no-owner", migrated], capture_output=True, check=True)
        subprocess.run(["psql", "-Xq", "-o", os.devnull, urls[0]], input=dumped.stdout, check=True)
        before, backup = _filled(Installation(tmp_path / "first", urls[0]))
        there = Installation(tmp_path / "second", urls[1])
        done = there.restore(backup)
        assert done.returncode == 0, done.stderr
        _as_before(there, before)
        again = there.restore(backup)
        assert (again.returncode, "--replace" in again.stderr) == (1, True)
        replaced = there.restore(backup, "--replace")
        assert replaced.returncode == 0, replaced.stderr
        _as_before(there, before)
    finally:
        with psycopg.connect(url.geturl(), autocommit=True) as server:
            for name in names:
                server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_everything_is_there_again_and_is_overwritten_only_when_asked_to(place, kept):
    before, backup = kept
    there = place("second")
    done = there.restore(backup)
    assert done.returncode == 0, done.stderr
    _as_before(there, before)
    again = there.restore(backup)
    assert (again.returncode, "--replace" in again.stderr) == (1, True)
    replaced = there.restore(backup, "--replace")
    assert replaced.returncode == 0, replaced.stderr
    _as_before(there, before)
    [aside] = there.var.glob("before-restore-*")
    assert (aside / "sawt.sqlite3").exists()


def test_only_its_owner_reads_a_backup_and_nothing_unfinished_is_left(kept):
    _before, backup = kept
    assert backup.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]


@pytest.fixture
def repacked(kept, tmp_path):
    """`repacked(change)`: the backup, unpacked, changed and packed again with the same manifest."""

    def pack(change):
        folder = tmp_path / "unpacked"
        with tarfile.open(kept[1]) as tar:
            tar.extractall(folder, filter="data")
        change(folder)
        path = tmp_path / "changed.tar.gz"
        with tarfile.open(path, "w:gz") as tar:
            for file in sorted(folder.rglob("*")):
                if file.is_file() or file.is_symlink():
                    tar.add(file, file.relative_to(folder).as_posix())
        return path

    return pack


def _one_byte(folder):
    path = folder / archive.DATABASE
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)


def _foreign(folder):
    (folder / "media" / "link").symlink_to("/etc/passwd")


def _without_manifest(folder):
    (folder / archive.MANIFEST).unlink()


@pytest.mark.parametrize("change", [_one_byte, _foreign, _without_manifest])
def test_a_damaged_archive_changes_nothing(repacked, kept, tmp_path, change):
    path = repacked(change)
    with pytest.raises(archive.Unusable):
        archive.unpack(path, tmp_path / "out")


def test_half_an_archive_and_no_archive_are_named(kept, tmp_path):
    half = tmp_path / "half.tar.gz"
    half.write_bytes(kept[1].read_bytes()[:5000])
    for path in (half, tmp_path / "missing.tar.gz"):
        with pytest.raises(archive.Unusable, match="no backup of Sawt, or is damaged"):
            archive.unpack(path, tmp_path / path.stem)


def test_a_key_that_is_missing_is_named_by_its_version(place, repacked):
    def lose_keys(folder):
        manifest = json.loads((folder / archive.MANIFEST).read_text())
        for name in archive.KEY_FILES:
            (folder / archive.KEYS / name).unlink()
            del manifest["members"][f"{archive.KEYS}/{name}"]
        (folder / archive.MANIFEST).write_text(json.dumps(manifest))

    done = place("keyless").restore(repacked(lose_keys))
    assert done.returncode == 1
    assert "SAWT_SECRET_KEYS lacks the key of version 1" in done.stderr
    assert "SAWT_FIELD_KEYS lacks a key" in done.stderr


def test_a_backup_that_cannot_be_written_leaves_nothing(place, kept, tmp_path):
    target = tmp_path / "file"
    target.write_text("in the way")
    there = place("fourth")
    done = there.run(sys.executable, "manage.py", "back_up", "--to", str(target))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert target.read_text() == "in the way"
