"""The whole server while its database and its Redis stop under load, and while the clock is set.

Servers of its own, of Debian's programs, on free ports: PostgreSQL, Redis, an SMS gateway that counts, and
the product in one process. Reports go in all the time; whose report was not acknowledged sends it again
under the same key, as the site's form does. In the end each must be there once and each sender told once.
"""

from __future__ import annotations

import getpass
import http.client
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from .filed import Table, free_port, until
from .gateway import ask
from .measuring import Rows

ROOT = Path(__file__).resolve().parent.parent
AWAY = 30
CATALOGUE = "{ services { id intakeQuestions { required } } places { children { id } } }"
SUBMIT = """mutation ($input: SubmitReportInput!) {
  submitReport(input: $input) { report { reference } errors { code message } }
}"""
COUNTED = """
import json, sys
from collections import Counter
from django.utils import timezone
from cms.notifications.models import SentMessage
from cms.outbox.models import Effect
from cms.reports.models import Report, StepTaken
references = json.loads(sys.stdin.read())
there = dict(Report.objects.filter(reference__in=references).values_list("reference", "sender__phone"))
ours = Report.objects.filter(sender__phone__in=there.values())
told = Counter(SentMessage.objects.filter(to__in=there.values(), state="sent").values_list("to", flat=True))
due = Effect.objects.filter(state__in=["pending", "claimed"], not_before__lte=timezone.now())
steps = list(StepTaken.objects.values_list("deadline", "position", "audience", "channel"))
print(json.dumps({
    "lost": len(references) - len(there),
    "doubled": ours.count() - len(there),
    "silent": sum(told[phone] == 0 for phone in there.values()),
    "twice": sum(count > 1 for count in told.values()),
    "waiting": due.count(),
    "steps": len(steps),
    "steps_doubled": len(steps) - len(set(steps)),
}))
"""


