"""Requests per client and window, counted in the cache: shared by all processes where the cache is."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.core.cache import cache
from django.http import HttpResponse

from .conf import limit

logger = logging.getLogger("graphql_api")


@dataclass(frozen=True)
class Allowance:
    """What is left of a client's window; `seconds` until the next one."""

    limit: int
    window: int
    left: int
    seconds: int

    @property
    def is_used_up(self) -> bool:
        return self.left < 0

    def add_headers(self, response: HttpResponse) -> None:
        """The fields of the IETF draft 'RateLimit header fields for HTTP'."""
        response["RateLimit-Policy"] = f'"client";q={self.limit};w={self.window}'
        response["RateLimit"] = f'"client";r={max(0, self.left)};t={self.seconds}'
        if self.is_used_up:
            response["Retry-After"] = str(self.seconds)


def count(client: str) -> Allowance:
    """Count one request of this client. A cache that has lost its memory starts a new window."""
    most, window = limit("requests"), limit("window_seconds")
    now = time.time()
    slot = int(now // window)
    key = f"graphql:{client}:{slot}"
    try:
        cache.add(key, 0, timeout=2 * window)
        used = cache.incr(key)
    except Exception:
        # Evicted in between, or the cache is down: people still have to be able to report.
        logger.warning("requests cannot be counted", exc_info=True)
        used = 1
    return Allowance(most, window, most - used, max(1, int((slot + 1) * window - now)))
