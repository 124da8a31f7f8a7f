"""Several workers and several senders at once, on PostgreSQL."""

import threading
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import connection, connections

from cms.notifications import codes
from cms.notifications.models import OneTimeCode
from cms.outbox import effects, handlers, relay
from cms.outbox.effects import NewEffect
from cms.outbox.leases import lease
from cms.outbox.models import Effect
from cms.reports.errors import DomainError

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("committing_db")]


@pytest.fixture(autouse=True)
def _real_concurrency():
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")


def at_once(count, do):
    """`do(number)` in so many threads that start together; their results."""
    start, results = threading.Barrier(count), [None] * count

    def run(number):
        try:
            start.wait()
            results[number] = do(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_four_workers_do_each_effect_once(monkeypatch):
    monkeypatch.setattr(handlers, "_handlers", {})
    done, lock = Counter(), threading.Lock()

    @handlers.register("test")
    def handle(effect):
        with lock:
            done[effect.key] += 1

    effects.enqueue_many([NewEffect("test", {}, key=str(n)) for n in range(200)], at=NOW)
    at_once(4, lambda _: relay.run(now=lambda: NOW))
    assert len(done) == 200
    assert set(done.values()) == {1}
    assert Effect.objects.filter(state="done", attempts=1).count() == 200


def test_one_of_six_beats_gets_the_lease():
    def sweep(_):
        with lease("sweep", 50, at=NOW) as held:
            return held

    assert Counter(at_once(6, sweep)) == {True: 1, False: 5}


def test_ten_requests_at_once_are_still_five_codes():
    def ask(number):
        try:
            codes.request_code("+966500000123", client=f"client {number}", language="ar", at=NOW)
        except DomainError as error:
            return error.code
        return "sent"

    assert Counter(at_once(10, ask)) == {"sent": 5, "too_many_attempts": 5}
    assert OneTimeCode.objects.count() == 5
