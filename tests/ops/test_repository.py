"""The two commands and the pinned packages, as a stranger finds them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from .conftest import ROOT

pytestmark = pytest.mark.once

SCRIPTS = sorted(path for path in (ROOT / "script").iterdir() if path.is_file())
SETS = ["embedded", "production", "test"]


@pytest.mark.parametrize("script", [*SCRIPTS, ROOT / ".ci" / "run"], ids=lambda path: path.name)
def test_every_script_says_what_it_does_from_any_folder(script: Path, tmp_path: Path) -> None:
    assert os.access(script, os.X_OK)

    told = subprocess.run([script, "--help"], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert told.returncode == 0
    assert len(told.stdout) > 60
    assert list(tmp_path.iterdir()) == []


def pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([A-Za-z0-9_.\[\]-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", SETS)
def test_packages_are_pinned_with_hashes_and_without_addresses(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()

    assert not re.search(
        r"https?://|file://|--(extra-)?index-url|--find-links[ =]|--trusted-host[ =]|/tmp/", text
    )
    assert len(re.findall(r"==\S+ \\\n    --hash=sha256:", text)) == len(pins(name)) > 50


def test_each_set_holds_the_smaller_one_in_the_same_versions() -> None:
    embedded, production, test = map(pins, SETS)

    assert embedded.items() <= production.items() <= test.items()


def test_the_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()

    assert "script/server" in readme
    assert "script/test" in readme
