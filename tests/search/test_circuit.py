"""When a server is asked, and when it is left alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from search.circuit import FIRST, LONGEST, Circuit


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def circuit(clock):
    return Circuit(clock=clock)


def test_a_refused_connection_opens_it_at_once(circuit):
    assert circuit.allows()
    circuit.failed()
    assert (circuit.is_open, circuit.allows(), circuit.seconds_left) == (True, False, FIRST)


def test_one_slow_answer_may_be_the_questions_fault_and_two_are_not(circuit):
    circuit.failed(slow=True)
    assert circuit.allows()
    circuit.failed(slow=True)
    assert not circuit.allows()


def test_an_answer_between_two_slow_ones_forgives_the_first(circuit):
    circuit.failed(slow=True)
    circuit.succeeded()
    circuit.failed(slow=True)
    assert circuit.allows()


def test_after_the_pause_one_tries_and_the_others_wait(circuit, clock):
    circuit.failed()
    clock.now += FIRST
    assert [circuit.allows(), circuit.allows()] == [True, False]
    circuit.succeeded()
    assert [circuit.is_open, circuit.allows(), circuit.allows()] == [False, True, True]


def test_each_failed_trial_doubles_the_pause(circuit, clock):
    circuit.failed()
    pauses = []
    for _ in range(6):
        pauses.append(circuit.seconds_left)
        clock.now += circuit.seconds_left
        assert circuit.allows()
        circuit.failed()
    assert pauses == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST, LONGEST, LONGEST]


def test_it_tells_since_when_and_forgets_it_with_the_first_answer(circuit, clock):
    assert circuit.since is None
    circuit.failed()
    first = circuit.since
    assert timezone.now() - first < timedelta(minutes=1)
    clock.now += FIRST
    assert circuit.allows()
    circuit.failed()
    assert circuit.since == first
    circuit.succeeded()
    assert circuit.since is None
