"""Effects in groups: quick sides cost few transactions, slow ones and crashes repeat no more than one did."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from cms.outbox import effects, handlers, relay, tasks
from cms.outbox.effects import NewEffect
from cms.outbox.handlers import Cancel, Send
from cms.outbox.models import Effect, Lease

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def clock(moment=NOW):
    return lambda: moment


def enqueue(count, kind="test"):
    effects.enqueue_many([NewEffect(kind, {}, key=f"{n:02d}") for n in range(count)], at=NOW)


def states():
    return dict(Effect.objects.values_list("key", "state"))


@pytest.fixture
def kind(monkeypatch):
    """Set `kind.prepare` and `kind.send` (of the effect); `kind.sent` are the keys that were sent."""
    monkeypatch.setattr(handlers, "_handlers", {})

    class Kind:
        sent: list[str] = []
        prepare = staticmethod(lambda effect: None)
        send = staticmethod(lambda effect: None)
        apart = ""

    given = Kind()
    given.sent = []

    @handlers.prepares("test")
    def prepare(effect):
        given.prepare(effect)

        def do():
            record = given.send(effect)
            given.sent.append(effect.key)
            return record

        return Send(do, apart=given.apart)

    return given


def test_a_quick_side_costs_a_few_transactions_whatever_the_number(kind):
    enqueue(40)
    with CaptureQueriesContext(connection) as asked:
        assert relay.run(now=clock()) == 40
    assert kind.sent == [f"{n:02d}" for n in range(40)]
    assert set(states().values()) == {"done"}
    # claims: 2 × (2 asked, 2 written) and 2 at the end; groups of 1, 2, 4, 8, 5 and 20 in their transactions
    assert len(asked) <= 60


def test_at_a_slow_side_each_is_recorded_before_the_next_is_sent(kind, monkeypatch):
    monkeypatch.setattr(relay, "SLOW", -1)
    recorded = []
    kind.send = lambda effect: recorded.append(Effect.objects.filter(state="done").count())
    enqueue(6)
    assert relay.run(now=clock()) == 6
    assert recorded == [0, 1, 2, 3, 4, 5]


def test_what_was_prepared_behind_a_slow_one_is_prepared_again_before_it_is_sent(kind, monkeypatch):
    prepared, ticks = [], iter(range(1000))
    kind.prepare = lambda effect: prepared.append(effect.key)
    enqueue(3)
    group = relay.claim("me", at=NOW)
    monkeypatch.setattr(relay.time, "monotonic", lambda: next(ticks))
    assert [effect.key for effect in relay._do_group(group, clock())] == ["01", "02"]
    assert prepared == ["00", "01", "02"]
    assert kind.sent == ["00"]
    assert states() == {"00": "done", "01": "claimed", "02": "claimed"}


def test_one_that_breaks_the_transaction_breaks_no_other(kind):
    def prepare(effect):
        Lease.objects.create(name=effect.key, until=NOW, holder="x")
        if effect.key == "02":
            Lease.objects.create(name="00", until=NOW, holder="x")

    kind.prepare = prepare
    enqueue(5)
    group = relay.claim("me", at=NOW)
    assert relay._do_group(group, clock()) == []
    assert kind.sent == ["00", "01", "03", "04"]
    assert states() == {"00": "done", "01": "done", "02": "failed", "03": "done", "04": "done"}
    # what the broken one had written is gone with it
    assert set(Lease.objects.values_list("name", flat=True)) == {"00", "01", "03", "04"}


def test_a_verdict_in_a_group_is_its_own_effects_alone(kind):
    def prepare(effect):
        if effect.key == "01":
            raise Cancel("confidential")

    kind.prepare = prepare
    enqueue(3)
    relay._do_group(relay.claim("me", at=NOW), clock())
    assert states() == {"00": "done", "01": "cancelled", "02": "done"}


def test_a_result_that_cannot_be_recorded_holds_up_no_other(kind):
    def send(effect):
        def record():
            Lease.objects.create(name=effect.key, until=NOW, holder="x")
            if effect.key == "01":
                raise OperationalError("disk")

        return record

    kind.send = send
    enqueue(3)
    relay._do_group(relay.claim("me", at=NOW), clock())
    assert states() == {"00": "done", "01": "pending", "02": "done"}
    assert set(Lease.objects.values_list("name", flat=True)) == {"00", "02"}


def test_two_that_must_stay_apart_see_each_others_result(kind):
    def prepare(effect):
        if Lease.objects.filter(name="told today").exists():
            raise Cancel("told today")

    kind.prepare, kind.apart = prepare, "the same number"
    kind.send = lambda effect: lambda: Lease.objects.create(name="told today", until=NOW, holder="x")
    enqueue(6)
    relay.run(now=clock())
    assert kind.sent == ["00"]
    assert sorted(states().values()) == ["cancelled"] * 5 + ["done"]


def test_a_worker_told_to_stop_in_a_group_records_what_went_out(kind):
    def send(effect):
        if effect.key == "02":
            raise SystemExit

    kind.send = send
    enqueue(4)
    with pytest.raises(SystemExit):
        relay._do_group(relay.claim("me", at=NOW), clock())
    assert states() == {"00": "done", "01": "done", "02": "claimed", "03": "claimed"}


def test_nothing_is_begun_that_another_worker_may_take_meanwhile(kind):
    moments = [NOW]

    def send(effect):
        moments.append(NOW + relay.LEASE - relay.MARGIN + timedelta(seconds=1))

    kind.send = send
    enqueue(3)
    first = relay.run(now=lambda: moments[-1], limit=3)
    assert (first, kind.sent) == (1, ["00"])
    assert list(Effect.objects.filter(state="pending").values_list("key", "attempts")) == [
        ("01", 0),
        ("02", 0),
    ]


def test_a_worker_takes_turns_and_asks_for_its_next_one(kind, monkeypatch):
    """Else messages without an end keep sweeps and documents waiting."""
    asked = []
    monkeypatch.setattr(tasks.relay, "apply_async", lambda **more: asked.append(more))
    monkeypatch.setattr(tasks, "TURN", 0)
    enqueue(3)
    assert tasks.relay() == 1
    assert kind.sent == ["00"]
    # what it had claimed and not begun is anybody's
    waiting = Effect.objects.filter(state="pending")
    assert list(waiting.values_list("key", "attempts", "claimed_by")) == [("01", 0, ""), ("02", 0, "")]
    assert len(asked) == 1

    monkeypatch.setattr(tasks, "TURN", 50)
    assert tasks.relay() == 2
    assert kind.sent == ["00", "01", "02"]
    assert len(asked) == 1


def test_a_group_records_nothing_for_what_another_worker_has_taken(kind):
    def send(effect):
        if effect.key == "01":
            Effect.objects.filter(key="00").update(claimed_by="another")
        return lambda: Lease.objects.create(name=effect.key, until=NOW, holder="x")

    kind.send = send
    enqueue(3)
    relay._do_group(relay.claim("me", at=NOW), clock())
    assert states() == {"00": "claimed", "01": "done", "02": "done"}
    assert set(Lease.objects.values_list("name", flat=True)) == {"01", "02"}


def test_an_error_of_the_database_is_no_verdict_on_the_whole_group(kind):
    def prepare(effect):
        if effect.key == "00":
            raise IntegrityError("a bug")

    kind.prepare = prepare
    enqueue(2)
    relay._do_group(relay.claim("me", at=NOW), clock())
    assert states() == {"00": "failed", "01": "done"}
