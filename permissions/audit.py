"""Writing the audit trail. One function, called where the thing happens."""

from __future__ import annotations

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
