"""A gateway that fails again and again is left alone for a while, and tried with one message before more.

Each change is one UPDATE that names the state it starts from, so that of several workers one makes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F

from . import configured
from .models import Circuit

State = Circuit.State
# So many failures one after the other, whichever worker met them.
ENOUGH = 3
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=10)
# Whoever tries a resting gateway and dies over it blocks it for no longer.
TRIAL = timedelta(seconds=60)
SOON = timedelta(seconds=2)
# What is to rest longer was sent to rest before the clock was set back: no gateway is left alone so long.
LONGEST_WAIT = timedelta(hours=6)


def free_at(key: str, at: datetime) -> datetime | None:
    """When this gateway may be asked again; None where it may be now. Claims nothing."""
    row = configured.known().circuits.get(key)
    if row is None or row.state == State.CLOSED or row.rests_until is None or not _rests(row.rests_until, at):
        return None
    # One message is finding out, and knows soon.
    return min(row.rests_until, at + SOON) if row.state == State.HALF else row.rests_until


def _rests(until: datetime, at: datetime) -> bool:
    return at < until <= at + LONGEST_WAIT


def is_well(key: str) -> bool:
    row = configured.known().circuits.get(key)
    return row is None or row.state == State.CLOSED


def take(key: str, at: datetime) -> bool:
    """Whether this message may go to it now. Of a gateway that has rested, one message finds out."""
    row = configured.known().circuits.get(key)
    if row is None or row.state == State.CLOSED:
        return True
    if row.rests_until is not None and _rests(row.rests_until, at):
        return False
    mine = Circuit.objects.filter(key=key, state=row.state, rests_until=row.rests_until)
    taken = bool(mine.update(state=State.HALF, rests_until=at + TRIAL))
    configured.forget()
    return taken


def succeeded(key: str, at: datetime) -> None:
    """At once, where it was not quite well: what waits need not wait any longer."""
    row = configured.known().circuits.get(key)
    if row is None or (row.state == State.CLOSED and not row.failures):
        return
    closed = Circuit.objects.filter(key=key).exclude(state=State.OPEN)
    if row.state != State.CLOSED:
        closed.update(
            state=State.CLOSED, failures=0, rest_seconds=0, rests_until=None, last_error="", changed_at=at
        )
    else:
        closed.update(failures=0)
    configured.forget()


def failed(key: str, reason: str, at: datetime, *, rest: timedelta | None = None) -> None:
    """One more failure; `rest`: what the gateway itself asked for, which opens it at once."""
    Circuit.objects.bulk_create([Circuit(key=key, changed_at=at)], ignore_conflicts=True)
    rows = Circuit.objects.filter(key=key)
    rows.update(failures=F("failures") + 1, retried=F("retried") + 1, last_error=reason[:200])
    row = rows.get()
    if rest is not None:
        _open(row, at, max(rest, timedelta(seconds=1)))
    elif row.state == State.HALF or (row.state == State.CLOSED and row.failures >= ENOUGH):
        longer = timedelta(seconds=2 * row.rest_seconds)
        _open(row, at, min(max(longer, FIRST_REST), LONGEST_REST))
    configured.forget()


def _open(row: Circuit, at: datetime, rest: timedelta) -> None:
    Circuit.objects.filter(key=row.key, state=row.state).update(
        state=State.OPEN,
        rest_seconds=min(int(rest.total_seconds()), int(LONGEST_REST.total_seconds())),
        rests_until=at + rest,
        changed_at=at if row.state == State.CLOSED else row.changed_at,
    )


def refused(key: str, at: datetime) -> None:
    """It answered, and said no to this message: it is well."""
    Circuit.objects.bulk_create([Circuit(key=key, changed_at=at)], ignore_conflicts=True)
    Circuit.objects.filter(key=key).update(refused=F("refused") + 1)
    succeeded(key, at)


def close(key: str, at: datetime) -> bool:
    """By hand: it may be asked again at once; False where it is not resting."""
    resting = Circuit.objects.filter(key=key).exclude(state=State.CLOSED)
    closed = resting.update(state=State.CLOSED, failures=0, rest_seconds=0, rests_until=None, changed_at=at)
    configured.forget()
    return bool(closed)


def count_sent(sent: Sequence[tuple[str, datetime]]) -> None:
    """What went through each gateway; in one order everywhere: two workers never wait for each other."""
    for key, number in sorted(Counter(key for key, _ in sent).items()):
        rows = Circuit.objects.filter(key=key)
        if not rows.update(sent=F("sent") + number):
            Circuit.objects.bulk_create([Circuit(key=key, changed_at=sent[0][1])], ignore_conflicts=True)
            rows.update(sent=F("sent") + number)
