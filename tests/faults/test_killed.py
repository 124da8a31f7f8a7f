"""A worker that is killed with -9 where it hurts most, and a database that goes away under it.

No message is lost; one comes twice only where the gateway took it and nobody wrote that down, and then under
the key by which the gateway knows it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection, connections
from django.utils import timezone

from cms.gateways import reaching
from cms.notifications.models import SentMessage
from cms.notifications.templates_data import load_templates
from cms.outbox import effects, relay
from cms.outbox.effects import NewEffect
from cms.outbox.models import Effect
from tests import factories
from tests.gateways.unruly import Unruly

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("committing_db")]
MESSAGES = 12


@pytest.fixture
def gateway(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Unruly]:
    made = Unruly()
    settings.SAWT_SMS_URL, settings.SAWT_SMS_PRIVATE_NETWORK = made.url, True
    settings.SAWT_SMS_PER_NUMBER, settings.SAWT_SENDING_HOURS = 1000, ("00:00", "23:59")
    monkeypatch.setattr(reaching, "_thread", threading.local())
    yield made
    made.stop()


@pytest.fixture
def keys(people: factories.People, sender: Any, gateway: Unruly) -> set[str]:
    """Twelve messages that wait."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: another process must see what is committed")
    load_templates()
    report = factories.submitted_report(sender=sender)
    Effect.objects.all().delete()
    now = timezone.now()
    payload = {
        "report": report.pk,
        "event": "answer",
        "template": "answer",
        "entity": report.entity_id,
        "at": now.isoformat(),
        "own_act": True,
    }
    keys = {f"fault:{number:02d}" for number in range(MESSAGES)}
    effects.enqueue_many([NewEffect("sender_sms", payload, key=key) for key in sorted(keys)], at=now)
    return keys


def kill_me(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def worker(prepare: Callable[[], None]) -> int:
    """A process of its own that runs the relay after `prepare`; the signal that ended it."""
    # Nothing that is open is the other process's too.
    connections.close_all()
    connection.close_pool()
    reaching._thread = threading.local()
    child = os.fork()
    if not child:
        # Nor what a pool still holds that another one replaced: two would speak in one session.
        connection.connection = None
        connection._connection_pools.clear()
        prepare()
        relay.run(worker="killed")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def at_claim() -> None:
    claim = relay.claim

    def then_die(*args: Any, **kwargs: Any) -> list[Effect]:
        claim(*args, **kwargs)
        kill_me()
        return []

    relay.claim = then_die


def before_recording(group: int) -> Callable[[], None]:
    def prepare() -> None:
        record, count = relay._record, iter(range(100))

        def die_before(sent: Any, now: Any) -> None:
            if next(count) == group:
                kill_me()
            record(sent, now)

        relay._record = die_before

    return prepare


def after_recording() -> None:
    record = relay._record

    def then_die(sent: Any, now: Any) -> None:
        record(sent, now)
        if len(sent) > 1:
            kill_me()

    relay._record = then_die


@pytest.mark.parametrize(
    ("point", "sent", "done", "twice"),
    [
        (at_claim, 0, 0, 0),
        # groups of 1, 2, 4 …: the third was sent and not recorded
        (before_recording(2), 7, 3, 4),
        (after_recording, 3, 3, 0),
    ],
    ids=["claimed", "sent and not recorded", "recorded"],
)
def test_what_a_killed_worker_left_is_done_by_the_next(
    keys: set[str],
    gateway: Unruly,
    monkeypatch: pytest.MonkeyPatch,
    point: Callable[[], None],
    sent: int,
    done: int,
    twice: int,
) -> None:
    # given groups that grow on a busy machine too, and a worker that dies at this point
    monkeypatch.setattr(relay, "SLOW", 60)
    assert worker(point) == -signal.SIGKILL
    assert gateway.keys.total() == sent
    assert Effect.objects.filter(state="done").count() == done
    # when nobody has a lease any more, and another one comes
    later = timezone.now() + relay.LEASE + timedelta(seconds=1)
    relay.run(now=lambda: later)
    # then each message went out, is recorded once, and only what was sent and not recorded went out twice
    assert set(gateway.keys) == keys
    assert Effect.objects.filter(state="done").count() == MESSAGES
    recorded = SentMessage.objects.filter(state="sent").values_list("effect_key", flat=True)
    assert sorted(recorded) == sorted(keys)
    assert sum(count == 2 for count in gateway.keys.values()) == twice
    assert max(gateway.keys.values()) == (2 if twice else 1)


def cut_all_but_mine() -> None:
    """As a server that stops does: every session of this database ends."""
    to = connection.settings_dict
    where = {"host": to["HOST"], "port": to["PORT"], "user": to["USER"], "password": to["PASSWORD"] or None}
    with psycopg.connect(dbname=to["NAME"], autocommit=True, **where) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_database_that_goes_away_under_the_relay_loses_nothing(
    keys: set[str], gateway: Unruly, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a relay whose sessions end while the gateway has its fifth message
    post = reaching.post

    def post_and_cut(*args: Any, **kwargs: Any) -> reaching.Answer:
        answered = post(*args, **kwargs)
        if gateway.keys.total() == 5:
            cut_all_but_mine()
        return answered

    monkeypatch.setattr(reaching, "post", post_and_cut)
    # Whether it goes on by itself hangs on where the session ended.
    with suppress(OperationalError, InterfaceError):
        relay.run()
    connections.close_all()
    # when the database is there again; beat asks again where a session that was kept turns out to be dead
    later = timezone.now() + relay.LEASE + timedelta(seconds=1)
    for _ask in range(5):
        with suppress(OperationalError, InterfaceError):
            relay.run(now=lambda: later)
            break
        connections.close_all()
    # then nothing is lost, and what came twice came under its key
    assert set(gateway.keys) == keys
    assert SentMessage.objects.filter(state="sent").count() == MESSAGES
    assert Effect.objects.filter(state="done").count() == MESSAGES
    assert max(gateway.keys.values()) == 2
    assert sum(count == 2 for count in gateway.keys.values()) <= 4
