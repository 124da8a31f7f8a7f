"""Counting in Redis: one round trip, and an end to every count."""

import os
import uuid

import pytest
from django.core.cache import caches

from permissions import counters, rates
from tests.waiting import until


@pytest.fixture
def redis(settings):
    address = os.environ.get("REDIS_URL", "")
    if not address:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail("REQUIRE_SERVICES=1, and REDIS_URL is not set")
        pytest.skip("needs Redis: set REDIS_URL, or run script/services")
    return counters.RedisCache(address, {"KEY_PREFIX": f"test-{uuid.uuid4().hex}"})


def test_a_count_begins_at_one_and_ends(redis):
    assert [redis.count("visits", 1) for _ in range(3)] == [1, 2, 3]
    assert redis.get("visits") == 3
    until(lambda: redis.get("visits") is None, 5)
    assert redis.count("visits", 1) == 1


def test_counting_on_does_not_put_the_end_off(redis):
    redis.count("visits", 1)
    redis.count("visits", 3600)
    assert redis._cache.get_client().ttl(redis.make_key("visits")) <= 1


def test_what_was_counted_is_read_and_given_back_as_a_number(redis):
    redis.count("visits", 60)
    redis.count("visits", 60)
    assert redis.decr("visits") == 1
    assert redis.count("visits", 60) == 2


def test_one_command_counts(redis):
    redis.count("visits", 60)
    sent = []
    client = redis._cache.get_client()
    execute = client.execute_command
    client.execute_command = lambda *words, **options: sent.append(words[0]) or execute(*words, **options)
    assert redis.count("visits", 60) == 2
    assert sent == ["EVALSHA"]


def test_a_server_that_is_away_stops_nobody(settings, caplog):
    settings.CACHES = {
        "default": {"BACKEND": "permissions.counters.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert isinstance(caches["default"], counters.CountingCache)
    allowance = rates.count("visits", "203.0.113.7", limit=3, window=60)
    assert (allowance.left, allowance.is_used_up) == (2, False)
    assert [record.getMessage() for record in caplog.records] == ["visits cannot be counted"]
