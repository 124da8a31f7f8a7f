"""An uploaded file between its check and its saving: in the cache, for the person who sent it, half an hour.

It lies nowhere else: not in the database, not among the attachments. One person has one at a time; the next
one takes its place, and saving it or giving it up removes it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache

SECONDS = 30 * 60


@dataclass
class Kept:
    """`shown` is what the page of the check lists, in `language`; `digest` the plan that it shows."""

    workbook: str
    name: str
    content: bytes
    digest: str = ""
    language: str = ""
    shown: Any = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))


def keep(person: Any, kept: Kept) -> None:
    cache.set(_key(person), kept, SECONDS)


def kept_for(person: Any, workbook: str, token: str) -> Kept | None:
    """The file of this check, if it is this person's and still there."""
    kept: Kept | None = cache.get(_key(person))
    if kept is None or kept.workbook != workbook:
        return None
    return kept if secrets.compare_digest(kept.token.encode(), token.encode()) else None


def forget(person: Any) -> None:
    cache.delete(_key(person))


def _key(person: Any) -> str:
    return f"tables:{person.pk}"
