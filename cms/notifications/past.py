"""Messages of a loaded history: recorded as sent at their time, and never sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cms.entities.models import Entity
from cms.reports.models import Event, Report

from . import hours
from .composing import compose, values_for
from .models import Audience, Notice, SentMessage, SmsTemplate
from .segments import measure
from .spreading import past_notices
from .subscribers import is_own_act, key_of, template_of

# Of a history, as much as somebody's inbox shows; what is older than the second they have read.
INBOX_GOES_BACK, UNREAD_FOR = timedelta(days=14), timedelta(days=2)


def record(events: Sequence[tuple[Event, Report]], until: datetime | None = None) -> int:
    """One SentMessage for each event that a message to a verified sender follows from; how many."""
    templates = {
        template.event: template
        for template in SmsTemplate.objects.filter(audience=Audience.SENDER, optional=False)
    }
    reports = Report.objects.select_related("sender", "parent").in_bulk({report.pk for _, report in events})
    entities = Entity.objects.in_bulk({event.entity_id for event, _ in events if event.entity_id})
    rows = []
    for event, given in events:
        template, report = templates.get(template_of(event, given)), reports.get(given.pk)
        sender = report.sender if report is not None else None
        if template is None or report is None or sender is None or report.is_confidential:
            continue
        if not sender.phone or sender.phone_verified_at is None:
            continue
        own_act = is_own_act(event, report)
        sent_at = event.at if own_act else hours.next_open(event.at)
        if until is not None and sent_at > until:
            continue
        entity = entities.get(event.entity_id) if event.entity_id else None
        values = values_for(template, report, entity)
        composed = compose(template, report.language, values)
        size = measure(composed.text)
        rows.append(
            SentMessage(
                channel=SentMessage.Channel.SMS,
                to=sender.phone,
                language=report.language,
                event=event.code,
                report=report,
                text=composed.shown,
                segments=size.segments,
                encoding=size.encoding,
                effect_key=key_of(event, report),
                created_at=event.at,
                sent_at=sent_at,
            )
        )
    SentMessage.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows)


def record_inboxes(events: Sequence[tuple[Event, Report]], until: datetime | None) -> int:
    """What staff find in their inboxes at `until`: the latest news, and what they have read; how many."""
    if until is None:
        return 0
    lately = [pair for pair in events if until - INBOX_GOES_BACK < pair[0].at <= until]
    if not lately:
        return 0
    notices = past_notices(lately, until)
    for notice in notices:
        if notice.at < until - UNREAD_FOR:
            notice.read_at = min(notice.at + timedelta(hours=3), until)
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=500)
    return len(notices)
