"""Carrying out a confirmed plan row by row: each through its own action, in a transaction with its step.

A worker that is killed leaves what is done done and the rest waiting; whoever goes on finds it by the step,
which is locked while its row is dealt with. So nothing is done twice, by however many workers.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, models, transaction
from django.db.models import Q
from django.utils import timezone

log = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(seconds=60)
# What passes by itself: the run ends, and the next one goes on.
TRANSIENT = (OperationalError, InterfaceError)
RUNNING, WAITING, FAILED = "running", "waiting", "failed"

Clock = Callable[[], datetime]


def go_on(
    plans: models.QuerySet[Any],
    pk: int,
    *,
    deal: Callable[[Any, Any, datetime], tuple[str, str]],
    finish: Callable[[Any, datetime], None],
    list_more: Callable[[Any], int] = lambda plan: 0,
    now: Clock = timezone.now,
    seconds: float = 20,
) -> int:
    """Go on with one plan for so long; how many rows were dealt with. Nothing where another is at it.

    `deal` does what is to be done with a step's row, and gives its outcome and the code of why it went no
    further; `list_more` writes the next rows down where they are not all written down at the beginning.
    """
    worker, stop, done = uuid.uuid4().hex, time.monotonic() + seconds, 0
    while _claim(plans, pk, worker, now()):
        plan = plans.get(pk=pk)
        rows = list(plan.steps.filter(outcome=WAITING).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not rows and not list_more(plan):
            finish(plan, now())
            break
        for row in rows:
            done += _do(plan, row, now(), deal)
        if time.monotonic() > stop:
            break
    plans.model.objects.filter(pk=pk, worker=worker).update(lease_until=None, worker="")
    return done


def _claim(plans: models.QuerySet[Any], pk: int, worker: str, at: datetime) -> bool:
    """Mine, from now on for a lease: it was nobody's, or is mine already."""
    free = Q(lease_until=None) | Q(lease_until__lt=at) | Q(worker=worker)
    mine = plans.model.objects.filter(free, pk=pk, state=RUNNING)
    return bool(mine.update(worker=worker, lease_until=at + LEASE))


def _do(plan: Any, step_pk: int, at: datetime, deal: Callable[[Any, Any, datetime], tuple[str, str]]) -> int:
    """One row with its step: both or neither."""
    try:
        with transaction.atomic():
            step = _locked(plan, step_pk)
            if step is None:
                return 0
            step.outcome, step.code = deal(plan, step, at)
            step.at = at
            step.save(update_fields=["outcome", "code", "at"])
    except TRANSIENT:
        raise
    except Exception:
        # One that breaks must not keep the others waiting; it is tried again when somebody says so.
        log.exception("%s %s: a report was left as it is", plan._meta.model_name, plan.pk)
        failed = plan.steps.filter(pk=step_pk, outcome=WAITING)
        failed.update(outcome=FAILED, code="error", at=at)
    return 1


def _locked(plan: Any, step_pk: int) -> Any:
    """The step, if it still waits and nobody else is at it."""
    rows = plan.steps.model.objects.filter(pk=step_pk, outcome=WAITING)
    skip = connection.features.has_select_for_update_skip_locked
    return rows.select_for_update(of=("self",), skip_locked=skip).order_by("pk").first()
