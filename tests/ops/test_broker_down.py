"""The broker down: submitting works and does not wait for it, and effects wait (34)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from cms.outbox import relay, tasks
from cms.outbox.models import Effect
from cms.reports.models import Report
from tests import factories

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.usefixtures("committing_db")
# Half a second for the broker, and what submitting itself takes on a busy machine.
LONGEST = 2.0


@pytest.fixture(scope="module")
def celery_settings() -> dict[str, Any]:
    """What the product's own settings say where the broker is a Redis."""
    code = (
        "import json; from cms.settings import base; "
        "print(json.dumps({name.removeprefix('CELERY_').lower(): getattr(base, name) for name in dir(base) "
        "if name.startswith('CELERY_') and name != 'CELERY_BEAT_SCHEDULE'}))"
    )
    environment = {**os.environ, "CELERY_BROKER_URL": "redis://127.0.0.1:1/0"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    return dict(json.loads(done.stdout))


@pytest.fixture
def blackhole() -> Iterator[int]:
    """A port whose connections are taken by the system and never answered by anybody."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        yield listening.getsockname()[1]


@pytest.fixture
def full() -> Iterator[int]:
    """A port that takes no connection either: the next one gets no answer to its first packet."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
        for one in waiting:
            one.close()


@pytest.fixture
def with_broker(celery_settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """`with_broker(port)`: the relay's task is published to Redis there, by the product's settings."""
    made: list[Celery] = []

    def use(port: int) -> None:
        app = Celery("elsewhere", set_as_current=False)
        app.conf.update({**celery_settings, "broker_url": f"redis://127.0.0.1:{port}/0"})
        made.append(app)
        monkeypatch.setattr(tasks, "relay", app.task(name="cms.outbox.tasks.relay")(lambda: None))
        monkeypatch.setattr(tasks, "_broker_failed_at", None)

    yield use
    for app in made:
        app.close()


def seconds_to_submit(sender: Any) -> float:
    began = time.monotonic()
    factories.submitted_report(sender=sender)
    return time.monotonic() - began


@pytest.mark.parametrize("broker", ["refuses", "blackhole", "full"])
def test_submitting_does_not_wait_for_a_broker_that_is_down(
    broker: str,
    request: pytest.FixtureRequest,
    catalogue: Any,
    sender: Any,
    with_broker: Any,
) -> None:
    # given a broker's address that refuses, or that never answers
    with_broker(1 if broker == "refuses" else request.getfixturevalue(broker))
    # when three reports are submitted
    took = [seconds_to_submit(sender) for _ in range(3)]
    # then the broker was asked, in bounded time, and then left alone
    assert tasks._broker_failed_at is not None
    assert max(took) < LONGEST
    # and every report is stored and its effects wait
    assert Report.objects.count() == 3
    assert set(Effect.objects.values_list("kind", "state")) == {
        ("sender_sms", "pending"),
        ("staff_news", "pending"),
        ("search_report", "pending"),
    }
    assert Effect.objects.filter(line="").count() == 6
    # until the sweep, which asks no broker, does it
    assert relay.run() == 6
    assert not Effect.objects.filter(state="claimed").exists()
