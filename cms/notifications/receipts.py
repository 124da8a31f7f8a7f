"""Receipts: a gateway tells at its own, signed address what became of a message."""

from __future__ import annotations

import hmac
import json
import logging
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cms.gateways.filling import listed, text_at
from cms.gateways.models import SmsGateway

from .models import SentMessage

log = logging.getLogger(__name__)

LONGEST = 64 * 1024
Delivery = SentMessage.Delivery


def _signature(code: str, key: str) -> str:
    return hmac.new(key.encode(), f"receipts\0{code}".encode(), sha256).hexdigest()[:40]


def address_of(gateway: SmsGateway) -> str:
    """What the provider is given; whoever knows it may tell of this gateway's messages, and no others."""
    newest = settings.SAWT_SECRET_KEYS[max(settings.SAWT_SECRET_KEYS)]
    return settings.SAWT_BASE_URL + reverse(
        "sms_receipt", args=[gateway.code, _signature(gateway.code, newest)]
    )


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receipt(request: HttpRequest, gateway: str, signature: str) -> HttpResponse:
    """The same answer whether the message is known or not: the provider would ask again for ever."""
    keys = settings.SAWT_SECRET_KEYS.values()
    given = signature.encode("utf-8", "replace")
    if not any(hmac.compare_digest(_signature(gateway, key).encode(), given) for key in keys):
        raise Http404
    row = SmsGateway.objects.filter(code=gateway).first()
    if row is None or not row.receipt_id_path:
        raise Http404
    for told in _told(request):
        note(row, told, at=timezone.now())
    return HttpResponse(row.receipt_answer, content_type="text/plain; charset=utf-8")


def _told(request: HttpRequest) -> list[Any]:
    """One document, or several in a list, or the fields of a form or of the address."""
    if len(request.body) > LONGEST:
        return []
    if request.content_type == "application/json":
        try:
            document = json.loads(request.body)
        except (ValueError, RecursionError):
            return []
        return document[:1000] if isinstance(document, list) else [document]
    return [{**request.GET.dict(), **request.POST.dict()}]


def note(gateway: SmsGateway, told: Any, *, at: datetime) -> bool:
    """Whether something is known now that was not: delivered stays delivered, whatever comes late."""
    number = text_at(told, gateway.receipt_id_path)
    state = text_at(told, gateway.receipt_state_path).casefold()
    if state in listed(gateway.receipt_delivered):
        delivery = Delivery.DELIVERED
    elif state in listed(gateway.receipt_failed):
        delivery = Delivery.UNDELIVERED
    else:
        return False
    rows = SentMessage.objects.filter(via=gateway.key, gateway_id=number).exclude(gateway_id="")
    rows = rows.exclude(delivery__in=[Delivery.DELIVERED, delivery])
    return bool(rows.update(delivery=delivery, delivery_at=at))
