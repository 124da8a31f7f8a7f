"""Thin: files of what was found, and the morning's news of watched searches."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from cms.outbox.leases import lease

from .searching import exporting, watching


@shared_task(name="cms.desk.tasks.export", ignore_result=True)
def export() -> int:
    """Write the files that were asked for, and remove those whose day is over; how many were written."""
    exporting.sweep(timezone.now())
    return sum(exporting.run(pk) for pk in exporting.waiting(timezone.now()))


@shared_task(name="cms.desk.tasks.watch", ignore_result=True)
def watch() -> int:
    """Tell who watches a search what is new in it, each working morning; how many were told."""
    with lease("desk-watch", 50) as held:
        return watching.run(timezone.now()) if held else 0
