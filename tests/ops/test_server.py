"""`script/server`: answers at once, says in words why it will not start, and leaves nothing behind."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.waiting import until

from .conftest import ROOT, Running, free_port, get, processes_with

Serve = Callable[..., Running]
# On its own SQLite, or refused before any database.
once = pytest.mark.once
DATABASE_URL = os.environ.get("DATABASE_URL", "")
# Generous: the machine runs other tests meanwhile. `script/prove start` measures the real times.
FIRST_START = 240
SECOND_START = 30


def refused(server: Running) -> str:
    """The one line that a refused start ends with."""
    assert server.process.wait(timeout=30) == 1
    output = server.output()
    assert "Traceback" not in output
    [line] = output.strip().splitlines()
    return line


@once
def test_a_taken_port_is_one_clear_sentence(serve: Serve) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        line = refused(serve(port=port))

    assert f"Port {port} is taken" in line


@once
@pytest.mark.parametrize("how", ["PORT", "--port", "--port="])
def test_a_taken_port_is_told_before_any_package_is_installed(tmp_path: Path, how: str) -> None:
    # given a clone in which nothing is installed
    (tmp_path / "script").mkdir()
    shutil.copy(ROOT / "script" / "server", tmp_path / "script")
    installing = tmp_path / "script" / "bootstrap"
    installing.write_text("#!/bin/sh\ntouch installed\nexit 3\n")
    installing.chmod(0o755)

    def started(port: int) -> subprocess.CompletedProcess[str]:
        arguments = {"PORT": [], "--port": ["--port", str(port)], "--port=": [f"--port={port}"]}[how]
        environment = {**os.environ, "PORT": str(port) if how == "PORT" else ""}
        command = [tmp_path / "script" / "server", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refusal = started(port)

    told = f"Port {port} is taken, perhaps by this program; choose another, as in PORT={port + 1}."
    assert (refusal.returncode, refusal.stderr) == (1, f"script/server: {told}\n")
    assert not (tmp_path / "installed").exists()
    # And a free one goes on to the packages.
    assert started(free_port()).returncode == 3
    assert (tmp_path / "installed").exists()


@once
def test_a_port_that_is_no_number_is_one_clear_sentence(serve: Serve) -> None:
    assert "'eight'" in refused(serve(PORT="eight"))


@once
def test_another_bind_needs_the_explicit_flag(serve: Serve) -> None:
    line = refused(serve("--bind", "0.0.0.0"))  # noqa: S104

    assert "--allow-remote" in line


@once
def test_a_data_folder_that_cannot_be_made_is_one_clear_sentence(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    line = refused(serve(folder=tmp_path / "file"))

    told = f"SAWT_VAR: the data folder {tmp_path}/file cannot be used (Not a directory)."
    assert line == f"script/server: {told}"


@once
@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "nonsense://x",
            "DATABASE_URL begins with 'nonsense'; it must be one of sqlite, postgres, postgresql.",
        ),
        ("postgres://u:secret@127.0.0.1:1/x", "DATABASE_URL: the database cannot be reached ("),
    ],
)
def test_a_database_that_is_not_there_is_named_without_a_trace(serve: Serve, url: str, said: str) -> None:
    server = serve(DATABASE_URL=url)

    assert server.process.wait(timeout=60) == 1

    output = server.output()
    assert output.strip().splitlines()[-1].startswith(said)
    assert "Traceback" not in output
    assert "secret" not in output


@once
@pytest.mark.parametrize("arguments", [(), ("--reset",)])
def test_a_folder_in_use_is_neither_served_twice_nor_wiped(
    serve: Serve, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "sawt.sqlite3").write_text("somebody's reports")
    with (folder / "server.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        line = refused(serve(*arguments))

    assert "is already running" in line
    assert (folder / "sawt.sqlite3").exists()


@once
def test_reset_leaves_a_folder_alone_that_it_did_not_make(serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "thesis.txt").write_text("ten years of work")

    line = refused(serve("--reset"))

    assert "is not wiped" in line
    assert (folder / "thesis.txt").exists()


@once
def test_reset_does_not_touch_another_database(serve: Serve) -> None:
    assert "DATABASE_URL" in refused(serve("--reset", DATABASE_URL="postgresql://db.example/sawt"))


@once
def test_the_page_answers_while_the_demonstration_loads_and_term_ends_it_all(serve: Serve) -> None:
    server = serve()

    seconds = server.wait_for(lambda: get(server.address).status == 503, 15)
    page = get(server.address)
    style = get(server.address + "/loading.css")
    alive = get(server.address + "/healthz", accept="*/*")
    ready = get(server.address + "/readyz", accept="*/*")
    server.wait_for(lambda: len(processes_with(server.folder)) > 1, 60)
    code = server.stop()

    assert seconds < 15
    assert page.headers["retry-after"] == "5"
    assert 'http-equiv="refresh"' not in page.body
    assert "refresh" not in page.headers
    assert "يجري تحميل العرض" in page.body
    assert "The demonstration is loading" in page.body
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    assert "<style" not in page.body
    assert "style=" not in page.body
    assert style.status == 200
    assert (alive.status, ready.status) == (200, 503)
    assert code == 0
    assert processes_with(server.folder) == []


@once
def test_killed_while_loading_it_leaves_no_orphan(serve: Serve) -> None:
    server = serve()
    server.wait_for(lambda: len(processes_with(server.folder)) > 1, 60)

    server.stop(signal.SIGKILL)

    until(lambda: not processes_with(server.folder), 5)


@pytest.fixture
def database() -> Iterator[str]:
    """'' for the embedded SQLite; on PostgreSQL (`script/prove start`), a database of this test's own."""
    if not DATABASE_URL.startswith("postgres"):
        yield ""
        return
    name = f"sawt_server_{os.getpid()}"
    with psycopg.connect(DATABASE_URL, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{DATABASE_URL.rpartition('/')[0]}/{name}"
    with psycopg.connect(DATABASE_URL, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@once
def test_a_whole_life_first_start_stop_and_a_quick_second_start(serve: Serve, database: str) -> None:
    swapped = {"DATABASE_URL": database} if database else {}

    # First start: migrations and the demonstration, behind the loading page.
    first = serve(**swapped)
    first.wait_for(lambda: get(first.address + "/readyz", accept="*/*").status == 200, FIRST_START)
    pages = {path: get(first.address + path) for path in ("/", "/en/", "/admin/login/", "/readyz")}
    first.wait_for(lambda: "Ctrl-C stops everything" in first.output(), 10)

    assert {path: page.status for path, page in pages.items()} == dict.fromkeys(pages, 200)
    assert 'lang="ar"' in pages["/"].body
    assert 'lang="en"' in pages["/en/"].body
    assert '"broker": "ok"' in pages["/readyz"].body
    for told in ("/admin/", "/graphql", "/demo/phone/", "password of each: demo", "coordinator2", "auditor"):
        assert told in first.output()

    # TERM: everything ends, in order, with nothing left behind.
    assert first.stop() == 0
    assert processes_with(first.folder) == []
    assert "Stopped." in first.output()
    assert "Traceback" not in first.output()

    # Second start: nothing to load, so it is quick; Ctrl-C ends it as TERM does.
    second = serve(**swapped)
    second.wait_for(lambda: get(second.address + "/readyz", accept="*/*").status == 200, SECOND_START)
    assert "Loading the demonstration" not in second.output()
    assert second.stop(signal.SIGINT) == 0
    assert processes_with(second.folder) == []

    # A start while the broker is away: the site serves, says so, and stops in order.
    third = serve(CELERY_BROKER_URL="redis://127.0.0.1:1/0", **swapped)
    third.wait_for(lambda: "Ctrl-C stops everything" in third.output(), SECOND_START * 2)
    assert get(third.address + "/").status == 200
    assert "CELERY_BROKER_URL: the broker does not answer." in third.output()
    assert "Traceback" not in third.output()
    ready = get(third.address + "/readyz", accept="*/*")
    assert (ready.status, '"broker": "not reachable"' in ready.body) == (200, True)
    assert third.stop() == 0
    assert processes_with(third.folder) == []
