"""Inputs of the sender's mutations. Names are the contract (docs/api.md)."""

from __future__ import annotations

import strawberry

from ..enums import ContactPreference, Locale, SenderCategory

PART = "Which part of a report that was split, by its number; left out: the report itself."
UPLOADS = "Ids of at most 10 uploads made before (POST /api/uploads); each is used once."


@strawberry.input(description="WGS 84.")
class PointInput:
    latitude: float
    longitude: float


@strawberry.input(description="The answer to an intake question, by the question's code.")
class AnswerInput:
    question: str
    value: str


@strawberry.input(
    description="A number without a verified code is accepted as unverified. Left out = anonymous."
)
class SenderInput:
    name: str | None = None
    phone: str | None = strawberry.field(
        default=None,
        description=(
            "Confirmed by the token of `verifyCode`: all messages about the report go to it. Without it"
            " the number gets one neutral text a day that asks to confirm it, with no reference, and"
            " nothing more."
        ),
    )
    email: str | None = None
    category: SenderCategory | None = None
    national_id: str | None = None


@strawberry.input
class SubmitReportInput:
    idempotency_key: str = strawberry.field(
        description="22–64 characters, new for each report; the same key and body give the same report again."
    )
    service: strawberry.ID
    text: str = strawberry.field(description="10–5,000 characters after trimming.")
    title: str | None = None
    place: strawberry.ID
    location: PointInput | None = None
    location_confirmed: bool = strawberry.field(
        default=False,
        description=(
            "The sender has said that `location` and `place` are both right. Without it two that lie more"
            " than 50 km apart are FAR_FROM_PLACE on `location`."
        ),
    )
    address_text: str | None = None
    answers: list[AnswerInput] | None = None
    sender: SenderInput | None = None
    contact_preference: ContactPreference | None = strawberry.field(
        default=None, description="For confidential services; NEVER where it is left out."
    )
    contact_hours: str | None = strawberry.field(default=None, description="With CALL: between which hours.")
    about_entity: strawberry.ID | None = strawberry.field(
        default=None,
        description="The entity that a report about conduct is about; it will not get the report.",
    )
    attachments: list[strawberry.ID] | None = strawberry.field(default=None, description=UPLOADS)
    locale: Locale | None = strawberry.field(
        default=None, description="Language of the messages to the sender; the request's otherwise."
    )


@strawberry.input
class RequestCodeInput:
    phone: str


@strawberry.input
class VerifyCodeInput:
    phone: str
    code: str


@strawberry.input
class ReplyToEntityInput:
    reference: str
    secret: str | None = None
    text: str
    idempotency_key: str | None = None
    attachments: list[strawberry.ID] | None = strawberry.field(default=None, description=UPLOADS)
    part: int | None = strawberry.field(default=None, description=PART)


@strawberry.input
class AddInformationInput:
    reference: str
    secret: str | None = None
    text: str
    idempotency_key: str | None = None
    attachments: list[strawberry.ID] | None = strawberry.field(default=None, description=UPLOADS)
    part: int | None = strawberry.field(default=None, description=PART)


@strawberry.input
class AcceptReplyInput:
    reference: str
    secret: str | None = None
    rating: int | None = None
    comment: str | None = None
    part: int | None = strawberry.field(default=None, description=PART)


@strawberry.input
class RateReportInput:
    reference: str
    secret: str | None = None
    rating: int
    comment: str | None = None
    part: int | None = strawberry.field(default=None, description=PART)


@strawberry.input
class ReopenReportInput:
    reference: str
    secret: str | None = None
    reason: str
    part: int | None = strawberry.field(default=None, description=PART)


@strawberry.input
class AppealRejectionInput:
    reference: str
    secret: str | None = None
    reason: str
    part: int | None = strawberry.field(default=None, description=PART)


@strawberry.input
class WithdrawReportInput:
    reference: str
    secret: str | None = None
    part: int | None = strawberry.field(default=None, description=PART)
