"""What is done for each kind of effect, registered by the layers above.

A handler gets the effect and does what leaves the database (a request to a gateway, with `effect.key` as
the request's idempotency key). What it returns, if anything, is called in the transaction that marks the
effect done: the result and the mark are recorded together or not at all.

One that is registered by `prepares` only reads and writes the database, and returns what leaves it: the
relay then prepares several in one transaction.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .models import Effect

Record = Callable[[], object]
Handler = Callable[[Effect], Record | None]


@dataclass(frozen=True)
class Together:
    """A record that is written with the others of its group that have the same `write`, in one call of it."""

    write: Callable[[Sequence[Any]], object]
    what: Any

    def __call__(self) -> None:
        self.write([self.what])


@dataclass(frozen=True)
class Send:
    """What leaves the database, prepared. Two of one `apart` are never under way together: the second is
    prepared anew when the first is recorded, and sees it. `before`: rows that are written before it is sent,
    with those of its group."""

    do: Callable[[], Record | None]
    apart: str = ""
    before: Sequence[Together] = ()


Preparer = Callable[[Effect], Send]


class Failed(Exception):
    """What went wrong on the way out; `via`: the gateway's key, where one was asked."""

    def __init__(self, reason: str, *, via: str = "") -> None:
        self.via = via
        super().__init__(reason)


class Retry(Failed):
    """It may work later: a timeout, a 5xx, a 429. `after`: not sooner than the other side asked for."""

    def __init__(self, reason: str, after: timedelta | None = None, *, via: str = "") -> None:
        self.after = after
        super().__init__(reason, via=via)


class Permanent(Failed):
    """It will not work later either: a 4xx, a number that does not exist."""


class Hold(Exception):
    """Not now, and no failure: the sending hours begin at `until`."""

    def __init__(self, until: datetime, reason: str) -> None:
        self.until = until
        super().__init__(reason)


class Cancel(Exception):
    """No longer wanted: the report has become confidential, the contact is gone."""


@dataclass(frozen=True)
class Pauses:
    """How often something is tried, and how long apart: growing evenly from `first` to `longest`."""

    first: timedelta
    longest: timedelta
    most: int

    def after(self, attempts: int) -> timedelta:
        """What follows the attempt of this number, each up to a quarter longer: many that failed together do
        not come back together."""
        growth = (self.longest / self.first) ** (1 / max(self.most - 2, 1))
        pause = min(self.first * growth ** (attempts - 1), self.longest)
        return pause * (1 + random.random() / 4)  # noqa: S311 (spreading, not secrecy)


# What fails inside our own house mostly passes within seconds.
OURS = Pauses(timedelta(seconds=10), timedelta(hours=1), 12)


@dataclass(frozen=True)
class Registered:
    prepare: Preparer
    # The parameters are nobody's business once the effect has ended (a one-time code).
    wipe: bool = False
    pauses: Pauses = OURS


_handlers: dict[str, Registered] = {}


def register(kind: str, *, wipe: bool = False, pauses: Pauses = OURS) -> Callable[[Handler], Handler]:
    """Decorator: this function does effects of this kind."""

    def decorate(handler: Handler) -> Handler:
        _handlers[kind] = Registered(lambda effect: Send(lambda: handler(effect)), wipe, pauses)
        return handler

    return decorate


def prepares(kind: str, *, wipe: bool = False, pauses: Pauses = OURS) -> Callable[[Preparer], Preparer]:
    """Decorator: this function prepares effects of this kind, and returns what does them."""

    def decorate(preparer: Preparer) -> Preparer:
        _handlers[kind] = Registered(preparer, wipe, pauses)
        return preparer

    return decorate


def registered(kind: str) -> Registered | None:
    return _handlers.get(kind)


def is_last(effect: Effect) -> bool:
    """Whether it is given up if this attempt fails too."""
    row = registered(effect.kind)
    return effect.attempts >= (row.pauses if row is not None else OURS).most


def wiped_kinds() -> list[str]:
    return [kind for kind, row in _handlers.items() if row.wipe]


def kinds() -> list[str]:
    """Every kind that somebody does; those of a line are done together, whatever their kind."""
    return list(_handlers)