class Servers:
    """PostgreSQL, Redis, the gateway and the product, and the addresses by which they know each other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("postgres", "redis", "web")}
        self.address = f"http://127.0.0.1:{self.ports['web']}"
        self.started: list[subprocess.Popen[Any]] = []
        self.web: subprocess.Popen[Any] | None = None
        self.environment = {
            **os.environ,
            "DATABASE_URL": f"postgresql://sawt@127.0.0.1:{self.ports['postgres']}/postgres",
            "REDIS_URL": f"redis://127.0.0.1:{self.ports['redis']}/0",
            "SAWT_VAR": str(folder / "var"),
            "PORT": str(self.ports["web"]),
            "SAWT_SUBMISSIONS_PER_HOUR": "1000000",
            "SAWT_SMS_PRIVATE_NETWORK": "1",
        }
        self.environment.pop("ELASTICSEARCH_URL", None)

    def start(self) -> None:
        self._bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        data = self.folder / "postgres"
        data.mkdir()
        self._as: list[str] = []
        if getpass.getuser() == "root":
            shutil.chown(data, "postgres")
            self._as = ["runuser", "-u", "postgres", "--"]
        self._postgres(
            "initdb", "-D", str(data), "-U", "sawt", "--auth=trust", "--locale=C.UTF-8", "--no-sync"
        )
        self.start_postgres()
        self.start_redis()
        gateway = self._spawn([sys.executable, "-m", "benchmarks.gateway"], stdout=subprocess.PIPE, text=True)
        assert gateway.stdout is not None  # noqa: S101 (for the type checker)
        self.gateway = f"http://127.0.0.1:{int(gateway.stdout.readline())}/"
        self.environment["SAWT_SMS_URL"] = self.gateway

    def _spawn(self, command: list[str], **more: Any) -> subprocess.Popen[Any]:
        made = subprocess.Popen(command, cwd=ROOT, **{"stdout": subprocess.DEVNULL, **more})
        self.started.append(made)
        return made

    def _postgres(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self._bin / program), *arguments]
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL)

    def start_postgres(self) -> None:
        data = self.folder / "postgres"
        options = (
            f"-p {self.ports['postgres']} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data}"
        )
        self._postgres("pg_ctl", "-D", str(data), "-s", "-w", "-l", str(data / "log"), "-o", options, "start")

    def stop_postgres(self) -> None:
        """At once, without asking its clients: what was not committed is gone."""
        self._postgres("pg_ctl", "-D", str(self.folder / "postgres"), "-s", "-w", "-m", "immediate", "stop")

    def start_redis(self) -> None:
        port = str(self.ports["redis"])
        self.redis = self._spawn(
            ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        )

    def stop_redis(self) -> None:
        self.redis.kill()
        self.redis.wait(10)

    def start_web(self, **more: str) -> None:
        log = (self.folder / "web.log").open("ab")
        self.web = self._spawn(
            [sys.executable, "-m", "cms.embedded"],
            env={**self.environment, **more},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        until(self._ready, "the server to be ready", 300)

    def stop_web(self) -> None:
        if self.web is not None:
            self.web.send_signal(signal.SIGTERM)
            self.web.wait(30)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:  # noqa: S310 (our own)
                return int(answer.status) == 200
        except OSError:
            return False

    def stop(self) -> None:
        for process in reversed(self.started):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
        if (self.folder / "postgres" / "postmaster.pid").exists():
            self.stop_postgres()

    def counted(self, references: list[str]) -> dict[str, int]:
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", COUNTED],
            cwd=ROOT,
            env={**self.environment, "DJANGO_SETTINGS_MODULE": "cms.settings.embedded"},
            input=json.dumps(references),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return dict(json.loads(done.stdout))


def graphql(port: int, query: str, variables: dict[str, Any], come_from: str = "127.0.0.1") -> dict[str, Any]:
    """The answer's data; PermissionError with the status of a refusal."""
    body = json.dumps({"query": query, "variables": variables})
    kinds = {"Content-Type": "application/json", "Accept": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(come_from, 0))
    with closing(connection):
        connection.request("POST", "/graphql", body, kinds)
        answer = connection.getresponse()
        if answer.status != 200:
            raise PermissionError(answer.status)
        return dict(json.load(answer)["data"])


class Load:
    """Senders at once; each goes on with the next report once the one before was acknowledged: a
    little after it or, where `every` is given, so many seconds after that one was begun.

    Each from an address of its own: what one client may ask in a minute is less than they ask together.
    """

    numbers = itertools.count(552_000_000)

    def __init__(self, servers: Servers, *, senders: int = 4, every: float = 0) -> None:
        self.every = every
        self.port = servers.ports["web"]
        catalogue = graphql(self.port, CATALOGUE, {})
        plain = [
            row for row in catalogue["services"] if not any(q["required"] for q in row["intakeQuestions"])
        ]
        self.service, self.place = plain[0]["id"], catalogue["places"][0]["children"][0]["id"]
        self.acknowledged: list[str] = []
        # By time.monotonic, in the same order.
        self.moments: list[float] = []
        # By the status, the kind of the error, or what the answer itself says.
        self.refused: Counter[str] = Counter()
        self.slowest = 0.0
        self._ends = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._send, args=[f"127.0.0.{number}"], daemon=True)
            for number in range(2, 2 + senders)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join(180)

    def _send(self, address: str) -> None:
        while not self._ends.is_set():
            starts = time.monotonic()
            report = {
                "idempotencyKey": uuid.uuid4().hex,
                "service": self.service,
                "place": self.place,
                "location": {"latitude": 26.33, "longitude": 43.97},
                "text": "عمود الإنارة أمام المدرسة مطفأ منذ أسبوع والشارع مظلم ليلاً.",
                "sender": {"name": "سعد", "phone": f"0{next(self.numbers)}", "category": "CITIZEN"},
            }
            for attempt in range(300):
                began = time.monotonic()
                found = self._try(report, address)
                self.slowest = max(self.slowest, time.monotonic() - began)
                if found:
                    with self._lock:
                        self.acknowledged.append(found)
                        self.moments.append(time.monotonic())
                    break
                time.sleep(min(0.2 * (attempt + 1), 1))
            self._ends.wait(max(starts + self.every - time.monotonic(), 0) if self.every else 0.2)

    def _try(self, report: dict[str, Any], address: str) -> str:
        try:
            answer = graphql(self.port, SUBMIT, {"input": report}, address)["submitReport"]
        except (OSError, http.client.HTTPException, ValueError, TypeError, KeyError) as error:
            refused = isinstance(error, PermissionError)
            self.refused[f"status {error}" if refused else type(error).__name__] += 1
            return ""
        if answer["report"]:
            return str(answer["report"]["reference"])
        self.refused[str(answer["errors"][0]["code"])] += 1
        return ""


