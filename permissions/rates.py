"""How often a client does something, counted per window in the cache: shared by all processes where it is."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import DEFAULT_CACHE_ALIAS, cache, caches
from django.http import HttpResponse

from .clients import client_key
from .counters import CountingCache

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Allowance:
    """What is left of a client's window; `seconds` until the next one."""

    name: str
    limit: int
    window: int
    left: int
    seconds: int

    @property
    def is_used_up(self) -> bool:
        return self.left < 0


def _slot(name: str, client: str, window: int) -> tuple[str, int]:
    """The window's key in the cache, without anybody's address in it, and the seconds left of it."""
    now = time.time()
    slot = int(now // window)
    return f"rate:{name}:{client_key(client)}:{slot}", max(1, int((slot + 1) * window - now))


def count(name: str, client: str, *, limit: int, window: int) -> Allowance:
    """Count one of these for this client. A cache that has lost its memory starts a new window."""
    key, seconds = _slot(name, client, window)
    try:
        used = _counted(key, timeout=2 * window)
    except Exception:
        # Evicted in between, or the cache is down: people still have to be able to report.
        logger.warning("%s cannot be counted", name, exc_info=True)
        used = 1
    return Allowance(name, limit, window, limit - used, seconds)


def count_once(name: str, client: str, what: str, *, limit: int, window: int) -> tuple[Allowance, bool]:
    """Count this one thing of the client's once in a window, however often it comes; whether it was now."""
    key, _seconds = _slot(f"{name}-once", f"{client}\0{what}", window)
    try:
        is_first = bool(cache.add(key, 1, timeout=2 * window))
    except Exception:
        is_first = True
    if is_first:
        return count(name, client, limit=limit, window=window), True
    return present(name, client, limit=limit, window=window), False


def give_back(name: str, client: str, *, window: int) -> None:
    """Take one of the present window's counts back: what was counted did not happen."""
    key, _seconds = _slot(name, client, window)
    try:
        cache.decr(key)
    except Exception:
        # A new window has begun, or the cache is down: the client has one less, for an hour at most.
        logger.info("%s cannot be given back", name)


def _counted(key: str, *, timeout: int) -> int:
    """Only a window's first request finds nothing there; of two at once one adds, and the other counts on."""
    if isinstance(counter := caches[DEFAULT_CACHE_ALIAS], CountingCache):
        return counter.count(key, timeout)
    try:
        return int(cache.incr(key))
    except ValueError:
        return 1 if cache.add(key, 1, timeout=timeout) else int(cache.incr(key))


def present(name: str, client: str, *, limit: int, window: int) -> Allowance:
    """What is left, without counting."""
    key, seconds = _slot(name, client, window)
    try:
        used = int(cache.get(key, 0))
    except Exception:
        used = 0
    return Allowance(name, limit, window, limit - used, seconds)


def add_headers(response: HttpResponse, allowances: Sequence[Allowance]) -> None:
    """The fields of the IETF draft 'RateLimit header fields for HTTP'."""
    response["RateLimit-Policy"] = ", ".join(
        f'"{one.name}";q={one.limit};w={one.window}' for one in allowances
    )
    response["RateLimit"] = ", ".join(
        f'"{one.name}";r={max(0, one.left)};t={one.seconds}' for one in allowances
    )
