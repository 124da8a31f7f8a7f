"""Redis ends the connection in the middle: counting goes on, and nobody is turned away."""

from __future__ import annotations

import os
import uuid
from typing import Any

import pytest
from django.core.cache import caches

from permissions import rates
from permissions.counters import RedisCache


@pytest.fixture
def cache(settings: Any) -> RedisCache:
    address = os.environ.get("REDIS_URL", "")
    if not address:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail("REQUIRE_SERVICES=1, and REDIS_URL is not set")
        pytest.skip("needs Redis: set REDIS_URL, or run script/services")
    backend = {"BACKEND": "permissions.counters.RedisCache", "LOCATION": address}
    settings.CACHES = {"default": {**backend, "KEY_PREFIX": f"test-{uuid.uuid4().hex}"}}
    made = caches["default"]
    assert isinstance(made, RedisCache)
    return made


def test_a_connection_that_is_killed_between_two_counts_costs_nobody_anything(cache: RedisCache) -> None:
    client = cache._cache.get_client()
    for used in (1, 2, 3):
        # given a connection that Redis has ended since the last question
        mine = client.client_id()
        other = type(client).from_url(os.environ["REDIS_URL"])
        assert other.client_kill_filter(_id=mine) == 1
        other.close()
        # when something is counted, then it is, on a new one
        allowance = rates.count("visits", "203.0.113.7", limit=3, window=60)
        assert (allowance.left, allowance.is_used_up) == (3 - used, False)
        assert client.client_id() != mine
