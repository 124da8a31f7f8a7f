"""The folder of run-time data: one server at a time, and a fresh beginning on request."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = "server.lock"
MARK = ".sawt"
# What outlives a reset: the lock that this very process holds, and script/services' own data.
KEPT = {LOCK, MARK, "services"}


class Refused(Exception):
    """The start cannot go on; the text is one sentence for the person at the terminal."""


def path() -> Path:
    return Path(os.environ.get("SAWT_VAR") or ROOT / "var").resolve()


def claim(folder: Path, address: str) -> IO[str]:
    """Hold the folder for as long as the returned file stays open; the kernel lets go even after kill -9."""
    try:
        ours = not folder.exists() or not any(folder.iterdir()) or folder == ROOT / "var"
        folder.mkdir(parents=True, exist_ok=True)
        if ours:
            (folder / MARK).touch()
        lock = (folder / LOCK).open("a+")
    except OSError as error:
        raise Refused(
            f"SAWT_VAR: the data folder {folder} cannot be used ({error.strerror or error})."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        holder = lock.read().strip() or "another process"
        lock.close()
        raise Refused(
            f"A server is already running on the data in {folder} ({holder}); stop it first."
        ) from None
    lock.seek(0)
    lock.truncate()
    lock.write(f"process {os.getpid()}, {address}")
    lock.flush()
    return lock


def wipe(folder: Path) -> None:
    """Delete what earlier runs left. The caller holds the folder; one that we did not make is refused."""
    if not (folder / MARK).exists():
        raise Refused(f"{folder} was not made by this program, so it is not wiped; choose another SAWT_VAR.")
    for entry in folder.iterdir():
        if entry.name in KEPT:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
