"""What is done for each kind of effect, registered by the layers above.

A handler gets the effect and does what leaves the database (a request to a gateway, with `effect.key` as
the request's idempotency key). What it returns, if anything, is called in the transaction that marks the
effect done: the result and the mark are recorded together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .models import Effect

Record = Callable[[], object]
Handler = Callable[[Effect], Record | None]


class Retry(Exception):
    """It may work later: a timeout, a 5xx, a 429. `after`: what the other side asked for."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        self.after = after
        super().__init__(reason)


class Permanent(Exception):
    """It will not work later either: a 4xx, a number that does not exist."""


class Hold(Exception):
    """Not now, and no failure: the sending hours begin at `until`."""

    def __init__(self, until: datetime, reason: str) -> None:
        self.until = until
        super().__init__(reason)


class Cancel(Exception):
    """No longer wanted: the report has become confidential, the contact is gone."""


@dataclass(frozen=True)
class Registered:
    handler: Handler
    # The parameters are nobody's business once the effect has ended (a one-time code).
    wipe: bool = False


_handlers: dict[str, Registered] = {}


def register(kind: str, *, wipe: bool = False) -> Callable[[Handler], Handler]:
    """Decorator: this function does effects of this kind."""

    def decorate(handler: Handler) -> Handler:
        _handlers[kind] = Registered(handler, wipe)
        return handler

    return decorate


def registered(kind: str) -> Registered | None:
    return _handlers.get(kind)


def wiped_kinds() -> list[str]:
    return [kind for kind, row in _handlers.items() if row.wipe]
