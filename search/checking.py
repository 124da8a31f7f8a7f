"""Whether the stores hold what the database says: by (id, version, access), slice after slice; and mending
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cms.outbox.models import Effect
from cms.reports.models import Report

from . import documents
from .backends import Store
from .documents import Stamp
from .scope import LINE

SLICE = 5000
AT_ONCE = 500
# Greater than any id.
END = 2**62


@dataclass
class Drift:
    """Ids. Missing there; there and not in the database; of an earlier revision, of a later one (a database
    that was restored); of the same, and findable by others than may see it."""

    missing: list[int] = field(default_factory=list)
    left_over: list[int] = field(default_factory=list)
    behind: list[int] = field(default_factory=list)
    ahead: list[int] = field(default_factory=list)
    access: list[int] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        return [*self.missing, *self.left_over, *self.behind, *self.ahead, *self.access]

    def add(self, other: Drift) -> None:
        for name, ids in vars(other).items():
            getattr(self, name).extend(ids)


def spans(after: int, *, size: int) -> Iterator[tuple[int, int]]:
    """Of ids, each of which holds so many reports."""
    rows = Report.objects.order_by("pk").values_list("pk", flat=True)
    while ids := list(rows.filter(pk__gt=after)[:size]):
        yield after + 1, ids[-1]
        after = ids[-1]


def slices(after: int) -> Iterator[tuple[int, int]]:
    """What is compared at a time, and a last one for whatever a store has beyond."""
    for first, last in spans(after, size=SLICE):
        yield first, last
        after = last
    yield after + 1, END


def compare(store: Store, first: int, last: int) -> Drift:
    """Of one slice; less what is on its way, which the outbox brings."""
    drift = _compared(documents.stamps(first, last), store.stamps(first, last))
    if not drift.ids:
        return drift
    on_the_way = _on_the_way()
    # Both sides were read one after the other: what changed in between agrees the second time.
    again = _compared(documents.stamps(first, last), store.stamps(first, last))
    both = set(drift.ids) - on_the_way - _on_the_way()
    return Drift(**{name: [pk for pk in ids if pk in both] for name, ids in vars(again).items()})


def _compared(wanted: dict[int, Stamp], there: dict[int, Stamp]) -> Drift:
    drift = Drift(left_over=sorted(there.keys() - wanted.keys()))
    for pk, want in wanted.items():
        has = there.get(pk)
        if has is None:
            drift.missing.append(pk)
        elif has.revision < want.revision:
            drift.behind.append(pk)
        elif has.revision > want.revision:
            drift.ahead.append(pk)
        elif has.stamp != want.stamp:
            drift.access.append(pk)
    return drift


def _on_the_way() -> set[int]:
    undone = Effect.objects.filter(line=LINE, state__in=(Effect.State.PENDING, Effect.State.CLAIMED))
    return {payload["report"] for payload in undone.values_list("payload", flat=True).iterator()}


def mend(store: Store, drift: Drift) -> dict[int, str]:
    """Bring the store to what the database says; id → why a document was refused."""
    refused: dict[int, str] = {}
    for ids in _batches([*drift.left_over, *drift.ahead]):
        store.drop(ids)
    if drift.ahead:
        store.forget_dropped()
    for ids in _batches([*drift.missing, *drift.behind, *drift.ahead, *drift.access]):
        refused.update(store.put(documents.documents(ids)))
    store.settle()
    return refused


def _batches(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


Told = Callable[[int, Drift], None]


@dataclass
class Checked:
    """What was found, mended or not; of what was mended, id → why a document was refused all the same."""

    drift: Drift = field(default_factory=Drift)
    refused: dict[int, str] = field(default_factory=dict)


def check(store: Store, *, mending: bool, after: int = 0, told: Told = lambda last, drift: None) -> Checked:
    """All slices; `told` hears of each. Memory does not grow with the reports, only with what is wrong."""
    checked = Checked()
    store.settle()
    for first, last in slices(after):
        drift = compare(store, first, last)
        if mending and drift.ids:
            checked.refused.update(mend(store, drift))
        told(last, drift)
        checked.drift.add(drift)
    return checked
