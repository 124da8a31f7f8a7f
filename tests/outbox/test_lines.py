"""A line: effects that are done apart from all others, and many at a time."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from cms.outbox import effects, handlers, lines, relay
from cms.outbox.effects import NewEffect
from cms.outbox.handlers import Hold, Permanent, Retry
from cms.outbox.models import Effect

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(monkeypatch):
    """What a line of three at a time was given to do, by keys."""
    given = []
    monkeypatch.setattr(lines, "_lines", {})

    @lines.line("test", batch=3)
    def do(rows):
        given.append([row.key for row in rows])
        return {}

    return given


def write(*keys, line="test", at=None):
    effects.enqueue_many([NewEffect("test", {}, key, line=line) for key in keys], at=at or timezone.now())


def test_it_does_many_at_a_time_in_their_order(done):
    write("a", "b", "c", "d")
    assert lines.run("test") == 4
    assert done == [["a", "b", "c"], ["d"]]
    assert set(Effect.objects.values_list("state", "attempts", "claimed_by")) == {("done", 1, "")}


def test_neither_does_the_others_work(done, monkeypatch):
    monkeypatch.setattr(handlers, "_handlers", {})
    sent = []
    handlers.register("test")(lambda effect: sent.append(effect.key))
    write("in the line")
    write("a message", line="")
    assert relay.run() == 1
    assert lines.run("test") == 1
    assert (sent, done) == (["a message"], [["in the line"]])


def test_what_goes_wrong_with_one_holds_nobody_up(monkeypatch):
    now = timezone.now()
    later = now + timedelta(seconds=30)
    verdicts = {"held": Hold(later, "away"), "again": Retry("busy"), "refused": Permanent("no such field")}
    monkeypatch.setattr(lines, "_lines", {})
    lines.line("test", batch=10)(
        lambda rows: {row.pk: verdicts[row.key] for row in rows if row.key in verdicts}
    )
    write("good", *verdicts, at=now)
    assert lines.run("test", now=lambda: now) == 1
    rows = {row.key: row for row in Effect.objects.all()}
    assert {key: row.state for key, row in rows.items()} == {
        "good": "done",
        "held": "pending",
        "again": "pending",
        "refused": "failed",
    }
    # What is held was no attempt; what failed says why.
    assert (rows["held"].attempts, rows["held"].not_before, rows["held"].held_reason) == (0, later, "away")
    assert (rows["again"].attempts, rows["refused"].last_error) == (1, "no such field")


def test_what_breaks_breaks_for_each(monkeypatch):
    monkeypatch.setattr(lines, "_lines", {})

    def broken(rows):
        raise ZeroDivisionError("division by zero")

    lines.line("test", batch=10)(broken)
    write("a", "b")
    assert lines.run("test") == 0
    assert set(Effect.objects.values_list("state", "last_error")) == {
        ("failed", "ZeroDivisionError: division by zero")
    }


def test_what_a_killed_worker_had_is_taken_over_after_its_lease(done):
    now = timezone.now()
    write("a", at=now)
    relay.claim("killed", at=now, line="test")
    assert lines.run("test", now=lambda: now + timedelta(seconds=60)) == 0
    assert lines.run("test", now=lambda: now + timedelta(seconds=121)) == 1


def test_effects_of_one_step_are_one_insert_and_only_messages_wake_the_relay(
    monkeypatch, django_assert_num_queries, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr("cms.outbox.tasks.wake_relay", lambda: woken.append(True))
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        with django_assert_num_queries(1), effects.gathered():
            write("a")
            write("b", line="")
        assert Effect.objects.count() == 2
    assert woken == [True]
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        write("c")
    assert woken == [True]
