"""Indices: made under a new name, filled beside the one that lives, put in its place in one step.

Two aliases say which is which: what is asked, and what is being built. How far a build has come stands in the
index itself, so that whoever goes on knows, and nothing is known of an index that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from . import mapping
from .client import WRITING, alias, client, family, next_alias
from .keeping import asked

# While it is filled it is asked by nobody, and need not be fresh.
FILLING = {"refresh_interval": "-1", "translog.durability": "async", "auto_expand_replicas": "false"}
LIVING = {"translog.durability": "request", "auto_expand_replicas": "0-1"}


@dataclass(frozen=True)
class Index:
    """`state`: live, next, or old. `meta`: what it was made with, and how far it has come."""

    name: str
    state: str
    created: int
    meta: dict[str, Any] = field(default_factory=dict)


def indices() -> list[Index]:
    """All of this installation's, the newest first."""
    pattern = f"{family()}-v*"
    given = asked(lambda: _patient().indices.get(index=pattern, allow_no_indices=True))
    found = []
    for name, told in given.items():
        aliases = told["aliases"]
        state = "live" if alias() in aliases else "next" if next_alias() in aliases else "old"
        created = int(told["settings"]["index"]["creation_date"])
        found.append(Index(name, state, created, told["mappings"].get("_meta") or {}))
    return sorted(found, key=lambda index: (index.created, index.name), reverse=True)


def _patient() -> Any:
    return client().options(request_timeout=WRITING)


def begin(*, at: datetime) -> Index:
    """A new, empty one; from now on every write goes there too."""
    name = f"{family()}-v{mapping.VERSION}-{at:%Y%m%d%H%M%S%f}"
    made = mapping.settings(shards=settings.SAWT_SEARCH_SHARDS)
    asked(
        lambda: _patient().indices.create(
            index=name,
            settings={**made, **FILLING},
            mappings=mapping.mappings(),
            aliases={next_alias(): {}},
        )
    )
    return next(index for index in indices() if index.name == name)


def remember(index: Index, **told: Any) -> None:
    index.meta.update(told)
    asked(lambda: _patient().indices.put_mapping(index=index.name, meta=index.meta))


def refresh(name: str) -> None:
    asked(lambda: _patient().indices.refresh(index=name))


def count(name: str) -> int:
    return int(asked(lambda: _patient().count(index=name))["count"])


def live_on(index: Index) -> None:
    """What was turned off while it was filled is turned on, before anybody asks it."""
    made = mapping.settings(shards=1)
    fresh = {"refresh_interval": made["refresh_interval"]}
    asked(lambda: _patient().indices.put_settings(index=index.name, settings={**LIVING, **fresh}))
    # What was acknowledged until now may be in the server's memory alone: it is compared once it is not.
    asked(lambda: _patient().indices.flush(index=index.name, wait_if_ongoing=True))
    refresh(index.name)


def switch(index: Index) -> None:
    """From one moment to the next it is the one that is asked."""
    actions: list[dict[str, Any]] = [
        {"add": {"index": index.name, "alias": alias()}},
        {"remove": {"index": index.name, "alias": next_alias()}},
    ]
    actions += [
        {"remove": {"index": other.name, "alias": alias()}}
        for other in indices()
        if other.state == "live" and other.name != index.name
    ]
    asked(lambda: _patient().indices.update_aliases(actions=actions))


def sweep(keep: int = 1) -> list[str]:
    """Delete what neither lives nor is being built, but the last ones; their names."""
    old = [index.name for index in indices() if index.state == "old"][keep:]
    for name in old:
        delete(name)
    return old


def delete(name: str) -> None:
    asked(lambda: _patient().indices.delete(index=name, ignore_unavailable=True))
