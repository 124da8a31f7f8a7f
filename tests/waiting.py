"""Waiting for what another process or thread does, and the only place where a test sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(what: Callable[[], object], seconds: float = 20, *, told: Callable[[], str] = str) -> float:
    """How many seconds it took to become true. Fails after `seconds`, with what `told` says then."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, f"waited {seconds} s in vain\n{told()}"
        time.sleep(0.05)
    return time.monotonic() - began
