"""What one request is called in every line of the logs that it leads to, in whichever process."""

from __future__ import annotations

import uuid
from contextlib import AbstractContextManager

from structlog.contextvars import bind_contextvars, bound_contextvars, clear_contextvars, get_contextvars

NAME = "correlation_id"
# Celery calls its own ids by that name.
TASK_HEADER = "sawt_request"


def begin(task_id: str = "", correlation_id: str = "") -> str:
    """A request or a task starts here; what was bound before is nobody's any more."""
    clear_contextvars()
    given = correlation_id or uuid.uuid4().hex
    bind_contextvars(**{NAME: given}, **({"task_id": task_id} if task_id else {}))
    return given


def end() -> None:
    clear_contextvars()


def present() -> str:
    """'' where nobody asked for anything: a command, a test."""
    return str(get_contextvars().get(NAME, ""))[:32]


def of(correlation_id: str, effect: str) -> AbstractContextManager[object]:
    """While this effect is done, the lines carry what its request was called."""
    return bound_contextvars(effect=effect, **({NAME: correlation_id} if correlation_id else {}))
