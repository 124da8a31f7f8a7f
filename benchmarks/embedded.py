"""The search in the database itself at 100,000 reports, on PostgreSQL and on SQLite: what each kind of
question costs, of processor time of the process and of its database session, and what hostile ones do.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import ExitStack
from typing import Any

import psycopg

from .measuring import Rows, database, load_average, run

# Fewer where one only wants to see that it runs: SAWT_PROVE_REPORTS=2000.
REPORTS = int(os.environ.get("SAWT_PROVE_REPORTS", "100000"))
# Databases that generate_reports has filled already: the address of one, the folder (SAWT_VAR) of the other.
GENERATED = {
    "PostgreSQL": os.environ.get("SAWT_PROVE_DATABASE_URL", ""),
    "SQLite": os.environ.get("SAWT_PROVE_SQLITE_FOLDER", ""),
}
WAITING = """
from cms.outbox import lines
from search import indexing
from search.scope import LINE
while lines.run(LINE):
    pass
"""
BUDGET, HOSTILE_BUDGET = 60.0, 200.0


def _measured(name: str, environment: dict[str, str]) -> dict[str, Any]:
    environment = {**environment, "DJANGO_SETTINGS_MODULE": "cms.settings.embedded", "ELASTICSEARCH_URL": ""}

    def done(*arguments: str) -> str:
        spent = run(*arguments, environment=environment)
        if spent.status:
            raise SystemExit(f"script/prove: {' '.join(arguments)} failed:\n{spent.output}")
        return spent.output

    if not GENERATED[name]:
        done("manage.py", "migrate", "--verbosity=0")
        done("manage.py", "load_demo")
        done("manage.py", "generate_reports", "--count", str(REPORTS))
    # What waits in the outbox, and then the generated ones by the same hand.
    done("manage.py", "shell", "--verbosity=0", "-c", WAITING)
    done("manage.py", "search_check", "--mend")
    if name == "PostgreSQL":
        # As the server does by itself within minutes of so many new rows.
        with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
    told: dict[str, Any] = json.loads(done("-m", "benchmarks.embedded_asked").splitlines()[-1])
    return told


def embedded() -> Rows:
    rows: Rows = []
    for name, generated in GENERATED.items():
        with ExitStack() as until:
            folder = until.enter_context(tempfile.TemporaryDirectory(prefix="sawt-prove-"))
            if name == "SQLite":
                kept = generated or folder
                environment = {"DATABASE_URL": f"sqlite:///{kept}/sawt.sqlite3", "SAWT_VAR": kept}
            else:
                url = generated or until.enter_context(database("embedded"))
                environment = {"DATABASE_URL": url, "SAWT_VAR": os.environ.get("SAWT_VAR", folder)}
            measured = _measured(name, environment)
        rows.append(
            (
                f"{name}: reports, documents",
                f"{measured['reports']:,}, {measured['documents']:,} (load {load_average()})",
                "all",
                measured["reports"] == measured["documents"],
            )
        )
        for one in measured["questions"]:
            budget = HOSTILE_BUDGET if one["hostile"] else BUDGET
            rows.append(
                (
                    f"{name}: {one['what']}",
                    "; ".join(
                        f"{each['who']} {each['own']:.0f} + {each['database']:.0f} ms, "
                        f"{each['statements']} SQL, {each['total']:,}{'' if each['exact'] else ' or more'}"
                        for each in one["asked"]
                    ),
                    f"≤ {budget:.0f} ms of processor time",
                    all(each["own"] + each["database"] <= budget for each in one["asked"]),
                )
            )
    return rows
