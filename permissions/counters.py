"""Redis as Django's cache, where counting is one round trip: each request that is limited counts."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol, runtime_checkable

from django.core.cache.backends import redis

# Both or neither: a count that has no end would be refused for ever.
COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""


@runtime_checkable
class CountingCache(Protocol):
    def count(self, key: str, timeout: int) -> int:
        """Count one more; the first begins a count that ends after `timeout` seconds."""


class _Client(redis.RedisCacheClient):
    """Keeps its client for each pool: making one costs more than asking it."""

    _client: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]
        client = self._kept.get(id(pool))
        if client is None:
            client = self._kept[id(pool)] = self._client(connection_pool=pool)
        return client

    @cached_property
    def _script(self) -> Any:
        return self.get_client(write=True).register_script(COUNT)

    def count(self, key: str, timeout: int) -> int:
        return int(self._script(keys=[key], args=[timeout], client=self.get_client(key, write=True)))


class RedisCache(redis.RedisCache):
    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client

    def count(self, key: str, timeout: int) -> int:
        client: Any = self._cache
        return int(client.count(self.make_and_validate_key(key), timeout))
