"""A server as a person starts it: its own process, its own folder, a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest

from tests.waiting import until

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_with(folder: Path) -> list[int]:
    """Everything alive that was started with this data folder: the server, its children, and any orphan."""
    needle = f"SAWT_VAR={folder}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            alive = "Z" not in (entry / "stat").read_text().rpartition(")")[2].split()[0]
            if alive and needle in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


@dataclass
class Answer:
    status: int
    body: str
    headers: dict[str, str]


def get(url: str, *, accept: str = "text/html") -> Answer:
    request = urllib.request.Request(url, headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Answer(answer.status, answer.read().decode(), _lower(answer.headers))
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read().decode(), _lower(error.headers))


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@dataclass
class Running:
    """One started server; `output` is readable once it has ended."""

    process: subprocess.Popen[bytes]
    address: str
    folder: Path
    log: Path

    def wait_for(self, what: Callable[[], bool], seconds: float) -> float:
        def seen() -> bool:
            assert self.process.poll() is None, f"the server ended by itself:\n{self.output()}"
            try:
                return what()
            except OSError:
                return False

        return until(seen, seconds, told=self.output)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self, signum: int = signal.SIGTERM) -> int:
        self.process.send_signal(signum)
        return self.process.wait(timeout=30)


def start_server(folder: Path, port: int, *arguments: str, **environment: str) -> Running:
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "DJANGO_SETTINGS_MODULE", "PORT")
    }
    log = folder.parent / f"server-{port}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "cms.embedded", *arguments],
            cwd=ROOT,
            env={**clean, "SAWT_VAR": str(folder), "PORT": str(port), **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Running(process, f"http://127.0.0.1:{port}", folder, log)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """`serve(*arguments, port=…, **environment)`; whatever still runs at the end of the test is killed."""
    started: list[Running] = []

    def start(*arguments: str, port: int | None = None, folder: Path | None = None, **env: str) -> Running:
        started.append(start_server(folder or tmp_path / "var", port or free_port(), *arguments, **env))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
