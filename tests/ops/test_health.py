"""What makes the site unfit for requests answers 503; what only delays effects is told with 200."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import Celery
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from cms import health
from cms.outbox.models import Effect


@pytest.fixture(autouse=True)
def _forget_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)


def test_alive_needs_no_database(client: Client) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "alive"}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_all_parts_there_is_ready(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.json() == {
        "status": "ready",
        "parts": dict.fromkeys(
            ["database", "migrations", "history_triggers", "outbox", "broker", "search", "gateways"], "ok"
        ),
    }
    assert answer.status_code == 200


def test_a_lost_database_is_unavailable_and_tells_no_address(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lost:
        def cursor(self) -> None:
            raise OperationalError("connection to server at 10.0.0.7 failed: password of sawt")

    monkeypatch.setattr(health, "connection", Lost())

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "not reachable"
    assert b"10.0.0.7" not in answer.content


@pytest.mark.django_db
def test_an_unapplied_migration_is_unavailable(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: [("reports", False)])

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"] == "1 not applied"


@pytest.mark.django_db
def test_a_lost_history_trigger_is_unavailable(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.triggers, "missing", lambda _: ["event_no_delete"])

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["history_triggers"] == "missing: event_no_delete"


@pytest.mark.django_db
def test_effects_that_wait_too_long_are_degraded(client: Client) -> None:
    long_ago = timezone.now() - timedelta(minutes=20)
    Effect.objects.create(kind="sms", key="late", not_before=long_ago, created_at=long_ago)

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["parts"]["outbox"].startswith("the oldest effect has waited 1")


@pytest.mark.django_db
def test_effects_held_for_the_morning_are_not_late(client: Client) -> None:
    now = timezone.now()
    Effect.objects.create(
        kind="sms", key="held", not_before=now + timedelta(hours=8), created_at=now - timedelta(hours=2)
    )

    assert client.get("/readyz").json()["parts"]["outbox"] == "ok"


@pytest.mark.django_db
def test_a_gateway_that_keeps_refusing_is_degraded(client: Client) -> None:
    now = timezone.now()
    Effect.objects.create(kind="sms", key="refused", not_before=now, created_at=now, attempts=4)

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["parts"]["gateways"] == "1 effects have failed 3 times or more"


@pytest.mark.django_db
def test_a_lost_broker_is_degraded(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health, "celery_app", Celery(broker="redis://127.0.0.1:1/0", set_as_current=False))

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["parts"]["broker"] == "not reachable"
    # One line of the log each time, with the cause.
    (line,) = [record for record in caplog.records if record.name == "cms.health"]
    assert line.getMessage().startswith("The probe of broker failed: ")
    assert "refused" in line.getMessage()
    assert line.exc_info is None


@pytest.mark.django_db
def test_a_lost_search_is_degraded(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:1"  # type: ignore[attr-defined]

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["parts"]["search"] == "not reachable"


def test_only_reading_is_answered(client: Client) -> None:
    assert client.post("/readyz").status_code == 405
