"""Where a page goes on: what the backend said of its last hit, signed, for this person and this question."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.core import signing

from .asking import Asked

SALT = "search.pages"
# A page that was left open over lunch goes on; one of last week begins anew.
AGE = 24 * 3600


def _question(asked: Asked, person: int | None) -> str:
    said = repr((replace(asked, after="", facets=(), histogram="", highlights=True), person))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def written(
    after: dict[str, Any] | None, asked: Asked, *, backend: str, person: int | None, at: datetime
) -> str:
    """`at`: the moment of the first page. What is new counts a little more, and does so alike on each page,
    or one report would stand on two of them.
    """
    if after is None:
        return ""
    told = {"b": backend, "q": _question(asked, person), "a": {**after, "at": at.isoformat()}}
    return signing.dumps(told, salt=SALT, compress=True)


def read(asked: Asked, *, backend: str, person: int | None) -> dict[str, Any] | None:
    """What was written, with its moment (`at`, ISO).

    None for the first page: also where it was changed, is of another question, or of the other backend.
    """
    if not asked.after:
        return None
    try:
        told = signing.loads(asked.after, salt=SALT, max_age=AGE)
    except signing.BadSignature:
        return None
    same = told["b"] == backend and told["q"] == _question(asked, person)
    return dict(told["a"]) if same else None
