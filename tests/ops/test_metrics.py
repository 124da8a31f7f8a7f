"""What operators read of the messages: metrics, readiness, one command, and names in the logs."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from structlog.contextvars import get_contextvars

from cms.celery import app
from cms.gateways.models import Circuit
from cms.outbox import correlation, effects, handlers, relay
from cms.outbox.models import Effect, Lease


@pytest.fixture
def busy(db: None) -> None:
    """One overdue message, one that was given up, a resting gateway, and a sweep that is late."""
    now = timezone.now()
    common = {"kind": "sender_sms", "created_at": now}
    Effect.objects.create(key="a", not_before=now - timedelta(seconds=90), **common)
    Effect.objects.create(
        key="b",
        state="failed",
        via="sms:first",
        last_error="gateway answered 503",
        not_before=now,
        done_at=now,
        **common,
    )
    Circuit.objects.create(
        key="sms:first",
        state="open",
        rests_until=now + timedelta(minutes=5),
        changed_at=now,
        sent=41,
        retried=12,
        refused=3,
        last_error="gateway answered 503",
    )
    Lease.objects.create(name="reports-sweep", until=now - timedelta(seconds=70), holder="x")


def read(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"^(sawt_\S+?) (\S+)$", text, re.MULTILINE)}


def test_metrics_tell_what_waits_and_what_went_out_by_gateway(client: Client, busy: None) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    told = read(answer.content.decode())
    assert 90 <= told["sawt_outbox_age_seconds"] < 120
    assert told['sawt_outbox_effects{kind="sender_sms",state="pending"}'] == 1
    assert told['sawt_outbox_effects{kind="sender_sms",state="failed"}'] == 1
    gateway = '{gateway="sms:first"}'
    assert told[f"sawt_messages_sent_total{gateway}"] == 41
    assert told[f"sawt_messages_retried_total{gateway}"] == 12
    assert told[f"sawt_messages_refused_total{gateway}"] == 3
    assert told[f"sawt_messages_given_up{gateway}"] == 1
    assert told[f"sawt_gateway_circuit{gateway}"] == 2
    assert 70 <= told['sawt_sweep_lag_seconds{sweep="reports-sweep"}'] < 100


@pytest.mark.parametrize(
    ("token", "asks", "status"),
    [
        ("", {}, 200),
        ("", {"REMOTE_ADDR": "203.0.113.7"}, 404),
        ("", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ("secret-token", {}, 404),
        ("secret-token", {"HTTP_AUTHORIZATION": "Bearer secret-tokeN"}, 404),
        ("secret-token", {"HTTP_AUTHORIZATION": "Bearer ع"}, 404),
        ("secret-token", {"HTTP_AUTHORIZATION": "Bearer secret-token", "REMOTE_ADDR": "203.0.113.7"}, 200),
    ],
)
def test_metrics_are_for_this_machine_or_for_who_has_the_token(
    client: Client, db: None, settings: Any, token: str, asks: dict[str, str], status: int
) -> None:
    settings.SAWT_METRICS_TOKEN = token
    assert client.get("/metrics", **asks).status_code == status


def test_a_resting_gateway_is_degraded_and_named(client: Client, busy: None) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"]["gateways"] == "resting: sms:first"


def test_a_site_without_any_gateway_says_so(client: Client, db: None, settings: Any) -> None:
    settings.SAWT_SMS_GATEWAY = "cms.notifications.gateways.NoGateway"
    assert client.get("/readyz").json()["parts"]["gateways"] == "no SMS gateway is configured"


def test_one_command_tells_what_runs_waits_and_fails(busy: None) -> None:
    said = StringIO()
    call_command("tasks", stdout=said)
    lines = said.getvalue().splitlines()
    assert "  in the server's own process" in lines
    assert any(re.fullmatch(r"  reports-sweep: due for \d\d s", line) for line in lines)
    assert any(re.fullmatch(r"  pending sender_sms: 1, overdue for \d+ s", line) for line in lines)
    assert any(line.startswith("  sms:first: open, sent 41, tried again 12, refused 3") for line in lines)
    assert "  1 × sender_sms sms:first: gateway answered 503" in lines


def test_each_answer_has_a_name_of_ours(client: Client, db: None) -> None:
    first = client.get("/healthz", headers={"X-Correlation-Id": "of-the-client"})
    second = client.get("/healthz")
    assert re.fullmatch(r"[0-9a-f]{32}", first["X-Correlation-Id"])
    assert first["X-Correlation-Id"] != second["X-Correlation-Id"]
    assert correlation.present() == ""


def test_an_effect_s_lines_carry_the_name_of_the_request_that_caused_it(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "_handlers", {})
    bound: list[dict[str, Any]] = []

    @handlers.register("test")
    def handle(effect: Effect) -> None:
        bound.append(dict(get_contextvars()))

    asked = correlation.begin()
    effects.enqueue("test", {}, key="one", at=timezone.now())
    correlation.end()
    effects.enqueue("test", {}, key="two", at=timezone.now())
    relay.run()
    assert bound == [{"effect": "one", "correlation_id": asked}, {"effect": "two"}]
    assert get_contextvars() == {}


def test_a_task_s_lines_carry_its_id_and_the_request_s_name() -> None:
    bound: list[dict[str, Any]] = []
    done = threading.Event()

    @app.task(name="tests.noting")
    def noting() -> None:
        bound.append(dict(get_contextvars()))
        done.set()

    try:
        with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
            asked = noting.apply_async(headers={correlation.TASK_HEADER: "a" * 32})
            assert done.wait(20)
    finally:
        app.tasks.pop("tests.noting")
    assert bound == [{"correlation_id": "a" * 32, "task_id": asked.id}]
