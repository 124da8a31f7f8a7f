"""Whether a server is asked at all: not for a while, once it has failed; then once, to see.

One for a process. The first failure of a connection opens it; of answers that come too late it takes two, one
alone may be the question's fault. Each failed trial doubles the pause.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

FIRST, LONGEST = 2.0, 30.0
SLOW_ONES = 2


class Circuit:
    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._slow = 0
        self._pause = FIRST
        self._until: float | None = None
        self._trying = False
        # When this process saw it fail first; None while it answers.
        self.since: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self._until is not None

    @property
    def seconds_left(self) -> float:
        """Until it is tried again."""
        until = self._until
        return 0.0 if until is None else max(until - self._clock(), 0.0)

    def allows(self) -> bool:
        """Whether to ask; after a rest one asks, and the others wait for what it says."""
        if self._until is None:
            return True
        with self._lock:
            if self._until is None:
                return True
            if self._trying or self._clock() < self._until:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        if self._until is None and not self._slow:
            return
        with self._lock:
            self._well()

    def failed(self, *, slow: bool = False) -> None:
        with self._lock:
            self._slow += slow
            if slow and self._slow < SLOW_ONES and self._until is None:
                return
            if self._until is not None:
                self._pause = min(2 * self._pause, LONGEST)
            self.since = self.since or timezone.now()
            self._until, self._trying = self._clock() + self._pause, False

    def forget(self) -> None:
        """As if nothing had happened."""
        with self._lock:
            self._well()

    def _well(self) -> None:
        self._until, self._slow, self._trying, self._pause = None, 0, False, FIRST
        self.since = None
