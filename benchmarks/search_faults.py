"""Elasticsearch killed with -9 while reports are sent, and while an index is built; then who builds it, too.

A server of its own beside those of `faults`. Who reports must not notice, and in the end each report must be
in the index as the database has it, which `manage.py search_check` tells.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .faults import ROOT, Load, Servers, running, under
from .filed import Table, free_port, until
from .measuring import Rows

# So many that a build can be met in its middle.
REPORTS = int(os.environ.get("SAWT_PROVE_REPORTS", "20000"))
AWAY = 10
PENDING = """
from cms.outbox.models import Effect
from search.scope import LINE
print(Effect.objects.filter(line=LINE, state__in=["pending", "claimed"]).count())
"""
FAILED = PENDING.replace('["pending", "claimed"]', '["failed"]')


class Elastic:
    """The real server, in a folder and on a port of its own."""

    def __init__(self, servers: Servers) -> None:
        self.folder, self.port = servers.folder / "elasticsearch", free_port()
        servers.environment["ELASTICSEARCH_URL"] = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(ROOT / "script" / "elasticsearch" / "start"), str(self.folder), str(self.port)]
        # What is printed here is the part's answer, and nothing else may be in it.
        subprocess.run(command, check=True, stdout=sys.stderr)  # noqa: S603 (our own)

    @property
    def _pid(self) -> int:
        return int((self.folder / "pid").read_text())

    def kill(self) -> None:
        pid = self._pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: not Path(f"/proc/{pid}").exists(), "the killed server to be gone", 30)
        (self.folder / "pid").unlink(missing_ok=True)

    def stop(self) -> None:
        if (self.folder / "pid").exists():
            os.kill(self._pid, signal.SIGTERM)


class Commands:
    def __init__(self, servers: Servers) -> None:
        self._environment = {**servers.environment, "DJANGO_SETTINGS_MODULE": "cms.settings.embedded"}

    def begun(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 (our own)
            [sys.executable, "-u", "manage.py", *arguments],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def done(self, *arguments: str) -> tuple[int, str]:
        process = self.begun(*arguments)
        said, _ = process.communicate()
        return process.returncode, said

    def counted(self, code: str) -> int:
        status, said = self.done("shell", "--verbosity=0", "-c", code)
        if status:
            raise SystemExit(f"script/prove: {said}")
        return int(said.split()[-1])


def _met(commands: Commands) -> tuple[subprocess.Popen[str], int]:
    """A build that has written something, and from which report it began; whoever built before is silent."""
    for _ in range(30):
        process = commands.begun("search_rebuild")
        output = process.stdout
        assert output is not None  # noqa: S101 (for the type checker)
        begins = 0
        for line in output:
            if "from report" in line:
                begins = int(line.split()[-1])
            if line.rstrip().endswith("written"):
                return process, begins
        process.wait()
        time.sleep(5)
    raise SystemExit("script/prove: no build was met in its middle: more SAWT_PROVE_REPORTS are needed")


def _ended(commands: Commands) -> tuple[str, str]:
    """Where the last build began, and what it said in the end."""
    said = ""
    for _ in range(30):
        status, said = commands.done("search_rebuild")
        if status == 0:
            break
        time.sleep(5)
    lines = said.splitlines()
    return next((line.split()[-1] for line in lines if "from report" in line), "–"), lines[-1]


def _alive(pid: str) -> bool:
    return Path(f"/proc/{pid}").exists()


def _checked(table: Table, commands: Commands, what: str) -> None:
    until(lambda: commands.counted(PENDING) == 0, f"{what}: the index to catch up", 300)
    table.same(f"{what}: documents set aside", commands.counted(FAILED), 0)
    _, said = commands.done("search_check")
    line = next((line for line in said.splitlines() if line.startswith("elasticsearch:")), said.strip()[-80:])
    table.add(f"{what}: search_check", line, "elasticsearch: no drift", line == "elasticsearch: no drift")


def search_faults() -> Rows:
    table = Table()
    with running() as servers:
        elastic = Elastic(servers)
        commands = Commands(servers)
        elastic.start()
        try:
            servers.start_web()
            commands.done("generate_reports", "--count", str(REPORTS))
            table.add("reports generated beforehand", f"{REPORTS:,}", "–")

            def killed() -> None:
                elastic.kill()
                time.sleep(AWAY)
                elastic.start()

            _ended(commands)
            what = "killed with -9 while reports are sent"
            under(table, servers, what, killed)
            _checked(table, commands, what)
            what = "killed with -9 while an index is built"
            with Load(servers) as load:
                process, _ = _met(commands)
                elastic.kill()
                said, _ = process.communicate()
                table.add(
                    f"{what}: what the build says",
                    said.splitlines()[-1],
                    "the next run goes on",
                    said.rstrip().endswith("the next run goes on."),
                )
                elastic.start()
                process, begins = _met(commands)
                table.add(f"{what}: the next build begins at report", f"{begins:,}", "> 1", begins > 1)
                beside = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
                process.kill()
                process.wait()
                until(lambda: not any(map(_alive, beside)), "its processes to end", 10)
                resumed, end = _ended(commands)
            table.add(
                f"the build killed with -9, its {len(beside)} processes gone: the next begins at report",
                resumed,
                f"> {begins:,}",
                resumed.isdigit() and int(resumed) > begins,
            )
            table.add("what it says in the end", end, "is asked from now on", "is asked from now on" in end)
            table.add(
                "reports acknowledged meanwhile", str(len(load.acknowledged)), "> 0", bool(load.acknowledged)
            )
            _checked(table, commands, "after both")
            servers.stop_web()
        finally:
            elastic.stop()
    return table.rows
