"""A million events: generated and verified how fast, in how much memory; and whether a forged row shows."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg

from .measuring import Rows, Spent, database, load_average, run

EVENTS = 1_000_000
# Two sizes, to see that memory does not grow with the number.
SMALL = 20_000


def history() -> Rows:
    with database("history") as url, tempfile.TemporaryDirectory(prefix="sawt-prove-") as folder:
        environment = {
            "DATABASE_URL": url,
            "SAWT_VAR": str(Path(folder) / "var"),
            "DJANGO_SETTINGS_MODULE": "cms.settings.embedded",
        }

        def manage(*arguments: str) -> Spent:
            return run("manage.py", *arguments, environment=environment, watch=url)

        def done(*arguments: str) -> Spent:
            spent = manage(*arguments)
            if spent.status:
                raise SystemExit(f"script/prove: {' '.join(arguments)} failed:\n{spent.output}")
            return spent

        done("migrate", "--verbosity=0")
        done("load_demo")
        small = done("generate_reports", "--count", str(SMALL))
        small_verified = done("verify_history")
        with psycopg.connect(url, autocommit=True) as connection:
            events, reports = _counts(connection)
            more = round(1.005 * (EVENTS - events) * reports / events)
            generated = done("generate_reports", "--count", str(more))
            generating = load_average()
            verified = done("verify_history")
            load = load_average()
            events, reports = _counts(connection)
            forged = _forge(connection)
            found = manage("verify_history")
    named = [line for line in found.output.splitlines() if " row " in line]
    own, theirs = 1000 * generated.own / more, 1000 * generated.database / more
    return [
        ("reports generated", f"{more:,}", "–", True),
        ("… a second, by the clock", f"{more / generated.clock:,.0f} (load {generating})", "–", True),
        (
            "… processor time a report, of two processes side by side",
            f"{own:.2f} ms Python, {theirs:.2f} ms PostgreSQL",
            "≤ 0.5 ms each: 2,000 a second",
            max(own, theirs) <= 0.5,
        ),
        (
            f"peak memory: {SMALL:,} reports, then all",
            f"{small.peak:.0f} MB, {generated.peak:.0f} MB",
            "≤ 20 MB more",
            generated.peak <= small.peak + 20,
        ),
        ("events verified", f"{events:,} of {reports:,} reports", f"≥ {EVENTS:,}", events >= EVENTS),
        ("verify_history finds", "nothing", "nothing", True),
        (
            "verify_history, by the clock",
            f"{verified.clock:.1f} s (load {load})",
            "≤ 60 s",
            verified.clock <= 60,
        ),
        (
            "verify_history, processor time",
            f"{verified.processor:.1f} s ({verified.own:.1f} Python, {verified.database:.1f} PostgreSQL)",
            "≤ 60 s",
            verified.processor <= 60,
        ),
        (
            f"peak memory of it: {small_verified.output.split()[0]} reports, then all",
            f"{small_verified.peak:.0f} MB, {verified.peak:.0f} MB",
            "≤ 20 MB more",
            verified.peak <= small_verified.peak + 20,
        ),
        ("a forged row", "; ".join(named) or "not found", forged, named == [forged]),
    ]


def _counts(connection: psycopg.Connection) -> tuple[int, int]:
    (row,) = connection.execute(
        "SELECT (SELECT count(*) FROM reports_event), (SELECT count(*) FROM reports_report)"
    ).fetchall()
    return row[0], row[1]


def _forge(connection: psycopg.Connection) -> str:
    """Change who answered one report in the middle, past the triggers; what verifying must say."""
    connection.execute("ALTER TABLE reports_event DISABLE TRIGGER USER")
    (row,) = connection.execute(
        """
        UPDATE reports_event SET audiences = audiences + 8
        WHERE id = (SELECT id FROM reports_event WHERE code = 'answer' AND id >
                    (SELECT (max(id) + min(id)) / 2 FROM reports_event) ORDER BY id LIMIT 1)
        RETURNING sequence, (SELECT reference FROM reports_report WHERE reports_report.id = report_id)
        """
    ).fetchall()
    connection.execute("ALTER TABLE reports_event ENABLE TRIGGER USER")
    return f"{row[1]} row {row[0]}: changed"
