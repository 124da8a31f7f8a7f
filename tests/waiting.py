"""Waiting for what another process or thread does: the only place where a test waits and looks again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def until(what: Callable[[], object], seconds: float = 20, *, told: Callable[[], str] = str) -> float:
    """How many seconds it took to become true. Fails after `seconds`, with what `told` says then."""
    began, pause = time.monotonic(), threading.Event()
    while not what():
        assert time.monotonic() - began < seconds, f"waited {seconds} s in vain\n{told()}"
        pause.wait(0.05)
    return time.monotonic() - began
