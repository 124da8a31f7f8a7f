"""A new index beside the one that lives: filled while writes go on, compared, and put in its place in one
step.

Every write goes to both from the moment the new one is there, so what the filling reads is as new or newer.
How far it has come stands in the index: after a kill -9 the next run goes on from there.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from cms.reports.models import Report

from . import checking
from .backends.elastic import building
from .backends.elastic.keeping import ElasticStore
from .filling import filling

AT_ONCE = 1000
# A run says so often that it lives; one that has been silent for so long is dead.
SIGN, SILENT = 5.0, 30.0
# Comparing again after mending: more than once only where reports change in the thousands meanwhile.
ROUNDS = 5


class UnderWay(Exception):
    """Another run is at it."""


class NotTheSame(Exception):
    """The new index does not hold what the database says, and would not be mended: the old one lives on."""


@dataclass
class Rebuilt:
    """`name` is empty where the time was over first: the next run goes on."""

    name: str = ""
    written: int = 0
    mended: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    deleted: tuple[str, ...] = ()


Say = Callable[[str], None]


def rebuild(
    *,
    say: Say = lambda line: None,
    afresh: bool = False,
    seconds: float | None = None,
    processes: int = 1,
) -> Rebuilt:
    """Build, compare, switch, and keep one old index. With several processes, what is in the caller's
    transaction alone is not seen. Raises UnderWay, NotTheSame, Unavailable, BrokenExecutor.
    """
    began = time.monotonic()
    index = _index(afresh=afresh, at=timezone.now())
    say(f"{index.name}: from report {int(index.meta.get('last', 0)) + 1}")
    rebuilt = Rebuilt()
    if not _filled(index, rebuilt, say, began, seconds, processes):
        return rebuilt
    building.live_on(index)
    _compared(index, rebuilt, say)
    there, wanted = building.count(index.name), Report.objects.count()
    say(f"{index.name}: {there} documents of {wanted} reports")
    building.switch(index)
    rebuilt.name, rebuilt.deleted = index.name, tuple(building.sweep())
    return rebuilt


def _index(*, afresh: bool, at: datetime) -> building.Index:
    """The one that was begun, where it is still what is wanted; else a new one."""
    for index in building.indices():
        if index.state != "next":
            continue
        silent = at.timestamp() - float(index.meta.get("sign", 0))
        if silent < SILENT:
            raise UnderWay(f"{index.name} is being filled; its last sign is {silent:.0f} s old")
        if not afresh:
            return index
        building.delete(index.name)
    return building.begin(at=at)


def _filled(
    index: building.Index, rebuilt: Rebuilt, say: Say, began: float, seconds: float | None, processes: int
) -> bool:
    """Write what is missing. False: time is over."""
    signed = time.monotonic()
    done = int(index.meta.get("last", 0))
    building.remember(index, last=done, sign=time.time())
    # In their order, each with the last id in it: how far all of it has come is what the oldest has.
    under_way: deque[tuple[int, Future[int]]] = deque()
    whole = True

    def acknowledged() -> int:
        last, span = under_way.popleft()
        rebuilt.written += span.result()
        return last

    with filling(building.next_alias(), processes=processes) as filled:
        for first, last in checking.spans(done, size=AT_ONCE):
            under_way.append((last, filled.write(first, last)))
            if len(under_way) >= filled.at_once:
                done = acknowledged()
            if time.monotonic() - signed > SIGN:
                signed = time.monotonic()
                building.remember(index, last=done, sign=time.time())
                say(f"{index.name}: {rebuilt.written} written")
            if seconds is not None and time.monotonic() - began > seconds:
                whole = False
                break
        while under_way:
            done = acknowledged()
    # Who goes on later need not wait for a sign to grow old.
    building.remember(index, last=done, sign=time.time() if whole else 0)
    return whole


def _compared(index: building.Index, rebuilt: Rebuilt, say: Say) -> None:
    """Until nothing is left to mend but what the server refuses, which is set aside."""
    store = ElasticStore(building.next_alias())
    left: set[int] = set()

    def told(last: int, drift: checking.Drift) -> None:
        building.remember(index, sign=time.time())

    for _ in range(ROUNDS):
        checked = checking.check(store, mending=True, told=told)
        left = set(checked.drift.ids) - checked.refused.keys()
        rebuilt.mended, rebuilt.refused = rebuilt.mended + len(left), checked.refused
        for pk, reason in sorted(checked.refused.items())[:10]:
            say(f"refused: report {pk}: {reason}")
        if not left:
            return
        say(f"compared: {len(left)} mended")
    raise NotTheSame(f"{len(left)} documents are not what the database says, among them {sorted(left)[:5]}")
