"""What a resolver knows of its request."""

from __future__ import annotations

import logging
import uuid
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils import timezone, translation
from strawberry.types import Info as StrawberryInfo

from cms.entities.snapshot import Catalogue, catalogue
from cms.outbox import correlation
from cms.reports import senders
from cms.reports.actors import SenderActor, StaffActor
from cms.reports.models import Sender
from permissions.clients import client_address
from permissions.rates import Allowance

from .staff.session import staff_of

logger = logging.getLogger("graphql_api")
BEARER = "bearer "


class Context:
    """One request: its language, its client, and whose it is: a sender's by token, staff's by session.

    A session's cookie alone is nobody's, so that no page of another site can ask with one.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.correlation_id = correlation.present() or uuid.uuid4().hex
        # What a resolver counted beside the request itself, for the answer's headers.
        self.allowances: dict[str, Allowance] = {}
        self.language = (translation.get_language() or "ar")[:2]

    @property
    def client(self) -> str:
        """Who asks, for slowing down guesses: the address."""
        return client_address(self.request)

    @cached_property
    def token(self) -> str:
        header: str = self.request.META.get("HTTP_AUTHORIZATION", "")
        return header[len(BEARER) :].strip() if header[: len(BEARER)].lower() == BEARER else ""

    @cached_property
    def sender(self) -> Sender | None:
        """The signed-in sender; None without a token, and with one that is unknown, revoked or too old."""
        return senders.sender_of_token(self.token, at=timezone.now()) if self.token else None

    @cached_property
    def staff(self) -> StaffActor | None:
        return staff_of(self.request)

    @property
    def actor(self) -> SenderActor:
        return SenderActor(sender_id=self.sender.pk if self.sender else None)

    @cached_property
    def catalogue(self) -> Catalogue:
        """One consistent reading for the whole request."""
        return catalogue()


Info = StrawberryInfo[Context, Any]
