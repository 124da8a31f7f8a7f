"""What mutations answer: what changed, and the expected failures as data."""

from __future__ import annotations

from datetime import datetime

import strawberry

from ..enums import SenderCategory
from ..errors import Error
from .reports import TrackedReport


@strawberry.type(description="A signed-in sender.")
class Sender:
    name: str
    phone: str
    email: str
    category: SenderCategory | None


@strawberry.type
class RequestCodePayload:
    expires_at: datetime | None = None
    errors: list[Error] = strawberry.field(default_factory=list)


@strawberry.type
class VerifyCodePayload:
    token: str | None = strawberry.field(
        default=None, description="Send it as “Authorization: Bearer …”. Shown once."
    )
    expires_at: datetime | None = None
    sender: Sender | None = None
    errors: list[Error] = strawberry.field(default_factory=list)


@strawberry.type
class SignOutPayload:
    errors: list[Error] = strawberry.field(default_factory=list)


@strawberry.type
class SubmitReportPayload:
    report: TrackedReport | None = None
    secret: str | None = strawberry.field(
        default=None, description="Opens the report together with its reference. The same for one key."
    )
    errors: list[Error] = strawberry.field(default_factory=list)


@strawberry.type
class ReplyToEntityPayload:
    report: TrackedReport | None = None
    errors: list[Error] = strawberry.field(default_factory=list)


@strawberry.type
class AddInformationPayload:
    report: TrackedReport | None = None
    errors: list[Error] = strawberry.field(default_factory=list)


@strawberry.type
class AcceptReplyPayload:
    report: TrackedReport | None = None
    errors: list[Error] = strawberry.field(default_factory=list)


@strawberry.type
class RateReportPayload:
    report: TrackedReport | None = None
    errors: list[Error] = strawberry.field(default_factory=list)


@strawberry.type
class ReopenReportPayload:
    report: TrackedReport | None = None
    errors: list[Error] = strawberry.field(default_factory=list)


@strawberry.type
class AppealRejectionPayload:
    report: TrackedReport | None = None
    errors: list[Error] = strawberry.field(default_factory=list)


@strawberry.type
class WithdrawReportPayload:
    report: TrackedReport | None = None
    errors: list[Error] = strawberry.field(default_factory=list)
