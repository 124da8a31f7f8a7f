"""The end of files: what was uploaded and never used, what a virus was found in, what is erased."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from ..models import Attachment, Report, Upload
from . import intake, parts, scanning, storing

logger = logging.getLogger(__name__)
BATCH = 100


def sweep(at: datetime) -> int:
    """Delete what has waited too long, whole or in parts; how many."""
    gone = 0
    while rows := list(Attachment.objects.filter(report=None, expires_at__lte=at).order_by("pk")[:BATCH]):
        intake.drop(rows)
        gone += len(rows)
    while uploads := list(Upload.objects.filter(expires_at__lte=at).order_by("pk")[:BATCH]):
        for upload in uploads:
            parts.give_up(upload)
        gone += len(uploads)
    return gone


def scan_waiting() -> int:
    """Ask again for what the scanner did not answer for; how many are decided now.

    In any order: a file that it fails on each time holds up no other.
    """
    decided = 0
    for row in Attachment.objects.filter(scan=Attachment.Scan.WAITING, is_stored=True).order_by("?")[:BATCH]:
        try:
            found = scanning.scan(storing.read(row.file), is_patient=True)
        except OSError:
            logger.exception("a file could not be read for its scan")
            continue
        if scanning.is_away():
            break
        if found is Attachment.Scan.WAITING:
            continue
        Attachment.objects.filter(pk=row.pk, scan=Attachment.Scan.WAITING).update(scan=found)
        if found is Attachment.Scan.INFECTED:
            storing.remove(intake.names_of(row))
        decided += 1
    return decided


def erase(report: Report) -> int:
    """Every file of a report: from the database now, from the storage as soon as it answers; how many."""
    rows = list(Attachment.objects.filter(report=report))
    with transaction.atomic():
        Attachment.objects.filter(pk__in=[row.pk for row in rows]).delete()
        storing.delete_surely(name for row in rows for name in intake.names_of(row))
    return len(rows)
