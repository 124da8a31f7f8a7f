"""The rules of who may do what, those of working time, or the ladder's, one thing in them changed at a time:
how many changes the tests notice.

mutmut makes the changes in a copy, by `[tool.mutmut]` in pyproject.toml; which files and which tests is said
here, for each of the three. What stands outside of functions it does not change: the table of the workflow is
held by docs/workflow.md and its test.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from .measuring import Rows

ROOT = Path(__file__).resolve().parent.parent
BUDGET = 90
RULES = {
    "cms.reports.workflow": "cms/reports/workflow.py",
    "cms.reports.policies": "cms/reports/policies.py",
    "permissions.policy": "permissions/policy.py",
}
RULES_TESTS = (
    "tests/permissions",
    "tests/reports",
    "tests/desk/test_reveal.py",
    "tests/contracts/test_role_action_state.py",
    # Slow, and about files, texts and whole lives.
    "--ignore=tests/reports/test_any_life.py",
    "--ignore=tests/reports/test_attachments.py",
    "--ignore=tests/reports/test_file_kinds.py",
    "--ignore=tests/reports/test_erasing.py",
)
LADDER = {
    "cms.reports.ladder": "cms/reports/ladder.py",
    "cms.reports.escalating": "cms/reports/escalating.py",
    "cms.reports.scheduling": "cms/reports/scheduling.py",
    "cms.entities.escalation": "cms/entities/escalation.py",
}
LADDER_TESTS = (
    "tests/reports/test_ladder_clock.py",
    "tests/reports/test_ladder_choice.py",
    "tests/reports/test_scheduling.py",
    "tests/reports/test_recounting.py",
    "tests/notifications/test_steps.py",
    "tests/notifications/test_digests.py",
    "tests/desk/test_ladders.py",
)
TIME = {"cms.reports.deadlines": "cms/reports/deadlines.py"}
TIME_TESTS = ("tests/reports/test_deadlines.py", "tests/entities/test_dated.py", *LADDER_TESTS)
# Run once, while the module is imported and before mutmut chooses what to change.
AT_IMPORT = ("_states", "_steps", "_staff", "_sender", "_system", "register_resolver")

# One after the other: what waits for another's lock or a busy processor is no change that was noticed.
ALONE = ("--max-children", "1")
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
    return _tried(RULES, RULES_TESTS)


def mutants_time() -> Rows:
    return _tried(TIME, TIME_TESTS, *ALONE)


def mutants_ladder() -> Rows:
    return _tried(LADDER, LADDER_TESTS, *ALONE)


def _configure(copy: Path, files: Mapping[str, str], tests: Sequence[str]) -> None:
    path = copy / "pyproject.toml"
    said = {
        "only_mutate": list(files.values()),
        "pytest_add_cli_args_test_selection": list(tests),
    }
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in said.items())
    path.write_text(path.read_text().replace("[tool.mutmut]\n", f"[tool.mutmut]\n{lines}"))


def _tried(files: Mapping[str, str], tests: Sequence[str], *arguments: str) -> Rows:
    with tempfile.TemporaryDirectory(prefix="sawt-mutants-") as folder:
        copy, packages = Path(folder) / "copy", Path(folder) / "packages"
        _copy(copy)
        _configure(copy, files, tests)
        _run([*PIP, "--target", str(packages), "-r", "requirements/mutants.txt"], ROOT)
        apart = {"DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "REQUIRE_SERVICES"}
        environment = {name: value for name, value in os.environ.items() if name not in apart}
        environment |= {"PYTHONPATH": str(packages), "SAWT_VAR": str(Path(folder) / "var")}
        # Each change is tried in a process of its own, which would make all tables again.
        made = _run([sys.executable, "-m", "tests.schema", folder], copy, environment)
        environment["SAWT_TEST_SCHEMA"] = made.splitlines()[-1]
        _run([sys.executable, "-m", "mutmut", "run", *arguments], copy, environment)
        said = _run([sys.executable, "-m", "mutmut", "results", "--all", "true"], copy, environment)
    counts: dict[str, Counter[str]] = {module: Counter() for module in files}
    alive: list[str] = []
    for line in filter(None, map(str.strip, said.splitlines())):
        name, _, fate = line.partition(": ")
        module = next(module for module in files if name.startswith(module))
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
                files[module],
                f"{found['dead']} of {tried} killed ({share:.0f} %), {found['at import']} more out of reach",
                f"≥ {BUDGET} %",
                share >= BUDGET,
            )
        )
    return rows + [(name, "alive", "–", True) for name in sorted(alive)]
