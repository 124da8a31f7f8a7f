"""The rules of who may do what, one thing in them changed at a time: how many changes the tests notice.

mutmut makes the changes in a copy (`[tool.mutmut]` in pyproject.toml: which files, which tests). What stands
outside of functions it does not change: the table itself is held by docs/workflow.md and its test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from .measuring import Rows

ROOT = Path(__file__).resolve().parent.parent
BUDGET = 90
FILES = {
    "cms.reports.workflow": "cms/reports/workflow.py",
    "cms.reports.policies": "cms/reports/policies.py",
    "permissions.policy": "permissions/policy.py",
}
# Run once, while the module is imported and before mutmut chooses what to change.
AT_IMPORT = ("_states", "_staff", "_sender", "_system", "register_resolver")


PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
PIP += ["--require-hashes"]


def _run(command: list[str], where: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=where, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def _copy(into: Path) -> None:
    for name in filter(None, _run(["git", "ls-files", "-z"], ROOT).split("\0")):
        target = into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)


def mutants() -> Rows:
    with tempfile.TemporaryDirectory(prefix="sawt-mutants-") as folder:
        copy, packages = Path(folder) / "copy", Path(folder) / "packages"
        _copy(copy)
        _run([*PIP, "--target", str(packages), "-r", "requirements/mutants.txt"], ROOT)
        apart = {"DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "REQUIRE_SERVICES"}
        environment = {name: value for name, value in os.environ.items() if name not in apart}
        environment |= {"PYTHONPATH": str(packages), "SAWT_VAR": str(Path(folder) / "var")}
        _run([sys.executable, "-m", "mutmut", "run"], copy, environment)
        said = _run([sys.executable, "-m", "mutmut", "results", "--all", "true"], copy, environment)
    counts: dict[str, Counter[str]] = {module: Counter() for module in FILES}
    alive: list[str] = []
    for line in filter(None, map(str.strip, said.splitlines())):
        name, _, fate = line.partition(": ")
        module = next(module for module in FILES if name.startswith(module))
        function = name.removeprefix(module + ".").removeprefix("x_").partition("__mutmut_")[0]
        fate = "dead" if fate in {"killed", "timeout"} else "at import" if function in AT_IMPORT else "alive"
        counts[module][fate] += 1
        if fate == "alive":
            alive.append(name)
    rows: Rows = []
    for module, found in counts.items():
        tried = found["dead"] + found["alive"]
        share = 100 * found["dead"] / tried if tried else 0.0
        rows.append(
            (
                FILES[module],
                f"{found['dead']} of {tried} killed ({share:.0f} %), {found['at import']} more out of reach",
                f"≥ {BUDGET} %",
                share >= BUDGET,
            )
        )
    return rows + [(name, "alive", "–", True) for name in sorted(alive)]
