"""The queue's list, its whole page and the report page at a million reports, against a function with one
hand-written statement.

The application and that function are called in turns in one process, so that they meet the same machine. What
they cost is processor time by the operating system's accounting, their own and of their database sessions.
"""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

import psycopg

from .measuring import Rows, database, load_average, run

# Fewer where one only wants to see that it runs: SAWT_PROVE_REPORTS=500.
REPORTS = int(os.environ.get("SAWT_PROVE_REPORTS", "1000000"))
# A database that generate_reports has filled already.
GENERATED = os.environ.get("SAWT_PROVE_DATABASE_URL", "")
BUDGET = 20.0
MOST_STATEMENTS = 4


def _measured(url: str, folder: str) -> list[dict[str, Any]]:
    environment = {
        "DATABASE_URL": url,
        "SAWT_VAR": folder,
        "DJANGO_SETTINGS_MODULE": "cms.settings.embedded",
    }
    if url != GENERATED:
        for arguments in (
            ("migrate", "--verbosity=0"),
            ("load_demo",),
            ("generate_reports", "--count", str(REPORTS)),
        ):
            spent = run("manage.py", *arguments, environment=environment)
            if spent.status:
                raise SystemExit(f"script/prove: {' '.join(arguments)} failed:\n{spent.output}")
    # As the server does by itself within minutes of so many new rows; ANALYZE alone leaves out which rows
    # everybody may see, and every index-only scan then reads the table.
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    spent = run("-m", "benchmarks.pages", environment=environment)
    if spent.status:
        raise SystemExit(f"script/prove: the pages could not be measured:\n{spent.output}")
    return list(json.loads(spent.output.splitlines()[-1]))


def queue() -> Rows:
    with tempfile.TemporaryDirectory(prefix="sawt-prove-") as folder:
        if GENERATED:
            measured = _measured(GENERATED, folder)
        else:
            with database("queue") as url:
                measured = _measured(url, folder)
    rows: Rows = [("reports", f"{measured[0]['reports']:,} (load {load_average()})", "–", True)]
    for one in measured:
        own, theirs, floor = one["own"], one["database"], one["floor"]
        budgeted = one["what"].startswith(("list", "page", "once a minute"))
        rows.append(
            (
                one["what"],
                f"{own + theirs:.1f} ms ({own:.1f} Python, {theirs:.1f} PostgreSQL); floor {floor:.2f} ms; "
                f"ratio {(own + theirs) / floor:.1f}; {one['statements']} SQL",
                f"≤ {BUDGET:g} ms, ≤ {MOST_STATEMENTS} SQL" if budgeted else "–",
                not budgeted or (own + theirs <= BUDGET and one["statements"] <= MOST_STATEMENTS),
            )
        )
    return rows
