"""Thin tasks: what the clock does to reports, and the daily signature."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from celery import shared_task
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from cms.entities.dated import renew_versions
from cms.outbox.leases import lease

from . import actions, erasing, escalating, history, scheduling
from .actions.giving_back import without_grantees
from .actors import SYSTEM
from .errors import DomainError
from .files import ending
from .handover import running
from .models import Report
from .postponing import plans as postponements
from .workflow import State

logger = logging.getLogger(__name__)
BATCH = 200


def due(now: datetime) -> list[tuple[Callable[..., Report], str, QuerySet[Report]]]:
    """What the clock has to do at this moment: the action, the field with its time, and the reports."""
    return [
        (
            actions.auto_close,
            "reopen_until",
            Report.objects.filter(state=State.ANSWERED, reopen_until__lte=now),
        ),
        (
            actions.auto_expire,
            "question_until",
            Report.objects.filter(state=State.AWAITING_SENDER, question_until__lte=now),
        ),
    ]


@shared_task
def sweep() -> int:
    """Close what was answered long ago and end what waited for its sender in vain; how many."""
    now = timezone.now()
    done = 0
    with lease("reports-sweep", seconds=50) as held:
        if not held:
            return 0
        for action, _until, reports in due(now):
            last = 0
            while ids := list(
                reports.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
            ):
                last = ids[-1]
                for report_id in ids:
                    try:
                        action(report_id)
                    except DomainError as error:
                        # Somebody acted in between: nothing is left to do here.
                        logger.info("sweep passed over a report", extra={"code": error.code.value})
                    else:
                        done += 1
    return done


@shared_task
def escalate() -> int:
    """The next steps of promises that near or have passed; how many were dealt with."""
    with lease("reports-escalate", seconds=50) as held:
        if not held:
            return 0
        scheduling.go_on(timezone.now, seconds=10)
        return sum(escalating.sweep(timezone.now(), seconds=35).values())


@shared_task
def sweep_files() -> int:
    """Delete what was uploaded and never used; how many."""
    with lease("reports-sweep-files", seconds=250) as held:
        return ending.sweep(timezone.now()) if held else 0


@shared_task
def scan_files() -> int:
    """Ask the virus scanner again for what it did not answer for; how many are decided now."""
    if not settings.SAWT_CLAMD_URL:
        return 0
    with lease("reports-scan-files", seconds=50) as held:
        return ending.scan_waiting() if held else 0


@shared_task
def hand_over() -> int:
    """Go on with the handovers of entities that are under way; how many rows were dealt with."""
    return sum(running.run(pk) for pk in running.waiting())


@shared_task
def postpone() -> int:
    """Go on with the days off that are being applied to open promises; how many reports were dealt with."""
    return sum(postponements.run(pk) for pk in postponements.waiting())


@shared_task
def give_back() -> int:
    """Confidential reports leave an entity where too few may see them any more; how many did."""
    done = 0
    with lease("reports-give-back", seconds=50) as held:
        if not held:
            return 0
        for report_id in list(without_grantees().order_by("pk").values_list("pk", flat=True)[:BATCH]):
            try:
                actions.give_back(report_id)
            except DomainError as error:
                logger.info("a report was not given back", extra={"code": error.code.value})
            else:
                done += 1
    return done


@shared_task
def renew_calendars() -> int:
    """New versions of the calendars whose years have moved on; how many."""
    with lease("calendars-renew", seconds=3000) as held:
        return len(renew_versions(timezone.now())) if held else 0


@shared_task
def retain() -> int:
    """Erase the reports whose time is over; how many."""
    now = timezone.now()
    done = 0
    with lease("reports-retain", seconds=3000) as held:
        if not held:
            return 0
        for report_id in erasing.over(now):
            try:
                actions.erase(report_id, actor=SYSTEM, at=now)
            except DomainError as error:
                logger.info("retention passed over a report", extra={"code": error.code.value})
            else:
                done += 1
    return done


@shared_task
def sign_heads() -> str:
    """Sign yesterday's heads, once a day, however often this runs."""
    with lease("reports-sign-heads", seconds=3000) as held:
        if not held:
            return ""
        yesterday = (timezone.localtime() - timedelta(days=1)).date()
        return history.sign_heads(yesterday, at=timezone.now()).signature
