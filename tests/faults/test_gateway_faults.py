"""A gateway that misbehaves, from the outbox to the gateway: what waits, and what is given up."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from cms.gateways.models import Circuit
from cms.notifications.models import SentMessage
from cms.outbox.models import Effect
from tests.gateways.unruly import Unruly, status
from tests.notifications.test_messages import submitted

from .conftest import START

pytestmark = pytest.mark.usefixtures("texts", "people")


def messages(count: int) -> None:
    for number in range(count):
        submitted(at=START - timedelta(seconds=number))
    Effect.objects.exclude(kind="sender_sms").delete()


def until_done(relayed: Any) -> int:
    """Run whenever something is due, as the clock would; in how many minutes all had an outcome."""
    moment = START
    for _ in range(200):
        relayed(moment)
        Effect.objects.exclude(kind="sender_sms").delete()
        waiting = Effect.objects.filter(state="pending").order_by("not_before").first()
        if waiting is None:
            return int((moment - START).total_seconds() // 60)
        moment = max(waiting.not_before, moment)
    raise AssertionError("it never ends")


@pytest.mark.parametrize(
    ("does", "twice"),
    [
        (status(500), 0),
        (status(429, Retry_After="120"), 0),
        ((200, {}, b"<html>Good morning</html>"), 3),
        ("close", 3),
        ("garbage", 3),
        ("hang", 3),
    ],
    ids=["500", "429", "no JSON", "closes", "garbage", "hangs"],
)
def test_where_the_first_fails_the_second_has_everything_and_nothing_is_lost(
    two: tuple[Unruly, Unruly],
    relayed: Any,
    does: Any,
    twice: int,
) -> None:
    first, second = two
    first.always = does
    messages(8)
    minutes = until_done(relayed)
    # then all went out by the second, once, within minutes
    assert Counter(SentMessage.objects.values_list("state", "via")) == {("sent", "sms:g1"): 8}
    assert (len(second.keys), max(second.keys.values())) == (8, 1)
    assert minutes <= 5
    # and only what the first may have taken came to both, under one key; it was soon left alone
    assert first.keys.total() <= 8
    asked_both = {key for key in first.keys if key in second.keys}
    assert asked_both == set(first.keys)
    if twice:
        assert len(first.keys) >= twice
    assert Circuit.objects.get(key="sms:g0").state == "open"


def test_both_away_for_an_hour_and_all_goes_out_within_ten_minutes_of_their_return(
    two: tuple[Unruly, Unruly],
    relayed: Any,
) -> None:
    for server in two:
        server.always = status(503)
    messages(8)
    moment, back = START, START + timedelta(hours=1)
    while moment < back:
        relayed(moment)
        Effect.objects.exclude(kind="sender_sms").delete()
        moment = max(Effect.objects.order_by("not_before").values_list("not_before", flat=True)[0], moment)
    asked = sum(server.keys.total() for server in two)
    # while they were away they were asked now and then, and no message had run out of tries
    assert asked < 40
    assert not Effect.objects.filter(state="failed").exists()
    for server in two:
        server.always = 200, {}, b'{"ok": true}'
    while Effect.objects.filter(state="pending").exists():
        relayed(moment)
        Effect.objects.exclude(kind="sender_sms").delete()
        waiting = Effect.objects.filter(state="pending").order_by("not_before").first()
        moment = max(waiting.not_before, moment) if waiting else moment
    assert SentMessage.objects.filter(state="sent").count() == 8
    last = SentMessage.objects.order_by("-sent_at")[0].sent_at
    assert last is not None
    # whoever had to try more often waits for its own pause, and the others only for the trial
    within = [row.sent_at - back for row in SentMessage.objects.all() if row.sent_at]
    assert sorted(within)[len(within) // 2] <= timedelta(minutes=10)


def test_a_4xx_is_given_up_at_once_and_asked_of_nobody_else(
    two: tuple[Unruly, Unruly],
    relayed: Any,
) -> None:
    first, second = two
    first.always = status(400)
    messages(3)
    until_done(relayed)
    assert Counter(Effect.objects.values_list("state", "via", "attempts")) == {("failed", "sms:g0", 1): 3}
    assert (first.keys.total(), second.keys.total()) == (3, 0)
    assert set(SentMessage.objects.values_list("state", "error")) == {("failed", "gateway answered 400")}
