"""What happens to a report, for other systems: an outbox row for each subscription, in its transaction."""

from __future__ import annotations

from cms.gateways import webhooks
from cms.outbox.effects import NewEffect
from cms.reports.audiences import Audience, is_for
from cms.reports.models import Event, Report

WEBHOOK = "webhook"


def effects_of(event: Event, report: Report) -> list[NewEffect]:
    """One for each subscription; of what the sender may read of, and nothing that is kept from them."""
    if report.is_confidential or not is_for(event, Audience.SENDER):
        return []
    return [
        NewEffect(
            WEBHOOK,
            {
                "webhook": row.pk,
                "report": report.pk,
                "event": event.code,
                "sequence": event.sequence,
                "at": event.at.isoformat(),
                "state": report.state,
            },
            f"webhook:{row.pk}:{report.pk}:{event.sequence}",
        )
        for row in webhooks.subscribed(event.code)
    ]
