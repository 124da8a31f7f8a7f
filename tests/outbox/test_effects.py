"""Effects are written with their cause, done once, tried again where that helps, and given up visibly."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, transaction

from cms.outbox import effects, failed, handlers, relay, tasks
from cms.outbox.effects import NewEffect
from cms.outbox.leases import lease
from cms.outbox.models import Effect, Lease

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def clock(moment=NOW):
    return lambda: moment


@pytest.fixture
def done(monkeypatch):
    """A kind 'test' whose handler notes what it did; `done.fail` is raised while it is set."""
    monkeypatch.setattr(handlers, "_handlers", {})

    class Done(list):
        fail: Exception | None = None

    calls = Done()

    @handlers.register("test")
    def handle(effect):
        if calls.fail is not None:
            raise calls.fail
        return lambda: calls.append(effect.key)

    return calls


def enqueue(key="a", **kwargs):
    effects.enqueue("test", {"report": 1}, key=key, at=NOW, **kwargs)


def only():
    return Effect.objects.get()


# --- writing ----------------------------------------------------------------------------------


def test_an_effect_of_one_key_is_done_once(done):
    enqueue()
    enqueue()
    assert relay.run(now=clock()) == 1
    enqueue()
    assert relay.run(now=clock()) == 0
    assert done == ["a"]
    assert (only().state, only().done_at, only().attempts) == ("done", NOW, 1)


def test_an_effect_goes_with_the_transaction_that_caused_it(done):
    with transaction.atomic():
        enqueue()
        transaction.set_rollback(True)
    assert not Effect.objects.exists()


def test_many_are_one_insert(django_assert_num_queries):
    with django_assert_num_queries(1):
        effects.enqueue_many([NewEffect("test", {}, key=str(n)) for n in range(50)], at=NOW)
    assert Effect.objects.count() == 50


def test_a_transaction_wakes_the_relay_once(django_capture_on_commit_callbacks, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks, "wake_relay", lambda: woken.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            enqueue(str(number))
    assert woken == [1]


def test_a_broker_that_is_down_fails_nothing(done, monkeypatch, django_capture_on_commit_callbacks, caplog):
    asked = []

    def refuse(*args, **kwargs):
        asked.append(kwargs)
        raise ConnectionRefusedError("broker")

    monkeypatch.setattr(tasks, "_broker_failed_at", None)
    monkeypatch.setattr(tasks.relay, "apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        enqueue("a")
    with django_capture_on_commit_callbacks(execute=True):
        enqueue("b")
    # asked once, and then left alone for a while; never with retries, which would hang the request
    assert [kwargs["retry"] for kwargs in asked] == [False]
    assert "broker" in caplog.text
    assert relay.run(now=clock()) == 2


# --- when -------------------------------------------------------------------------------------


def test_nothing_is_done_before_its_time(done):
    enqueue(not_before=NOW + timedelta(hours=2), held_reason="sending_hours")
    assert relay.run(now=clock()) == 0
    assert only().held_reason == "sending_hours"
    assert relay.run(now=clock(NOW + timedelta(hours=2))) == 1


def test_the_more_urgent_go_first_and_then_in_order(done):
    enqueue("late", not_before=NOW)
    enqueue("early", not_before=NOW - timedelta(minutes=1))
    enqueue("urgent", priority=10)
    relay.run(now=clock())
    assert done == ["urgent", "early", "late"]


def test_a_held_effect_costs_no_attempt(done):
    done.fail = handlers.Hold(NOW + timedelta(hours=9), "sending_hours")
    enqueue()
    relay.run(now=clock())
    row = only()
    assert (row.state, row.attempts, row.held_reason) == ("pending", 0, "sending_hours")
    assert row.not_before == NOW + timedelta(hours=9)


# --- failures ---------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [handlers.Retry("503"), OperationalError("locked"), TimeoutError("slow")])
def test_what_may_pass_is_tried_again_later(done, error):
    done.fail = error
    enqueue()
    relay.run(now=clock())
    row = only()
    assert (row.state, row.attempts) == ("pending", 1)
    assert timedelta(seconds=10) <= row.not_before - NOW <= timedelta(seconds=13)
    done.fail = None
    relay.run(now=clock(row.not_before))
    assert done == ["a"]
    assert only().last_error == ""


def test_the_other_side_may_say_when(done):
    done.fail = handlers.Retry("429", after=timedelta(minutes=7))
    enqueue()
    relay.run(now=clock())
    assert only().not_before == NOW + timedelta(minutes=7)


def test_pauses_grow_to_an_hour_and_then_it_is_given_up(done):
    done.fail = handlers.Retry("503")
    enqueue()
    pauses, moment = [], NOW
    while only().state == "pending":
        relay.run(now=clock(moment))
        pauses.append(only().not_before - moment)
        moment = max(only().not_before, moment)
    growing = pauses[:-1]
    assert len(growing) == handlers.OURS.most - 1
    assert growing[0] < growing[2] < growing[5]
    assert max(growing) <= timedelta(hours=1.25)
    assert (only().state, only().last_error) == ("failed", "503")


@pytest.mark.parametrize("error", [handlers.Permanent("400"), ValueError("a bug")])
def test_what_cannot_pass_is_given_up_at_once_and_seen(done, error, caplog):
    done.fail = error
    enqueue()
    relay.run(now=clock())
    assert only().state == "failed"
    assert str(error) in only().last_error
    assert caplog.records


def test_a_failed_effect_can_be_given_a_new_start(done):
    done.fail = handlers.Permanent("400")
    enqueue()
    relay.run(now=clock())
    done.fail = None
    assert failed.try_again(failed.rows(), at=NOW) == 1
    assert failed.try_again(Effect.objects.all(), at=NOW) == 0
    relay.run(now=clock())
    assert done == ["a"]


def test_what_is_no_longer_wanted_is_cancelled(done):
    done.fail = handlers.Cancel("confidential")
    enqueue()
    relay.run(now=clock())
    assert only().state == "cancelled"


def test_an_unknown_kind_waits_for_a_worker_that_knows_it(monkeypatch):
    monkeypatch.setattr(handlers, "_handlers", {})
    enqueue()
    relay.run(now=clock())
    assert only().state == "pending"


def test_a_result_that_cannot_be_recorded_leaves_nothing_behind(done):
    @handlers.register("test")
    def handle(effect):
        def record():
            Lease.objects.create(name="result", until=NOW, holder="x")
            raise OperationalError("disk")

        return record

    enqueue()
    relay.run(now=clock())
    assert only().state == "pending"
    assert not Lease.objects.exists()


# --- killed workers ---------------------------------------------------------------------------


def test_what_a_killed_worker_held_is_done_by_another_after_the_lease(done):
    enqueue()
    relay.claim("killed", at=NOW)
    assert relay.run(now=clock(NOW + relay.LEASE)) == 0
    assert relay.run(now=clock(NOW + relay.LEASE + timedelta(seconds=1))) == 1
    assert done == ["a"]
    assert only().attempts == 2


def test_a_worker_that_comes_back_too_late_records_nothing(done):
    enqueue()
    (slow,) = relay.claim("slow", at=NOW)
    relay.run(now=clock(NOW + timedelta(minutes=5)))
    relay.do(slow, now=clock())
    assert only().done_at == NOW + timedelta(minutes=5)


def test_two_workers_claim_different_effects(done):
    for number in range(4):
        enqueue(str(number))
    first = relay.claim("one", at=NOW, batch=2)
    second = relay.claim("two", at=NOW, batch=5)
    assert {row.key for row in first}.isdisjoint(row.key for row in second)
    assert len(first) + len(second) == 4


def test_an_idle_relay_asks_twice_and_locks_nothing(django_assert_num_queries):
    with django_assert_num_queries(2):
        relay.run(now=clock())


# --- afterwards -------------------------------------------------------------------------------


def test_parameters_of_a_wiped_kind_are_gone_when_it_ends(done):
    seen = []

    @handlers.register("secret", wipe=True)
    def handle(effect):
        seen.append(effect.payload["code"])

    effects.enqueue("secret", {"code": "123456"}, key="s", at=NOW)
    relay.run(now=clock())
    assert seen == ["123456"]
    assert only().payload == {}


def test_finished_rows_are_moved_away_and_others_stay(done):
    enqueue("old")
    relay.run(now=clock())
    enqueue("waiting")
    later = NOW + timedelta(days=31)
    assert effects.archive(at=later, keep=timedelta(days=30)) == 1
    assert only().key == "waiting"


def test_the_longest_wait_is_known(done):
    assert effects.oldest_waiting(NOW) is None
    enqueue("a", not_before=NOW - timedelta(minutes=3))
    enqueue("b", not_before=NOW + timedelta(minutes=3))
    assert effects.oldest_waiting(NOW) == timedelta(minutes=3)


# --- leases -----------------------------------------------------------------------------------


def test_two_beats_run_a_sweep_once():
    with lease("sweep", 50, at=NOW) as first, lease("sweep", 50, at=NOW + timedelta(seconds=1)) as second:
        assert (first, second) == (True, False)
    with lease("sweep", 50, at=NOW + timedelta(seconds=2)) as soon_after:
        assert soon_after is False
    with lease("sweep", 50, at=NOW + timedelta(seconds=50)) as next_time:
        assert next_time is True


def test_a_sweep_that_failed_may_run_again():
    with pytest.raises(RuntimeError), lease("sweep", 50, at=NOW):
        raise RuntimeError
    with lease("sweep", 50, at=NOW) as held:
        assert held


def test_a_lost_broker_does_not_hang_the_request():
    """A real client against a port where nobody listens."""
    import time

    from celery import Celery
    from django.conf import settings as real

    app = Celery("elsewhere", broker="redis://127.0.0.1:1/0", set_as_current=False)
    app.conf.broker_transport_options = {
        **real.CELERY_BROKER_TRANSPORT_OPTIONS,
        "socket_connect_timeout": 2,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 0.2,
    }
    started = time.monotonic()
    with pytest.raises(Exception, match="refused"):
        app.send_task("cms.outbox.tasks.relay", retry=False, ignore_result=True)
    assert time.monotonic() - started < 5
