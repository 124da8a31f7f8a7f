"""The gateways that messages may leave by, in the order in which they are asked."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from .filling import listed, pairs
from .models import Circuit, SenderName, SmsGateway

# Seconds for which a process believes what it read: else each message would ask twice.
FRESH = 1.0
# The gateway of the environment, asked after those that the administrator keeps.
ENVIRONMENT = "sms:environment"
SCREEN = "sms:screen"


@dataclass(frozen=True)
class Config:
    """One gateway, read for use. `document` or `form` is the body's template."""

    key: str
    name: str
    url: str
    document: Any = None
    form: tuple[tuple[str, str], ...] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    secret: str = ""
    idempotency_header: str = ""
    success: tuple[tuple[str, str], ...] = ()
    id_path: str = ""
    error_path: str = ""
    passing: frozenset[str] = frozenset()
    sender: str = ""
    per_minute: int = 0
    private: bool = False


@dataclass(frozen=True)
class Known:
    """What was read together: gateways in order, their circuits, and entities' own names."""

    gateways: tuple[Config, ...] = ()
    circuits: Mapping[str, Circuit] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)


_kept: tuple[float, Known] | None = None


def forget(*_: Any, **__: Any) -> None:
    global _kept
    _kept = None


def known() -> Known:
    global _kept
    now = time.monotonic()
    if _kept is None or now - _kept[0] > FRESH:
        gateways = tuple(read(row) for row in SmsGateway.objects.filter(is_active=True))
        circuits = {row.key: row for row in Circuit.objects.all()}
        names = dict(SenderName.objects.values_list("entity_id", "name"))
        _kept = now, Known(gateways, circuits, names)
    return _kept[1]


def read(row: SmsGateway) -> Config:
    is_form = row.body_kind == SmsGateway.Body.FORM
    return Config(
        key=row.key,
        name=row.name,
        url=row.url,
        document=None if is_form else json.loads(row.body),
        form=tuple(pairs(row.body, "=")) if is_form else None,
        headers=tuple(pairs(row.headers, ":")),
        secret=row.secret,
        idempotency_header=row.idempotency_header,
        success=tuple(pairs(row.success, "=")),
        id_path=row.id_path,
        error_path=row.error_path,
        passing=listed(row.passing_errors),
        sender=row.sender,
        per_minute=row.per_minute,
        private=row.private_network,
    )


def of_environment() -> Config | None:
    """SAWT_SMS_URL: one JSON POST for each message, with the token as a bearer."""
    if not settings.SAWT_SMS_URL:
        return None
    return Config(
        key=ENVIRONMENT,
        name="SAWT_SMS_URL",
        url=settings.SAWT_SMS_URL,
        document={"to": "{to}", "text": "{text}", "from": "{sender}", "id": "{key}"},
        headers=(("Authorization", "Bearer {secret}"),) if settings.SAWT_SMS_TOKEN else (),
        secret=settings.SAWT_SMS_TOKEN,
        idempotency_header="Idempotency-Key",
        id_path="id",
        sender=settings.SAWT_SMS_SENDER,
        private=settings.SAWT_SMS_PRIVATE_NETWORK,
    )


def gateways() -> list[Config]:
    """None at all means the screen, where that is this installation's gateway."""
    last = of_environment()
    return [*known().gateways, *([last] if last is not None else [])]
