"""A real Celery worker on Redis, killed with -9 while it sends: every message once, and none lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.conf import settings as configured
from django.db import connection
from django.utils import timezone
from redis import Redis

from cms.notifications.models import SentMessage
from cms.notifications.templates_data import load_templates
from cms.outbox import effects
from cms.outbox.effects import NewEffect
from cms.outbox.models import Effect
from cms.settings.tasks import OUTBOX
from tests import factories
from tests.waiting import until

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("committing_db")]
MESSAGES = 60
# A message takes so long that a group is recorded after three of them.
TAKES = 0.1
IN_A_GROUP = 3


class SlowGateway:
    """Counts by key as a real one does; at the messages `holds` it waits until it is let go."""

    def __init__(self) -> None:
        gateway = self
        self.posts: Counter[str] = Counter()
        self.holds: dict[int, tuple[threading.Event, threading.Event]] = {}
        self.lock = threading.Lock()
        self.closing = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                with gateway.lock:
                    gateway.posts[self.headers["Idempotency-Key"]] += 1
                    hold = gateway.holds.get(gateway.posts.total())
                if hold is not None:
                    reached, go = hold
                    reached.set()
                    go.wait(30)
                gateway.closing.wait(TAKES)
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"{}")
                except OSError:
                    self.close_connection = True  # whoever asked was killed

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hold_at(self, number: int) -> tuple[threading.Event, threading.Event]:
        self.holds[number] = threading.Event(), threading.Event()
        return self.holds[number]


@pytest.fixture
def gateway() -> Iterator[SlowGateway]:
    made = SlowGateway()
    yield made
    made.closing.set()
    for _, go in made.holds.values():
        go.set()
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def queue() -> Iterator[Callable[[], None]]:
    """A queue of this test's own; calling it asks for a run of the relay, as beat's sweep does.

    What a run asks for itself, its next turn, goes where it always goes, of this one of Redis' databases.
    """
    address = os.environ.get("REDIS_URL", "")
    if not address:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail("REQUIRE_SERVICES=1, and REDIS_URL is not set")
        pytest.skip("needs Redis: set REDIS_URL, or run script/services")
    address = f"{address.rsplit('/', 1)[0]}/15"
    app = Celery("asks", broker=address, set_as_current=False)
    name = f"killed-{uuid.uuid4().hex}"
    used = [name, f"_kombu.binding.{name}", OUTBOX, f"_kombu.binding.{OUTBOX}"]
    Redis.from_url(address).delete(*used)

    class Asks:
        broker, queue = address, name

        def __call__(self) -> None:
            app.send_task("cms.outbox.tasks.relay", queue=name, ignore_result=True)

    yield Asks()
    Redis.from_url(address).delete(*used)
    app.close()


def start_worker(queue: Any, gateway: SlowGateway, folder: Path) -> subprocess.Popen[bytes]:
    database = connection.settings_dict
    password = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
    where = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "DJANGO_SETTINGS_MODULE": "cms.settings.embedded",
        "SAWT_VAR": str(folder / "var"),
        "DATABASE_URL": f"postgresql://{database['USER']}{password}@{where}",
        "CELERY_BROKER_URL": queue.broker,
        "SAWT_SMS_URL": f"http://127.0.0.1:{gateway.server.server_port}/send",
        "SAWT_SMS_PRIVATE_NETWORK": "1",
        "SAWT_SMS_PER_NUMBER": "1000",
    }
    worker = [sys.executable, "-m", "celery", "-A", "cms.celery", "worker", "--pool=prefork", "-c", "1"]
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [
                *worker,
                "-Q",
                f"{queue.queue},{OUTBOX}",
                "--without-mingle",
                "--without-gossip",
                "--without-heartbeat",
            ],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:]


def states() -> Counter[str]:
    return Counter(Effect.objects.values_list("state", flat=True))


class Swept:
    """Everything is done; beat asks for a run again and again meanwhile.

    Redis hands a message to a worker that died this moment as long as it has not seen its connection close.
    """

    def __init__(self, queue: Any, every: float) -> None:
        self.queue, self.every, self.asked = queue, every, 0.0

    def __call__(self) -> bool:
        if time.monotonic() > self.asked + self.every:
            self.queue()
            self.asked = time.monotonic()
        return states() == {"done": MESSAGES}


def test_the_settings_keep_a_task_until_it_is_done() -> None:
    assert configured.CELERY_TASK_ACKS_LATE is True
    assert configured.CELERY_TASK_REJECT_ON_WORKER_LOST is True


def test_a_worker_killed_in_mid_task_sends_each_message_once_and_loses_none(
    people: factories.People, sender: Any, queue: Any, gateway: SlowGateway, tmp_path: Path
) -> None:
    # given sixty messages that wait, a gateway that takes its time, and one worker with one child
    load_templates()
    report = factories.submitted_report(sender=sender)
    Effect.objects.all().delete()
    now, log = timezone.now(), tmp_path / "worker.log"
    payload = {
        "report": report.pk,
        "event": "answer",
        "template": "answer",
        "entity": report.entity_id,
        "at": now.isoformat(),
        "own_act": True,
    }
    keys = {f"kill:{number:02d}" for number in range(MESSAGES)}
    effects.enqueue_many([NewEffect("sender_sms", payload, key=key) for key in sorted(keys)], at=now)
    first, let_first_go = gateway.hold_at(8)
    second, let_second_go = gateway.hold_at(35)
    queue()
    worker = start_worker(queue, gateway, tmp_path)
    try:
        # when its child is killed with a message at the gateway, not yet answered
        until(first.is_set, 30, told=partial(_end_of, log))
        for child in children(worker.pid):
            os.kill(child, signal.SIGKILL)
        let_first_go.set()
        # then the task, which was not acknowledged, is taken up by the next child: nobody asks again
        until(second.is_set, 30, told=partial(_end_of, log))
        # and when the whole worker is killed in the middle of that
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        let_second_go.set()
        held = Effect.objects.filter(state="claimed")
        assert 0 < held.count() <= 40
        assert states()["done"] < 35
        # and a new one starts after the dead ones' leases
        held.update(lease_until=timezone.now() - timedelta(seconds=1))
        worker = start_worker(queue, gateway, tmp_path)
        until(Swept(queue, every=5), 30, told=partial(_end_of, log))
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
    # then every message arrived, and is recorded once
    assert set(gateway.posts) == keys
    sent = SentMessage.objects.filter(state="sent").values_list("effect_key", flat=True)
    assert sorted(sent) == sorted(keys)
    # and only what was on its way or just sent came twice, under the key by which a gateway knows it
    again = {key for key, count in gateway.posts.items() if count > 1}
    assert 2 <= len(again) <= 2 * (IN_A_GROUP + 1)
    assert max(gateway.posts.values()) == 2
    assert set(Effect.objects.filter(key__in=again).values_list("attempts", flat=True)) == {2}
