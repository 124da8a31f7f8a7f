"""From the outbox into the stores: a batch of reports at a time, each as it is now.

An effect says only that a report changed, so that ten changes cost one document. What a store cannot take now
waits and is no failure; a document that it refuses is set aside with its reason, and holds nobody up.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from cms.outbox.handlers import Hold, Permanent
from cms.outbox.lines import line
from cms.outbox.models import Effect

from .backends import Unavailable
from .circuit import Circuit
from .documents import documents
from .scope import LINE, PENDING_ACCESS
from .stores import stores

log = logging.getLogger(__name__)

BATCH = 200
DOWN = "search_down"
# By store. Each rests by itself: while one is away the other is filled.
_resting: dict[str, Circuit] = {}


@dataclass
class Renewed:
    """Of a batch: id → why it was refused; the names of stores that could not be reached, with the reason."""

    refused: dict[int, str] = field(default_factory=dict)
    away: dict[str, str] = field(default_factory=dict)


def renew(ids: Collection[int], *, settled: bool = False) -> Renewed:
    """Bring the documents of these reports to what the reports are now, in every store that answers.

    `settled`: and nobody is answered by the earlier ones any more.
    """
    made = documents(ids)
    gone = sorted(set(ids) - {document.id for document in made})
    renewed = Renewed()
    for store in stores():
        circuit = _resting.setdefault(store.name, Circuit())
        if not circuit.allows():
            renewed.away[store.name] = "it rests"
            continue
        try:
            for pk, reason in store.put(made).items():
                renewed.refused[pk] = f"{store.name}: {reason}"
            store.drop(gone)
            if settled:
                store.settle()
        except Unavailable as away:
            circuit.failed()
            log.warning("search: %s does not take documents: %s", store.name, away)
            renewed.away[store.name] = str(away)
        else:
            circuit.succeeded()
    return renewed


def _rest() -> float:
    """Seconds until a store that is away is asked again; 0 where none is."""
    return max((circuit.seconds_left for circuit in _resting.values()), default=0.0)


@line(LINE, batch=BATCH)
def renew_all(effects: Sequence[Effect]) -> Mapping[int, Exception]:
    """The effects that could not be done, with what is to become of them."""
    rest = _rest()
    # The other stores have these already, and this one is not asked before its time.
    waiting = [effect for effect in effects if rest and effect.held_reason == DOWN]
    wrong: dict[int, Exception] = {effect.pk: _hold(rest) for effect in waiting}
    begun = [effect for effect in effects if effect.pk not in wrong]
    if not begun:
        return wrong
    # What changed hands is left out of every answer until this is done: not before the answers know of it.
    changed_hands = any(effect.kind == PENDING_ACCESS for effect in begun)
    renewed = renew({effect.payload["report"] for effect in begun}, settled=changed_hands)
    for effect in begun:
        report = effect.payload["report"]
        if renewed.away:
            wrong[effect.pk] = _hold(_rest())
        elif report in renewed.refused:
            wrong[effect.pk] = Permanent(renewed.refused[report])
    if not renewed.away:
        _forgive({effect.payload["report"] for effect in begun if effect.pk not in wrong})
    return wrong


def _hold(seconds: float) -> Hold:
    return Hold(timezone.now() + timedelta(seconds=max(seconds, 1.0)), DOWN)


def _forgive(renewed: Collection[int]) -> None:
    """What was refused of these reports earlier is overtaken: their documents are there now."""
    failed = Effect.objects.filter(line=LINE, state=Effect.State.FAILED)
    for pk, payload in failed.values_list("pk", "payload"):
        if payload.get("report") in renewed:
            Effect.objects.filter(pk=pk, state=Effect.State.FAILED).update(
                state=Effect.State.CANCELLED, done_at=timezone.now()
            )


def forget() -> None:
    """No store is known to be away."""
    _resting.clear()
