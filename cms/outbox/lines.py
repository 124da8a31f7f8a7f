"""Effects that are done apart from all others and many at a time: what holds a line up holds nobody else up.

A line looks for its work by itself, every second, rather than being woken by each commit.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from .handlers import OURS, Hold, Pauses, Registered, Send
from .models import Effect
from .outcomes import end_done, hold_together, lost, settle
from .relay import Clock, claim

State = Effect.State
# Does them all; gives what went wrong, by the effect's id. What it raises went wrong with each of them.
Several = Callable[[Sequence[Effect]], Mapping[int, Exception]]


@dataclass(frozen=True)
class Line:
    do: Several
    batch: int
    row: Registered


_lines: dict[str, Line] = {}


def _alone(effect: Effect) -> Send:
    raise TypeError(f"{effect.kind} is done by its line")


def line(name: str, *, batch: int, pauses: Pauses = OURS) -> Callable[[Several], Several]:
    """Decorator: this function does the effects of this line."""

    def decorate(do: Several) -> Several:
        _lines[name] = Line(do, batch, Registered(_alone, False, pauses))
        return do

    return decorate


def run(name: str, *, worker: str = "", now: Clock = timezone.now, seconds: float = 50) -> int:
    """Do what is due until nothing is, or for so long; how many were done. Any number may run at once."""
    worker, mine = worker or uuid.uuid4().hex, _lines[name]
    began, count = time.monotonic(), 0
    while rows := claim(worker, at=now(), batch=mine.batch, line=name):
        count += _do(rows, mine, worker, now)
        if len(rows) < mine.batch or time.monotonic() - began > seconds:
            break
    return count


def _do(rows: Sequence[Effect], mine: Line, worker: str, now: Clock) -> int:
    wrong: Mapping[int, Exception]
    try:
        wrong = mine.do(rows)
    except Exception as error:
        wrong = {row.pk: error for row in rows}
    done = [row for row in rows if row.pk not in wrong]
    _end(done, worker, now)
    held: dict[tuple[object, str], list[Effect]] = {}
    for row in rows:
        error_of = wrong.get(row.pk)
        if isinstance(error_of, Hold):
            held.setdefault((error_of.until, str(error_of)), []).append(row)
        elif error_of is not None:
            settle(row, mine.row, error_of, now)
    for together in held.values():
        hold = wrong[together[0].pk]
        if isinstance(hold, Hold):
            hold_together(together, hold, by=worker)
    return len(done)


def _end(done: Sequence[Effect], worker: str, now: Clock) -> None:
    if not done:
        return
    rows = Effect.objects.filter(pk__in=[row.pk for row in done], state=State.CLAIMED, claimed_by=worker)
    with transaction.atomic():
        held = set(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        end_done([row for row in done if row.pk in held], wiped=(), at=now())
    for row in done:
        if row.pk not in held:
            lost(row)
