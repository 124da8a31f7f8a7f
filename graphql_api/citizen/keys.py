"""Idempotency keys of a sender's texts: one key writes once, whatever else was written in between."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.reports.errors import Code, DomainError
from cms.reports.models import IdempotencyKey, Report
from cms.reports.texts import REFUSED

SHORTEST, LONGEST = 22, 64


def _kept(client: str, key: str, body_hash: str) -> Report | None:
    row = IdempotencyKey.objects.filter(client=client, key=key).select_related("report").first()
    if row is None:
        return None
    if row.body_hash != body_hash:
        raise DomainError(
            Code.IDEMPOTENCY_CONFLICT,
            _("This key was already used for another text."),
            field="idempotencyKey",
        )
    return row.report


def once(report_id: int, key: str | None, body: str, act: Callable[[], Report]) -> Report:
    """`act()`, or the report as it is where this key already wrote this body.

    Raises DomainError: `invalid` for a malformed key, `idempotency_conflict` for one used otherwise.
    """
    if key is None:
        return act()
    if not SHORTEST <= len(key) <= LONGEST or REFUSED.search(key):
        raise DomainError(Code.INVALID, _("A key has 22 to 64 characters."), field="idempotencyKey")
    client = f"report:{report_id}"
    body_hash = hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()
    if (report := _kept(client, key, body_hash)) is not None:
        return report
    try:
        with transaction.atomic():
            # First, so that of two at once the second waits here and then finds what the first wrote.
            IdempotencyKey.objects.create(
                client=client, key=key, body_hash=body_hash, report_id=report_id, created_at=timezone.now()
            )
            return act()
    except IntegrityError:
        report = _kept(client, key, body_hash)
        if report is None:
            raise
        return report
