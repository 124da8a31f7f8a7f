"""Thin: the relay as a task, woken on commit and swept by beat."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from . import correlation, effects
from .leases import lease
from .relay import run

log = logging.getLogger(__name__)

# After a broker has failed to answer, requests do not ask it again for so long; the sweep goes on.
BROKER_REST = 10.0
# Whoever causes an effect waits so long for the broker and no longer; its client's own limits are seconds.
BROKER_PATIENCE = 0.5
_broker_failed_at: float | None = None
# Seconds after which a task of the outbox lets the other queues have its worker. While messages come without
# an end, workers that stayed with them kept sweeps and the search's documents waiting for a minute.
TURN = 1.0


@shared_task(name="cms.outbox.tasks.relay", ignore_result=True)
def relay() -> int:
    began = time.monotonic()
    done = run(seconds=TURN)
    if time.monotonic() - began > TURN:
        # More may be due: another turn, behind the tasks that have waited meanwhile.
        wake_relay()
    return done


@shared_task(name="cms.outbox.tasks.archive", ignore_result=True)
def archive() -> int:
    keep = timedelta(days=getattr(settings, "SAWT_OUTBOX_KEEP_DAYS", 30))
    with lease("outbox-archive", 3000) as held:
        return effects.archive(at=timezone.now(), keep=keep) if held else 0


def wake_relay() -> bool:
    """Publish the relay task; False where the broker does not answer. Never raises, nor waits for long."""
    global _broker_failed_at
    if _broker_failed_at is not None and time.monotonic() - _broker_failed_at < BROKER_REST:
        return False
    outcome: list[Exception | None] = []
    # A thread that hangs ends by the client's own limits; until then nobody else starts one.
    asking = threading.Thread(
        target=_publish, args=[outcome, correlation.present()], name="wake-relay", daemon=True
    )
    asking.start()
    asking.join(BROKER_PATIENCE)
    error = outcome[0] if outcome else TimeoutError(f"no answer within {BROKER_PATIENCE} s")
    if error is not None:
        _broker_failed_at = time.monotonic()
        log.warning("outbox: the broker does not answer (%s); effects wait for the sweep", error)
        return False
    _broker_failed_at = None
    return True


def _publish(outcome: list[Exception | None], asked: str) -> None:
    global _broker_failed_at
    try:
        relay.apply_async(retry=False, ignore_result=True, headers={correlation.TASK_HEADER: asked})
    except Exception as error:
        # Whatever a broker's client raises: the effect is stored, and the action must not fail for it.
        outcome.append(error)
    else:
        outcome.append(None)
        # Late, perhaps, but there: the next one asks again.
        _broker_failed_at = None
