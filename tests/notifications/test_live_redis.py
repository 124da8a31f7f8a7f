"""What is told live reaches the pages of other processes by a real Redis."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
import redis as redis_package

from cms.notifications import live

Heard = TypeVar("Heard")
ROOT = Path(__file__).parents[2]
# By which this process is known to Redis.
NAME = f"sawt-live-{os.getpid()}"
# Another process of the product, as a worker is one: it says three words through its own hub and ends.
SAYS = """
import django, json, sys
django.setup()
from cms.notifications import live
hub = live.Hub(sys.argv[1])
for word in json.loads(sys.argv[2]):
    hub.publish(word)
"""


@pytest.fixture
def address(settings: Any) -> Iterator[str]:
    given = os.environ.get("REDIS_URL", "")
    if not given:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail("REQUIRE_SERVICES=1, and REDIS_URL is not set")
        pytest.skip("needs Redis: set REDIS_URL, or run script/services")
    there = f"{given}?client_name={NAME}"
    settings.CACHES = {"default": {"BACKEND": "permissions.counters.RedisCache", "LOCATION": there}}
    yield given
    live._kept.clear()


@pytest.fixture
def channel() -> str:
    """One of the test's own: a hub of an earlier test hears on for as long as this process lives."""
    return f"sawt:live:{uuid.uuid4().hex}"


def in_a_thread(hearing: Coroutine[Any, Any, Heard]) -> Heard:
    """A browser's test before this one may have left its own loop running in the first thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, hearing).result()


def subscribers(address: str, channel: str) -> int:
    with redis_package.Redis.from_url(address) as server:
        return int(dict(server.pubsub_numsub(channel)).get(channel.encode(), 0))


async def until_heard(address: str, channel: str) -> None:
    async with asyncio.timeout(10):
        while not subscribers(address, channel):
            await asyncio.sleep(0.02)


def say(channel: str, words: list[dict[str, Any]], address: str) -> None:
    """From a process of its own, whose cache is this Redis."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "cms.settings.test", "REDIS_URL": address}
    subprocess.run(
        [sys.executable, "-c", SAYS, channel, json.dumps(words)],
        cwd=ROOT,
        env=environment,
        check=True,
        timeout=60,
    )


def test_a_word_of_another_process_reaches_the_page_it_is_for_and_no_other(
    address: str, channel: str
) -> None:
    hub = live.Hub(channel)

    async def hear() -> tuple[list[Any], int]:
        with hub.listening(7) as mine, hub.listening(8) as other:
            await until_heard(address, channel)
            words = [{"kind": "inbox", "people": [9]}, {"kind": "inbox", "people": [7]}]
            words.append({"kind": "queue", "entities": [3], "confidential": False, "about": None})
            await asyncio.to_thread(say, channel, words, address)
            async with asyncio.timeout(10):
                # the queue's word is for all, and comes last
                got = [await mine.words.get(), await mine.words.get()]
                theirs = await other.words.get()
            assert theirs["kind"] == "queue"
            return got, other.words.qsize()

    got, left = in_a_thread(hear())
    assert [word["kind"] for word in got] == ["inbox", "queue"]
    assert got[0]["people"] == [7]
    assert left == 0


def test_what_this_process_says_comes_back_once(address: str, channel: str) -> None:
    hub = live.Hub(channel)

    async def hear() -> tuple[dict[str, Any], int]:
        with hub.listening(7) as mine:
            await until_heard(address, channel)
            for word in ({"kind": "inbox", "people": [7]}, {"kind": "queue", "entities": [1]}):
                await asyncio.to_thread(hub.publish, word)
            async with asyncio.timeout(10):
                first = await mine.words.get()
                last = await mine.words.get()
            assert last["kind"] == "queue"
            return first, mine.words.qsize()

    assert in_a_thread(hear()) == ({"kind": "inbox", "people": [7]}, 0)


def test_after_redis_was_lost_it_is_heard_again(
    address: str, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "REST", 0.05)
    hub = live.Hub(channel)

    async def hear() -> dict[str, Any]:
        with hub.listening(7) as mine:
            await until_heard(address, channel)
            with redis_package.Redis.from_url(address) as server:
                # when the server ends all that this process hears by
                ours = [row["id"] for row in server.client_list(_type="pubsub") if row["name"] == NAME]
                assert ours
                for each in ours:
                    server.client_kill_filter(_id=each)
                # It may be there again already, by another connection.
                assert not {row["id"] for row in server.client_list(_type="pubsub")} & set(ours)
            await until_heard(address, channel)
            await asyncio.to_thread(hub.publish, {"kind": "inbox", "people": [7]})
            async with asyncio.timeout(10):
                return await mine.words.get()

    assert in_a_thread(hear()) == {"kind": "inbox", "people": [7]}
