"""Tracking a report over GraphQL, in turns with a function that does it by one hand-written statement.

As benchmarks/queue.py: one process, processor time by the operating system's accounting, their own and of
their database sessions. On PostgreSQL with the cache in Redis, and on SQLite with it in the process's memory.
"""

from __future__ import annotations

import json
import os
import tempfile
from urllib.parse import urlsplit, urlunsplit

from .measuring import Rows, database, load_average, run, service

BUDGET = 3.0
MOST_STATEMENTS = 2
# A database that load_demo has filled already, its keys in SAWT_VAR, instead of the two that are made here.
FILLED = os.environ.get("SAWT_PROVE_DATABASE_URL", "")


def track() -> Rows:
    rows: Rows = []
    redis = urlunsplit(urlsplit(service("REDIS_URL"))._replace(path="/9"))
    with tempfile.TemporaryDirectory(prefix="sawt-prove-") as folder:
        if FILLED:
            rows += _rows("as given", FILLED, {"REDIS_URL": redis}, fill=False)
        else:
            with database("track") as url:
                given = {"REDIS_URL": redis, "SAWT_VAR": f"{folder}/postgresql"}
                rows += _rows("PostgreSQL, Redis", url, given, fill=True)
            given = {"REDIS_URL": "", "SAWT_VAR": f"{folder}/sqlite"}
            rows += _rows("SQLite, embedded", f"sqlite:///{folder}/sqlite3", given, fill=True)
    return rows


def _rows(name: str, url: str, given: dict[str, str], *, fill: bool) -> Rows:
    environment = {**given, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "cms.settings.embedded"}
    commands = [["manage.py", "migrate", "--verbosity=0"], ["manage.py", "load_demo"]] if fill else []
    for command in [*commands, ["-m", "benchmarks.tracked"]]:
        spent = run(*command, environment=environment)
        if spent.status:
            raise SystemExit(f"script/prove: {' '.join(command)} failed:\n{spent.output}")
    got = json.loads(spent.output.splitlines()[-1])
    whole = got["own"] + got["database"]
    return [
        (
            f"{name}: trackReport, median of {got['rounds']} rounds (load {load_average()})",
            f"{whole:.2f} ms ({got['own']:.2f} Python, {got['database']:.2f} database session); "
            f"floor {got['floor']:.2f} ms; {got['statements']} SQL",
            f"≤ {BUDGET:g} ms, ≤ {MOST_STATEMENTS} SQL",
            whole <= BUDGET and got["statements"] <= MOST_STATEMENTS,
        ),
        (
            f"{name}: its quietest round; reports asked for, steps of the timeline in the answer",
            f"{got['least']:.2f} ms; {got['reports']}, {got['steps']:.1f} on average",
            "–",
            True,
        ),
    ]
