"""Writing the audit trail. One function, called where the thing happens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from .models import AuditEvent, User


def record(
    code: str,
    *,
    actor: User | None,
    subject: str = "",
    data: dict[str, Any] | None = None,
    client: str = "",
    at: datetime | None = None,
) -> AuditEvent:
    """Append one audit event. `client` is an address, `actor` None only where nobody had signed in."""
    return AuditEvent.objects.create(
        at=at or timezone.now(),
        code=code,
        actor=actor,
        actor_label=str(actor or ""),
        subject=subject,
        data=data or {},
        client=client,
    )


def record_many(
    code: str, rows: Iterable[tuple[str, dict[str, Any]]], *, actor: User, client: str = ""
) -> None:
    """One event for each (subject, data), at one moment; for what changes thousands of rows at once."""
    at, label = timezone.now(), str(actor)
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                at=at, code=code, actor=actor, actor_label=label, subject=subject, data=data, client=client
            )
            for subject, data in rows
        ],
        batch_size=500,
    )
