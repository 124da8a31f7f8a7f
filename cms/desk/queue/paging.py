"""Keyset pages, sorted by what is left of the promise; what has none comes last, newest first.

A cursor is the sort key of a row, so page 400 costs what page 1 costs, and a row that is handled meanwhile
shifts nothing.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.dateparse import parse_datetime

SIZE = 50
Key = tuple[datetime | None, int]


def written(key: Key) -> str:
    due, pk = key
    text = f"{due.isoformat() if due else ''}|{pk}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str) -> Key | None:
    """The key, or None for what is no cursor of ours (then the first page is shown)."""
    try:
        padded = cursor[:200] + "=" * (-len(cursor[:200]) % 4)
        due_text, pk = base64.urlsafe_b64decode(padded.encode()).decode().split("|")
        due = parse_datetime(due_text) if due_text else None
        if (due_text and due is None) or not 0 <= int(pk) < 2**63 or (due is not None and due.tzinfo is None):
            return None
        return due, int(pk)
    except (ValueError, binascii.Error, UnicodeError, OverflowError):
        return None


def _after(key: Key) -> Q:
    due, pk = key
    if due is None:
        return Q(next_due_at=None, pk__lt=pk)
    return Q(next_due_at__gt=due) | Q(next_due_at=due, pk__lt=pk) | Q(next_due_at=None)


def _before(key: Key) -> Q:
    due, pk = key
    if due is None:
        return Q(next_due_at__isnull=False) | Q(next_due_at=None, pk__gt=pk)
    return Q(next_due_at__lt=due) | Q(next_due_at=due, pk__gt=pk)


def page(rows: Any, *, after: str = "", before: str = "", size: int = SIZE) -> tuple[list[Any], str, str]:
    """(rows, cursor of the page before or '', cursor of the page after or ''): one query."""
    key_after, key_before = read(after) if after else None, read(before) if before else None
    if key_before:
        backwards = (F("next_due_at").desc(nulls_first=True), "pk")
        found = list(rows.filter(_before(key_before)).order_by(*backwards)[: size + 1])
        more = len(found) > size
        found = found[:size][::-1]
        if not found:
            return page(rows, size=size)
        return found, written(_key(found[0])) if more else "", written(_key(found[-1]))
    if key_after:
        rows = rows.filter(_after(key_after))
    found = list(rows.order_by(F("next_due_at").asc(nulls_last=True), "-pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    previous = written(_key(found[0])) if key_after and found else ""
    return found, previous, written(_key(found[-1])) if more else ""


def _key(row: Any) -> Key:
    return row.next_due_at, row.pk
