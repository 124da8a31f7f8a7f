"""Slowing those who guess."""

from datetime import UTC, datetime, timedelta

import pytest

from permissions import attempts
from permissions.models import Attempts

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def fail(times=1, *, kind="reference", key="203.0.113.7", at=NOON):
    for _ in range(times):
        attempts.fail(kind, key, window=QUARTER, at=at)


def blocked(*, kind="reference", key="203.0.113.7", at=NOON):
    return attempts.blocked(kind, key, limit=3, at=at)


def test_one_may_fail_up_to_the_limit():
    fail(2)

    assert blocked() is None


def test_the_limit_blocks_for_the_rest_of_the_window_and_says_how_long():
    fail(2)
    fail(at=NOON + timedelta(minutes=5))

    assert blocked(at=NOON + timedelta(minutes=5)) == 600
    assert blocked(at=NOON + QUARTER - timedelta(milliseconds=10)) == 1


def test_the_window_ends_and_a_new_one_counts_from_the_beginning():
    fail(3)
    later = NOON + QUARTER
    assert blocked(at=later) is None

    fail(at=later)

    assert attempts.failures("reference", "203.0.113.7", at=later) == (1, 900)


def test_keys_and_kinds_are_counted_apart():
    fail(3)

    assert blocked(key="203.0.113.8") is None
    assert blocked(kind="code") is None


def test_success_forgets():
    fail(3)

    attempts.forget("reference", "203.0.113.7")

    assert blocked() is None


def test_the_sweep_removes_what_has_passed_and_nothing_else():
    fail(3)
    fail(key="another", at=NOON + timedelta(minutes=1))

    assert attempts.sweep(at=NOON + QUARTER) == 1
    assert attempts.failures("reference", "another", at=NOON + QUARTER)[0] == 1


def test_no_key_is_kept_in_the_clear_and_none_breaks_it():
    fail(key="+966500000100")
    fail(key="\ud800 half a character")

    assert not Attempts.objects.filter(key_hash__contains="+966500000100").exists()
    assert {len(key) for key in Attempts.objects.values_list("key_hash", flat=True)} == {64}
