"""What the parts of script/prove measure with: a database of their own, and processor time.

The machine may be shared, so a rate says less than the processor seconds that a piece of work costs.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
Rows = list[tuple[str, str, str, bool]]  # what, measured, budget, within
TICKS = os.sysconf("SC_CLK_TCK")


def service(name: str) -> str:
    """An address from the environment, or what script/services wrote."""
    if given := os.environ.get(name):
        return given
    written = ROOT / "var" / "services" / "env"
    for line in written.read_text().splitlines() if written.exists() else []:
        key, _, value = line.removeprefix("export ").partition("=")
        if key == name:
            return value
    raise SystemExit(f"script/prove: {name} is not set; run script/services")


@contextmanager
def database(purpose: str) -> Iterator[str]:
    """An empty PostgreSQL database beside the given one, dropped at the end; its address."""
    server = urlsplit(service("DATABASE_URL"))
    name = f"sawt_prove_{purpose}_{os.getpid()}"
    with psycopg.connect(urlunsplit(server), autocommit=True) as administration:
        administration.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield urlunsplit(server._replace(path=f"/{name}"))
        finally:
            administration.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def processor(pid: int) -> float:
    """Seconds of processor time that a process has used, its own and the system's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


@dataclass
class Spent:
    """Of one command: seconds by the clock, of its own processor time, and of its database sessions'."""

    clock: float
    own: float
    database: float
    peak: float
    status: int
    output: str

    @property
    def processor(self) -> float:
        return self.own + self.database


class Sessions:
    """Processor time of a database's sessions; a session's last fifth of a second may be missed."""

    def __init__(self, url: str) -> None:
        self.before: dict[int, float] = {}
        self.seen: dict[int, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=[url], daemon=True)

    def __enter__(self) -> Sessions:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self, url: str) -> None:
        with psycopg.connect(url, autocommit=True) as watching:
            first = True
            while not self._ended.wait(0.2) or first:
                rows = watching.execute(
                    "SELECT pid FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                for (pid,) in rows.fetchall():
                    try:
                        used = processor(pid)
                    except OSError:
                        continue
                    # What a session had used before we looked was used before we began.
                    self.before.setdefault(pid, used if first else 0.0)
                    self.seen[pid] = used
                first = False

    @property
    def seconds(self) -> float:
        return sum(used - self.before[pid] for pid, used in self.seen.items())


def run(*command: str, environment: dict[str, str], watch: str = "") -> Spent:
    """Run a command in the project's folder to its end. `watch`: the database whose sessions count."""
    process = subprocess.Popen(  # noqa: S603 (a command of our own)
        [PYTHON, *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output_of = cast(IO[str], process.stdout)
    began = time.monotonic()
    if watch:
        with Sessions(watch) as sessions:
            output = output_of.read()
            _, status, usage = os.wait4(process.pid, 0)
    else:
        output = output_of.read()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Spent(
        clock=time.monotonic() - began,
        own=usage.ru_utime + usage.ru_stime,
        database=sessions.seconds if watch else 0.0,
        peak=usage.ru_maxrss / 1024,
        status=process.returncode,
        output=output,
    )


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def load_average() -> str:
    return f"{os.getloadavg()[0]:.1f}"