@contextmanager
def running() -> Iterator[Servers]:
    with tempfile.TemporaryDirectory(prefix="sawt-faults-", dir="/var/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        servers = Servers(folder)
        try:
            servers.start()
            yield servers
        finally:
            servers.stop()


def under(table: Table, servers: Servers, what: str, does: Callable[[], None]) -> None:
    """Reports before, while and after something happens; each is there once, each sender told once."""
    with Load(servers) as load:
        time.sleep(5)
        before = len(load.acknowledged)
        does()
        time.sleep(5)
    references = load.acknowledged
    counted: dict[str, int] = {}

    def settled() -> bool:
        counted.update(servers.counted(references))
        return not (counted["waiting"] or counted["silent"])

    until(settled, f"{what}: all to be told", 150)
    table.add(
        f"{what}: reports acknowledged, and before it began",
        f"{len(references)}, {before}",
        "> 0",
        before > 0,
    )
    why = ", ".join(f"{number} × {reason}" for reason, number in load.refused.most_common())
    refused = f"{load.refused.total()}{f' ({why})' if why else ''}, {load.slowest:.1f} s"
    table.add(f"{what}: tries that were refused, the longest", refused, "–")
    table.same(f"{what}: acknowledged and not stored", counted["lost"], 0)
    table.same(f"{what}: stored twice", counted["doubled"], 0)
    table.same(f"{what}: senders told nothing", counted["silent"], 0)
    table.same(f"{what}: senders told twice", counted["twice"], 0)
    table.same(f"{what}: steps of ladders taken twice", counted["steps_doubled"], 0)


def _gateway_kept_count(table: Table, servers: Servers) -> None:
    came = ask(servers.gateway)
    again = came["messages"] - came["keys"]
    table.add("messages that the gateway had twice, under their key", str(again), "≤ 8", again <= 8)


def faults() -> Rows:
    table = Table()
    with running() as servers:
        servers.start_web()

        def without_postgres() -> None:
            servers.stop_postgres()
            time.sleep(AWAY)
            servers.start_postgres()

        def without_redis() -> None:
            servers.stop_redis()
            time.sleep(AWAY / 2)
            servers.start_redis()

        under(table, servers, f"PostgreSQL stopped for {AWAY} s", without_postgres)
        under(table, servers, f"Redis stopped for {AWAY // 2} s", without_redis)
        _gateway_kept_count(table, servers)
        servers.stop_web()
    return table.rows


def clocks() -> Rows:
    """The same while the clock is set back an hour, and then forward three days, by Debian's faketime.

    Told another time while it runs, a process sleeps wrongly in that library: it is begun anew.
    """
    table = Table()
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        raise SystemExit("script/prove: Debian's package faketime is needed")
    with running() as servers:
        for what, seconds in (
            ("as it is", 0),
            ("set back an hour", -3600),
            ("set forward three days", 259200),
        ):
            servers.start_web(LD_PRELOAD=str(library), FAKETIME=f"{seconds:+d}")
            under(table, servers, f"the clock {what}", lambda: time.sleep(5))
            servers.stop_web()
        _gateway_kept_count(table, servers)
    return table.rows
