"""Messages by a clock of the test's own, as `tests/notifications` has them, and two gateways in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from cms.gateways import reaching, sms
from cms.gateways.models import SmsGateway
from tests.gateways.unruly import Unruly
from tests.notifications.conftest import relayed, riyadh, texts

__all__ = ["relayed", "texts"]
START = riyadh("10:00")
BODY = '{"to": "{to}", "text": "{text}", "id": "{key}"}'


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[tuple[Unruly, Unruly]]:
    """Two gateways in order, and staff who are told nothing."""
    monkeypatch.setattr(reaching, "_thread", threading.local())
    monkeypatch.setattr(sms, "SECONDS", 0.3)
    settings.SAWT_SMS_PER_NUMBER = 1000
    made = Unruly(), Unruly()
    for position, server in enumerate(made):
        SmsGateway.objects.create(
            code=f"g{position}",
            name=f"g{position}",
            position=position,
            is_active=True,
            url=server.url,
            body=BODY,
            idempotency_header="Idempotency-Key",
            success="ok=true",
            private_network=True,
        )
        server.always = 200, {}, b'{"ok": true, "id": "7"}'
    yield made
    for server in made:
        server.stop()
