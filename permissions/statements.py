"""A cursor for the few statements that nearly every request asks: PostgreSQL keeps their plans."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection


@cache
def _prepared() -> Any:
    """The kind of cursor whose statements the server keeps."""
    from django.db.backends.postgresql import base

    kind: Any = base.ServerBindingCursor

    class Prepared(kind):
        def execute(self, query: Any, params: Any = None) -> Any:
            return super().execute(query, params, prepare=True)

    return Prepared


def prepared_cursor() -> Any:
    """What `connection.cursor()` gives, with its checks; on PostgreSQL a prepared one.

    The connection prepares only where its `prepare_threshold` is not None. One whose statements are logged
    keeps them readable.
    """
    if connection.vendor != "postgresql" or connection.queries_logged:
        return connection.cursor()
    connection.ensure_connection()
    wrapped: Any = connection
    return wrapped._prepare_cursor(_prepared()(connection.connection))
