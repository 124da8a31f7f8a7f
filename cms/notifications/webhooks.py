"""What happens to a report, told to other systems: which step, when, to which entity; nothing of its sender,
and nothing at all of a confidential one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from cms.gateways import circuits, reaching, webhooks
from cms.gateways.models import Webhook, WebhookDelivery
from cms.gateways.pauses import MESSAGES
from cms.gateways.sms import RESTING, asked_pause
from cms.outbox import effects
from cms.outbox.handlers import Cancel, Hold, Permanent, Retry, Send, is_last, prepares
from cms.outbox.models import Effect
from cms.reports.models import Report

from . import senders
from .subscribed import WEBHOOK

# Of the Standard Webhooks specification: whoever answers so wants no more.
GONE = 410
SECONDS = 10.0
State = WebhookDelivery.State


def body_of(report: Report, payload: dict[str, Any]) -> str:
    """Facts in codes; names and words, and whoever they are about, are asked of the API."""
    data = {
        "reference": report.reference,
        "sequence": payload["sequence"],
        "state": payload["state"],
        "service": report.service.code,
        "entity": report.entity.code if report.entity is not None else None,
    }
    told = {"type": f"report.{payload['event']}", "timestamp": payload["at"], "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _report_of(pk: int) -> Report:
    report = Report.objects.select_related("service", "entity").filter(pk=pk).first()
    if report is None or report.erased_at is not None:
        raise Cancel("erased")
    if report.is_confidential:
        raise Cancel("confidential")
    return report


@prepares(WEBHOOK, pauses=MESSAGES)
def send_webhook(effect: Effect) -> Send:
    now, payload = senders.clock(), effect.payload
    webhook = Webhook.objects.filter(pk=payload["webhook"], is_active=True).first()
    if webhook is None or not webhook.secret_encrypted:
        raise Cancel("no longer subscribed")
    report = _report_of(payload["report"])
    if (until := circuits.free_at(webhook.key, now)) is not None:
        raise Hold(until, RESTING)
    if "delivery" in payload:
        delivery = WebhookDelivery.objects.get(pk=payload["delivery"])
    else:
        delivery, _ = WebhookDelivery.objects.get_or_create(
            message_id=f"msg_{webhook.pk}_{report.public_id.hex}_{payload['sequence']}",
            defaults={
                "webhook": webhook,
                "event": payload["event"],
                "report_id": report.pk,
                "body": body_of(report, payload),
                "created_at": now,
            },
        )
    if not delivery.body:
        raise Cancel("nothing is kept of it")
    return Send(lambda: _deliver(effect, webhook, delivery))


def _deliver(effect: Effect, webhook: Webhook, delivery: WebhookDelivery) -> Callable[[], None]:
    now = senders.clock()
    if not circuits.take(webhook.key, now):
        raise Hold(now + circuits.SOON, RESTING)
    try:
        _post(webhook, delivery, now)
    except (Retry, Permanent) as error:
        if isinstance(error, Retry):
            circuits.failed(webhook.key, str(error), now, rest=error.after)
        else:
            circuits.refused(webhook.key, now)
        if isinstance(error, Permanent) or is_last(effect):
            WebhookDelivery.objects.filter(pk=delivery.pk).update(state=State.FAILED, error=str(error)[:200])
        raise
    circuits.succeeded(webhook.key, now)

    def record() -> None:
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            state=State.DELIVERED, delivered_at=now, error=""
        )
        circuits.count_sent([(webhook.key, now)])

    return record


def _post(webhook: Webhook, delivery: WebhookDelivery, now: datetime) -> None:
    private = settings.SAWT_WEBHOOK_PRIVATE_NETWORK
    if urlsplit(webhook.url).scheme != "https" and not private:
        raise Permanent("webhook: only https", via=webhook.key)
    headers = webhooks.signed(webhook, delivery.message_id, delivery.body, at=now)
    body = delivery.body.encode()
    try:
        answer = reaching.post(webhook.url, body=body, headers=headers, private=private, seconds=SECONDS)
    except reaching.Forbidden as error:
        raise Permanent(f"webhook: {error}", via=webhook.key) from error
    except (reaching.NotReached, reaching.NoAnswer) as error:
        raise Retry(f"webhook: {error}", via=webhook.key) from error
    if 200 <= answer.status < 300:
        return
    said = f"webhook answered {answer.status}"
    if answer.status == GONE:
        Webhook.objects.filter(pk=webhook.pk).update(is_active=False)
        webhooks.forget()
    if answer.status in (408, 429) or answer.status >= 500:
        raise Retry(said, after=asked_pause(answer.headers.get("Retry-After", "")), via=webhook.key)
    raise Permanent(said, via=webhook.key)


def replay(delivery: WebhookDelivery, *, at: datetime) -> bool:
    """Send it once more, whatever became of it: the same bytes and id; False where nothing is kept of it."""
    with transaction.atomic():
        row = WebhookDelivery.objects.select_for_update().get(pk=delivery.pk)
        if not row.body:
            return False
        row.replays, row.state, row.error = row.replays + 1, State.WAITING, ""
        row.save(update_fields=["replays", "state", "error"])
        effects.enqueue(
            WEBHOOK,
            {"webhook": row.webhook_id, "report": row.report_id, "delivery": row.pk},
            key=f"webhook:{row.pk}:again:{row.replays}",
            at=at,
        )
    return True
