"""What was given up: why, through which gateway, and another beginning for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet

from .effects import wake
from .models import Effect

State = Effect.State


@dataclass(frozen=True)
class Reason:
    """Effects that failed alike. `again`: how many can be tried again; of the others nothing is left."""

    kind: str
    via: str
    error: str
    count: int
    again: int
    last: datetime | None


def rows() -> QuerySet[Effect]:
    return Effect.objects.filter(state=State.FAILED)


def reasons(most: int = 50) -> list[Reason]:
    """The most frequent first."""
    found = (
        rows()
        .values("kind", "via", "last_error")
        .annotate(n=Count("pk"), again=Count("pk", filter=~Q(payload={})), last=Max("done_at"))
        .order_by("-n", "-last")[:most]
    )
    return [
        Reason(row["kind"], row["via"], row["last_error"], row["n"], row["again"], row["last"])
        for row in found
    ]


def by_gateway() -> dict[str, int]:
    return dict(rows().order_by().values_list("via").annotate(n=Count("pk")))


def try_again(chosen: QuerySet[Effect], *, at: datetime) -> int:
    """From the first attempt; how many. What has no parameters any more (a code) stays as it is."""
    revived = chosen.filter(state=State.FAILED).exclude(payload={})
    count = revived.update(
        state=State.PENDING, attempts=0, not_before=at, done_at=None, held_reason="", via=""
    )
    if count:
        transaction.on_commit(wake)
    return count
