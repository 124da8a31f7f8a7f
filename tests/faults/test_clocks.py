"""The clock set back and forward: nothing is sent twice, and nothing waits for the wrong time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from cms.gateways.models import Circuit
from cms.notifications.models import SentMessage
from cms.outbox.leases import lease
from cms.outbox.models import Effect
from cms.reports import escalating
from cms.reports.models import StepTaken
from tests.gateways.unruly import Unruly, status
from tests.notifications.test_messages import submitted

from .conftest import START

pytestmark = pytest.mark.usefixtures("texts", "people")
HOUR, DAYS = timedelta(hours=1), timedelta(days=3)
SET = [START, START - HOUR, START + DAYS, START]


def test_each_message_and_each_step_once_wherever_the_clock_is_set(
    two: tuple[Unruly, Unruly], relayed: Any
) -> None:
    for moment in SET:
        submitted(at=moment)
        escalating.sweep(moment)
        Effect.objects.exclude(kind="sender_sms").delete()
        relayed(moment)
    assert not Effect.objects.filter(state__in=["pending", "claimed"]).exists()
    assert SentMessage.objects.filter(state="sent", event="submit").count() == len(SET)
    assert set(two[0].keys.values()) == {1}
    steps = Counter(StepTaken.objects.values_list("deadline", "position", "audience", "channel"))
    # The three days ahead passed promises of the first two reports.
    assert set(steps.values()) == {1}


def test_two_beats_sweep_once_at_each_time_that_the_clock_is_set_to() -> None:
    for at in SET:
        with lease("sweep", 50, at=at) as one, lease("sweep", 50, at=at + timedelta(seconds=1)) as other:
            assert (one, other) == (True, False), at


def test_a_gateway_that_rested_in_a_time_to_come_is_asked_when_the_clock_is_right_again(
    two: tuple[Unruly, Unruly], relayed: Any
) -> None:
    # given gateways that asked for hours of rest while the clock was days ahead
    for server in two:
        server.always = status(429, Retry_After="21600")
    submitted(at=START + DAYS)
    Effect.objects.exclude(kind="sender_sms").delete()
    relayed(START + DAYS)
    assert set(Circuit.objects.values_list("state", flat=True)) == {"open"}
    # when it is set right and they are well
    for server in two:
        server.always = 200, {}, b'{"ok": true}'
    right = submitted(at=START)
    Effect.objects.exclude(kind="sender_sms").delete()
    relayed(START)
    # then the next message finds it out
    assert SentMessage.objects.get(report=right).state == "sent"
    assert Circuit.objects.get(key="sms:g0").state == "closed"
