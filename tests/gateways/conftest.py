"""Gateways that are there: real servers on loopback, configured as the administrator does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cms.gateways.models import SmsGateway

from .unruly import Unruly

JSON = '{"to": "{to}", "text": "{text}", "from": "{sender}", "id": "{key}"}'


@pytest.fixture
def unruly() -> Iterator[Unruly]:
    made = Unruly()
    yield made
    made.stop()


@pytest.fixture
def second() -> Iterator[Unruly]:
    made = Unruly()
    yield made
    made.stop()


@pytest.fixture
def gateway(db: None) -> Callable[..., SmsGateway]:
    """`gateway(server, code, **fields)`: in use, asked in the order in which they are made."""

    def make(server: Unruly | str, code: str = "first", **fields: Any) -> SmsGateway:
        secret = fields.pop("secret", "s3cret-of-the-gateway")
        row = SmsGateway(
            code=code,
            name=code,
            url=server if isinstance(server, str) else server.url,
            is_active=True,
            position=SmsGateway.objects.count(),
            **{
                "body": JSON,
                "headers": "Authorization: Bearer {secret}",
                "idempotency_header": "Idempotency-Key",
                "sender": "Sawt",
                "private_network": True,
                **fields,
            },
        )
        row.secret = secret
        row.full_clean()
        row.save()
        return row

    return make
