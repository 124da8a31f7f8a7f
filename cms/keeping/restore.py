"""Putting a backup in the place of what is there: first the bytes, then Django looks at what it got.

`python -m cms.keeping.restore ARCHIVE [--replace]`; the second half is `manage.py check_restored`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cms.embedded import folder as data_folder
from cms.settings.databases import databases

from . import archive
from .archive import Unusable

SQLITE = "sawt.sqlite3"
# A newer schema's tables would stay beside those of the backup, and its functions in their way. What belongs
# to an extension stays.
EMPTY = """
DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DROP TABLE IF EXISTS public.%I CASCADE', one.tablename);
  END LOOP;
  FOR one IN
    SELECT oid::regprocedure AS name FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
  LOOP
    EXECUTE format('DROP FUNCTION %s CASCADE', one.name);
  END LOOP;
END $$
"""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="script/restore")
    parser.add_argument("archive", type=Path)
    parser.add_argument("--replace", action="store_true")
    given = parser.parse_args(arguments)
    try:
        restore(given.archive.resolve(), replace=given.replace)
    except (Unusable, data_folder.Refused) as refused:
        print(f"script/restore: {refused}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def restore(source: Path, *, replace: bool) -> None:
    """Raises `Unusable` and leaves everything as it was, unless Django finds fault with what was restored."""
    var = data_folder.path()
    database = databases(var / SQLITE)["default"]
    sqlite = database["ENGINE"].endswith("sqlite3")
    var.mkdir(parents=True, exist_ok=True)
    # A server that runs on this folder holds the same lock.
    lock = data_folder.claim(var, "restoring a backup")
    try:
        with tempfile.TemporaryDirectory(dir=var, prefix=".restoring-") as name:
            unpacked = Path(name)
            manifest = archive.unpack(source, unpacked)
            if manifest["engine"] != ("sqlite" if sqlite else "postgresql"):
                raise Unusable(
                    f"{source} is of a {manifest['engine']} database, and DATABASE_URL is of another kind."
                )
            aside = var / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
            if sqlite:
                _sqlite(unpacked / archive.DATABASE, Path(database["NAME"]), aside, replace)
            else:
                _postgresql(unpacked / archive.DATABASE, database, replace)
            if manifest["media"] == "here":
                _put(unpacked / archive.MEDIA, var / "media", aside)
            for name in archive.KEY_FILES:
                if (unpacked / archive.KEYS / name).exists():
                    _put(unpacked / archive.KEYS / name, var / name, aside)
                    (var / name).chmod(0o600)
            (unpacked / "restored.json").write_text(json.dumps(manifest))
            _look(unpacked / "restored.json")
    finally:
        lock.close()
    if aside.exists():
        print(f"What was there before lies in {aside}; delete it once you are sure.")  # noqa: T201


def _put(source: Path, target: Path, aside: Path) -> None:
    """Move into place, what was there aside: nothing of an installation is deleted by restoring another."""
    if target.exists():
        aside.mkdir(mode=0o700, exist_ok=True)
        target.rename(aside / target.name)
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, target)


def _sqlite(source: Path, target: Path, aside: Path, replace: bool) -> None:
    if not replace and target.exists() and _sqlite_holds_reports(target):
        raise Unusable(f"{target} holds reports already; --replace puts them aside.")
    for ending in ("-wal", "-shm"):
        _put(Path("/nonexistent"), target.with_name(target.name + ending), aside)
    _put(source, target, aside)


def _sqlite_holds_reports(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as found:
            return bool(found.execute("SELECT EXISTS (SELECT 1 FROM reports_report)").fetchone()[0])
    except sqlite3.Error:
        return False


def _postgresql(source: Path, database: dict[str, Any], replace: bool) -> None:
    words = {"NAME": "PGDATABASE", "HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER"}
    words["PASSWORD"] = "PGPASSWORD"  # noqa: S105  the variable's name
    environment = os.environ | {
        word: str(database[name]) for name, word in words.items() if database.get(name)
    }
    for program in ("psql", "pg_restore"):
        if shutil.which(program) is None:
            raise Unusable(f"{program} was not found; install PostgreSQL's client programs.")

    def run(*command: str) -> str:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603
        if done.returncode:
            raise Unusable(f"{command[0]} failed: {(done.stderr.strip().splitlines() or [''])[-1]}")
        return done.stdout.strip()

    there = run("psql", "-XAtc", "SELECT to_regclass('public.reports_report') IS NOT NULL") == "t"
    if there and not replace and run("psql", "-XAtc", "SELECT EXISTS (SELECT 1 FROM reports_report)") == "t":
        raise Unusable("The database holds reports already; --replace overwrites them (back them up first).")
    # One transaction: what fails half way leaves the database as it was.
    sql = source.with_name("restore.sql")
    run("pg_restore", "--no-owner", f"--file={sql}", str(source))
    run("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "--single-transaction", "-c", EMPTY, "-f", str(sql))


def _look(manifest: Path) -> None:
    root = Path(__file__).resolve().parent.parent.parent
    done = subprocess.run([sys.executable, "manage.py", "check_restored", str(manifest)], cwd=root)  # noqa: S603
    if done.returncode:
        raise Unusable("What was restored is not sound; see above. Nothing serves it until that is mended.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
