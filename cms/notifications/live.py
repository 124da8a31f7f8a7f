"""Telling open pages that there is something new: a word without content, which the page then asks about.

What happens in this process reaches its own listeners; where Redis is configured, those of every process.
Nothing depends on it: a page that hears nothing asks each minute by itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import redis
from django.conf import settings
from django.db import transaction

from cms.reports.models import Event, Report

log = logging.getLogger(__name__)

CHANNEL = "sawt:live"
INBOX, QUEUE = "inbox", "queue"
# As many words as one page may have waiting: more would tell it nothing else.
WAITING = 100
# After Redis has failed to answer, nobody waits for it again for so long.
REST = 10.0
Word = dict[str, Any]


@dataclass(eq=False)
class Listener:
    """One open page: `words` holds what it was told and has not looked at."""

    person: int
    loop: asyncio.AbstractEventLoop
    words: asyncio.Queue[Word] = field(default_factory=lambda: asyncio.Queue(WAITING))

    def take(self, word: Word) -> None:
        if not self.words.full():
            self.words.put_nowait(word)


class Hub:
    """The listeners of this process. Told from any thread."""

    def __init__(self, channel: str = CHANNEL) -> None:
        self._channel = channel
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._hearing: threading.Thread | None = None
        self._failed_at: float | None = None

    @contextmanager
    def listening(self, person: int) -> Iterator[Listener]:
        """From within an event loop."""
        listener = Listener(person, asyncio.get_running_loop())
        with self._lock:
            self._listeners.add(listener)
        self._hear_others()
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def count(self, person: int | None = None) -> int:
        with self._lock:
            return sum(1 for one in self._listeners if person in (None, one.person))

    def deliver(self, word: Word) -> None:
        people = word.get("people")
        with self._lock:
            meant = [one for one in self._listeners if people is None or one.person in people]
        for listener in meant:
            try:
                listener.loop.call_soon_threadsafe(listener.take, word)
            except RuntimeError:
                # Its loop has ended, and it with it.
                continue

    def publish(self, word: Word) -> None:
        """To everybody who listens, here or in another process. Never raises, and seldom waits."""
        address = redis_address()
        if not address:
            self.deliver(word)
            return
        if self._failed_at is not None and time.monotonic() - self._failed_at < REST:
            return
        try:
            _client(address).publish(self._channel, json.dumps(word))
            self._failed_at = None
        except redis.RedisError as error:
            self._failed_at = time.monotonic()
            log.warning("live: Redis does not answer (%s); open pages ask each minute", type(error).__name__)

    def _hear_others(self) -> None:
        address = redis_address()
        with self._lock:
            if not address or (self._hearing is not None and self._hearing.is_alive()):
                return
            self._hearing = threading.Thread(
                target=self._hear, args=[address], name="live-updates", daemon=True
            )
            self._hearing.start()

    def _hear(self, address: str) -> None:
        """For as long as this process lives: what others publish, and what we do."""
        while True:
            try:
                # No limit on the wait: there may be nothing to hear for hours.
                with redis.Redis.from_url(
                    address, socket_connect_timeout=5, health_check_interval=30
                ) as server:
                    hearing = server.pubsub(ignore_subscribe_messages=True)
                    hearing.subscribe(self._channel)
                    for message in hearing.listen():
                        self.deliver(json.loads(message["data"]))
            except (redis.RedisError, ValueError) as error:
                log.warning("live: Redis was lost (%s)", type(error).__name__)
                time.sleep(REST)


hub = Hub()
_kept: dict[str, redis.Redis] = {}


def redis_address() -> str:
    """Where the cache is Redis, it carries these words too."""
    cache = settings.CACHES["default"]
    return str(cache.get("LOCATION", "")) if "redis" in cache["BACKEND"].lower() else ""


def _client(address: str) -> redis.Redis:
    if address not in _kept:
        _kept[address] = redis.Redis.from_url(address, socket_connect_timeout=0.5, socket_timeout=0.5)
    return _kept[address]


def inbox_changed(people: Iterable[int]) -> None:
    """After the commit: these people's inboxes are not what they were."""
    ids = sorted(set(people))
    if ids:
        transaction.on_commit(lambda: hub.publish({"kind": INBOX, "people": ids}))


def report_changed(event: Event, report: Report) -> None:
    """After the commit: a report of these entities is not what it was. Who hears of it is asked of each
    listener's rights when it is told."""
    word = {
        "kind": QUEUE,
        "entities": sorted({pk for pk in (event.entity_id, report.entity_id) if pk is not None}),
        "confidential": report.is_confidential,
        "about": report.about_entity_id,
    }
    transaction.on_commit(lambda: hub.publish(word))
