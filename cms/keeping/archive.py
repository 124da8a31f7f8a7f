"""The form of a backup: one tar with a manifest, the database, the files and, on a laptop, the keys.

Knows no Django: a restore must read an archive before there is a database, and before settings make new keys.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
MEDIA = "media"
KEYS = "keys"
# The embedded settings make these once and keep them beside the data (`cms/settings/embedded.py`).
KEY_FILES = ("secret-key", "report-secret-key", "field-key")
BLOCK = 1024 * 1024


class Unusable(Exception):
    """Why an archive is not restored, or none is made: one sentence for the person at the terminal."""


def fingerprint(key: str) -> str:
    """Sixteen hex digits that tell two keys apart and say nothing of either."""
    return hashlib.sha256(b"sawt-key\0" + key.encode()).hexdigest()[:16]


def digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def write(folder: Path, target: Path, manifest: dict[str, Any]) -> None:
    """Pack `folder` with its manifest as `target`, readable by its owner alone. All of it or nothing."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = {
        "format": FORMAT,
        **manifest,
        "members": {path.relative_to(folder).as_posix(): digest(path) for path in files},
    }
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        with (
            os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar,
        ):
            # First, so that a reader knows what it has before it unpacks gigabytes.
            (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True))
            tar.add(folder / MANIFEST, MANIFEST)
            for path in files:
                tar.add(path, path.relative_to(folder).as_posix())
        unfinished.rename(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise Unusable(f"{target} could not be written: {error.strerror}.") from error


def unpack(archive: Path, folder: Path) -> dict[str, Any]:
    """The manifest, once every member lies in `folder` and is what it was when it was packed."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                if not _expected(member):
                    raise Unusable(f"{archive} holds {member.name!r}, which no backup of ours holds.")
                tar.extract(member, folder, filter="data")
    except (OSError, EOFError, tarfile.TarError) as error:
        raise Unusable(f"{archive} is no backup of Sawt, or is damaged: {error}.") from error
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        members = manifest["members"]
        if manifest["format"] != FORMAT:
            raise Unusable(f"{archive} has the format {manifest['format']}; this program reads {FORMAT}.")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unusable(f"{archive} has no manifest that can be read.") from error
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    if found != set(members):
        raise Unusable(f"{archive} lacks a file of its manifest, or holds one more.")
    damaged = [name for name in sorted(members) if digest(folder / name) != members[name]]
    if damaged:
        raise Unusable(f"{archive} is damaged: {damaged[0]} is not what was packed.")
    return manifest


def _expected(member: tarfile.TarInfo) -> bool:
    top, _slash, rest = member.name.partition("/")
    if member.isdir():
        return top in (MEDIA, KEYS)
    if not member.isfile():
        return False
    if top == KEYS:
        return rest in KEY_FILES
    return member.name in (MANIFEST, DATABASE) or (top == MEDIA and bool(rest))


Say = Callable[[str], None]
