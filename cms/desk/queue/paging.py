"""Keyset pages in three orders: by what is left of the promise, by the newest, and by the oldest.

What has no running promise comes last, newest first.

A cursor is the sort key of a row, so page 400 costs what page 1 costs, and a row that is handled meanwhile
shifts nothing. It belongs to its order: in another one it is no cursor.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SIZE = 50
SIZES = (25, 50, 100)
Key = tuple[datetime | None, int]
# Of rows with `pk`, `revision` and the order's column, what is shown of each.
Reader = Callable[[list[Any]], list[Any]]
Find = Callable[[Any, tuple[Any, str], int], list[Any]]


@dataclass(frozen=True)
class Order:
    """`column` decides, the id breaks ties; `falls` says that both run downwards."""

    code: str
    column: str
    label: Promise
    falls: bool = False

    @property
    def forwards(self) -> tuple[Any, str]:
        if self.code == "due":
            return F(self.column).asc(nulls_last=True), "-pk"
        return (F(self.column).desc(), "-pk") if self.falls else (F(self.column).asc(), "pk")

    @property
    def backwards(self) -> tuple[Any, str]:
        if self.code == "due":
            return F(self.column).desc(nulls_first=True), "pk"
        return (F(self.column).asc(), "pk") if self.falls else (F(self.column).desc(), "-pk")

    def key(self, row: Any) -> Key:
        return getattr(row, self.column), row.pk

    def after(self, key: Key) -> list[Q]:
        """What follows a key, piece by piece: each is a place where an index is entered, as an OR is not.

        First the rest of the same moment, which many promises share: they end when an office closes.
        """
        value, pk = key
        if self.code != "due":
            return self._beyond("lt" if self.falls else "gt", key)
        if value is None:
            return [Q(next_due_at=None, pk__lt=pk)]
        return [Q(next_due_at=value, pk__lt=pk), Q(next_due_at__gt=value), Q(next_due_at=None)]

    def before(self, key: Key) -> list[Q]:
        """What precedes it, from there backwards."""
        value, pk = key
        if self.code != "due":
            return self._beyond("gt" if self.falls else "lt", key)
        if value is None:
            return [Q(next_due_at=None, pk__gt=pk), Q(next_due_at__isnull=False)]
        return [Q(next_due_at=value, pk__gt=pk), Q(next_due_at__lt=value)]

    def _beyond(self, way: str, key: Key) -> list[Q]:
        value, pk = key
        return [Q(**{self.column: value, f"pk__{way}": pk}), Q(**{f"{self.column}__{way}": value})]


ORDERS = {
    order.code: order
    for order in (
        Order("due", "next_due_at", _("least time left first")),
        Order("new", "submitted_at", _("newest first"), falls=True),
        Order("old", "submitted_at", _("oldest first")),
    )
}
DUE = ORDERS["due"]


def written(key: Key, order: Order = DUE) -> str:
    value, pk = key
    text = f"{order.code}|{value.isoformat() if value else ''}|{pk}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str, order: Order = DUE) -> Key | None:
    """The key, or None for what is no cursor of this order (then the first page is shown)."""
    try:
        padded = cursor[:200] + "=" * (-len(cursor[:200]) % 4)
        code, text, pk = base64.urlsafe_b64decode(padded.encode()).decode().split("|")
        value = parse_datetime(text) if text else None
    except (ValueError, binascii.Error, UnicodeError, OverflowError):
        return None
    if code != order.code or not pk.isascii() or not pk.isdigit() or len(pk) > 18:
        return None
    if value is None:
        return (None, int(pk)) if not text and order is DUE else None
    return (value, int(pk)) if value.tzinfo is not None else None


def page(
    rows: Any,
    *,
    after: str = "",
    before: str = "",
    size: int = SIZE,
    order: Order = DUE,
    reader: Reader | None = None,
) -> tuple[list[Any], str, str]:
    """(rows, cursor of the page before or '', cursor of the page after or '').

    One query for a first page and within one moment, two from one moment to the next, three on the one page
    where those without a promise begin besides. With a `reader` they find the keys alone, and the reader is
    given those of the page.
    """
    find = _whole if reader is None else _keys
    found, previous, following = _page(rows, after, before, size, order, find)
    return found if reader is None else reader(found), previous, following


def _page(
    rows: Any, after: str, before: str, size: int, order: Order, find: Find
) -> tuple[list[Any], str, str]:
    key_after = read(after, order) if after else None
    key_before = read(before, order) if before else None
    if key_before:
        found = _found(rows, order.before(key_before), order.backwards, size + 1, find)
        more = len(found) > size
        found = found[:size][::-1]
        if not found:
            return _page(rows, "", "", size, order, find)
        first, last = written(order.key(found[0]), order), written(order.key(found[-1]), order)
        return found, first if more else "", last
    pieces = order.after(key_after) if key_after else [Q()]
    found = _found(rows, pieces, order.forwards, size + 1, find)
    more = len(found) > size
    found = found[:size]
    previous = written(order.key(found[0]), order) if key_after and found else ""
    return found, previous, written(order.key(found[-1]), order) if more else ""


def _found(rows: Any, pieces: list[Q], ordering: tuple[Any, str], count: int, find: Find) -> list[Any]:
    """The first `count` of the pieces, one after the other; as few of them as are needed."""
    found: list[Any] = []
    for piece in pieces:
        if len(found) < count:
            found += find(rows.filter(piece), ordering, count - len(found))
    return found


def _keys(rows: Any, ordering: tuple[Any, str], count: int) -> list[Any]:
    columns = ("pk", "revision", "next_due_at", "submitted_at")
    return list(rows.order_by(*ordering).values_list(*columns, named=True)[:count])


def _whole(rows: Any, ordering: tuple[Any, str], count: int) -> list[Any]:
    """The keys first, by an index alone; what else `rows` join is joined for these and no others."""
    keys = rows.order_by(*ordering).values("pk")[:count]
    return list(rows.filter(pk__in=keys).order_by(*ordering))
