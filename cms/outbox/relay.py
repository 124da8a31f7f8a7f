"""Doing what is in the outbox: claim by lease, prepare, send, mark; in small groups where sending is quick.

A group costs one transaction to prepare and one to record, however many it holds. What a crash may send a
second time (with the same key) is what was sent and not yet recorded, so a group grows only while the other
side answers at once: at a slow one each effect is recorded before the next is sent.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from . import correlation
from .handlers import Record, Registered, Retry, Send, Together, registered
from .models import Effect
from .outcomes import VERDICTS, end, end_done, give_back, lost, settle, wiped

log = logging.getLogger(__name__)

State = Effect.State
BATCH = 20
LEASE = timedelta(seconds=120)
# Nothing is begun with less of its lease left: longer than one handler's timeouts together.
MARGIN = timedelta(seconds=30)
# Seconds of sending after which what was sent is recorded before more is.
SLOW = 0.25
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Ready:
    """An effect whose texts are composed: `send` is all that is left, and leaves the database."""

    effect: Effect
    row: Registered
    send: Send


def _locked(rows: QuerySet[Effect]) -> QuerySet[Effect]:
    # SQLite takes its one write lock at BEGIN, so that there nobody else is inside.
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True)
    return rows


def claim(
    worker: str, *, at: datetime, batch: int = BATCH, lease: timedelta = LEASE, line: str = ""
) -> list[Effect]:
    """Take effects of a line that are due, or whose worker's lease has passed."""
    due = Effect.objects.filter(line=line, state=State.PENDING, not_before__lte=at)
    orphaned = Effect.objects.filter(line=line, state=State.CLAIMED, lease_until__lt=at)
    if not due.exists() and not orphaned.exists():
        # An idle sweep takes no write lock.
        return []
    with transaction.atomic():
        rows = list(_locked(due.order_by("-priority", "not_before", "pk"))[:batch])
        if len(rows) < batch:
            rows += list(_locked(orphaned.order_by("lease_until", "pk"))[: batch - len(rows)])
        Effect.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=State.CLAIMED, claimed_by=worker, lease_until=at + lease, attempts=F("attempts") + 1
        )
    for row in rows:
        row.state, row.claimed_by, row.lease_until = State.CLAIMED, worker, at + lease
        row.attempts += 1
    return rows


def do(effect: Effect, *, now: Clock = timezone.now) -> None:
    """One claimed effect, to an outcome; never raises for what the effect itself did."""
    _do_group([effect], now)


def _do_group(group: Sequence[Effect], now: Clock) -> list[Effect]:
    """Prepare, send and record a group; what comes back was not begun, and is for the next."""
    ready = _prepared(group, now)
    sent: list[tuple[Ready, Record | None]] = []
    later: list[Effect] = []
    apart: set[str] = set()
    began = time.monotonic()
    try:
        for number, one in enumerate(ready):
            slow = number and time.monotonic() - began > SLOW
            if slow or (one.send.apart and one.send.apart in apart):
                later.append(one.effect)
                continue
            apart.add(one.send.apart)
            with correlation.of(one.effect.correlation, one.effect.key):
                try:
                    sent.append((one, one.send.do()))
                except Exception as error:
                    settle(one.effect, one.row, error, now)
    finally:
        # Also when the worker is told to stop in the middle: what went out is recorded.
        _record(sent, now)
    return later


def _prepared(group: Sequence[Effect], now: Clock) -> list[Ready]:
    """Those that are to be sent; the others have had their outcome. One transaction for the group."""
    try:
        with transaction.atomic():
            prepared = [ready for effect in group if (ready := _prepare(effect, now)) is not None]
            _write([each for ready in prepared for each in ready.send.before])
            return prepared
    except Exception as error:
        if len(group) == 1:
            settle(group[0], registered(group[0].kind), error, now)
            return []
        # One of them breaks, and with it the transaction: alone, it breaks nobody else's.
        return [ready for effect in group for ready in _prepared([effect], now)]


def _prepare(effect: Effect, now: Clock) -> Ready | None:
    with correlation.of(effect.correlation, effect.key):
        return _prepare_named(effect, now)


def _prepare_named(effect: Effect, now: Clock) -> Ready | None:
    row = registered(effect.kind)
    try:
        if row is None:
            # A worker of another version, perhaps: its code knows the kind.
            raise Retry(f"no handler for {effect.kind}")
        return Ready(effect, row, row.prepare(effect))
    except VERDICTS as verdict:
        settle(effect, row, verdict, now)
        return None


def _record(sent: Sequence[tuple[Ready, Record | None]], now: Clock) -> None:
    """Results and marks together: of all of them at once, or, where that fails, of each."""
    if len(sent) > 1:
        try:
            _record_together(sent, now)
            return
        except Exception:
            log.warning("outbox: %s results are recorded one by one", len(sent), exc_info=True)
    for one, record in sent:
        _record_alone(one, record, now)


def _record_together(sent: Sequence[tuple[Ready, Record | None]], now: Clock) -> None:
    claimed_by = sent[0][0].effect.claimed_by
    mine = Effect.objects.filter(
        pk__in=[one.effect.pk for one, _ in sent], state=State.CLAIMED, claimed_by=claimed_by
    )
    with transaction.atomic():
        held = set(mine.select_for_update().order_by("pk").values_list("pk", flat=True))
        _write([record for one, record in sent if one.effect.pk in held and record is not None])
        end_done(
            [one.effect for one, _ in sent if one.effect.pk in held],
            wiped=[one.effect.pk for one, _ in sent if one.effect.pk in held and one.row.wipe],
            at=now(),
        )
    for one, _ in sent:
        if one.effect.pk not in held:
            lost(one.effect)


def _write(records: Iterable[Record]) -> None:
    together: dict[Callable[[Sequence[Any]], object], list[Any]] = {}
    for record in records:
        if isinstance(record, Together):
            together.setdefault(record.write, []).append(record.what)
        else:
            record()
    for write, what in together.items():
        write(what)


def _record_alone(one: Ready, record: Record | None, now: Clock) -> None:
    try:
        with transaction.atomic():
            if record is not None:
                record()
            end(one.effect, state=State.DONE, done_at=now(), last_error="", held_reason="", **wiped(one.row))
    except Exception as error:
        settle(one.effect, one.row, error, now)


def run(
    *,
    worker: str = "",
    now: Clock = timezone.now,
    limit: int | None = None,
    seconds: float = 50,
) -> int:
    """Do what is due until nothing is, or for so long; how many were done. Any number may run at once.

    What was claimed and not begun by then is given back.
    """
    worker = worker or uuid.uuid4().hex
    batch = getattr(settings, "SAWT_OUTBOX_BATCH", BATCH)
    starts = time.monotonic()
    count, size = 0, 1
    while limit is None or count < limit:
        rows = claim(worker, at=now(), batch=batch if limit is None else min(batch, limit - count))
        waiting = list(rows)
        while waiting:
            lease_until = waiting[0].lease_until
            if lease_until is not None and lease_until - now() < MARGIN:
                # Somebody else would take, and send, what we only come to after the lease.
                break
            began = time.monotonic()
            waiting = _do_group(waiting[:size], now) + waiting[size:]
            size = 1 if time.monotonic() - began > SLOW else min(2 * size, batch)
            if time.monotonic() - starts > seconds:
                break
        give_back(waiting)
        count += len(rows) - len(waiting)
        if len(rows) < batch or time.monotonic() - starts > seconds:
            break
    return count
