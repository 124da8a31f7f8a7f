"""submitReport: GraphQL's input as the domain's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cms.reports import actions
from cms.reports.errors import Code, DomainError, Invalid
from cms.reports.files.intake import NO_FILES
from cms.reports.models import Channel
from permissions.clients import client_key

from ..context import Context
from ..ids import required_code
from .access import files_of
from .inputs import SubmitReportInput

T = TypeVar("T")


def _client(context: Context) -> str:
    """Whose idempotency key it is: the signed-in sender's, else the client's that the limits count.

    A key may be guessed or shared by mistake; what it made opens for who made it alone.
    """
    return f"api:sender:{context.sender.pk}" if context.sender else f"api:{client_key(context.client)}"


class _Mapping:
    """What could not be made of GraphQL's input; its errors are told with those of the domain's own check."""

    def __init__(self) -> None:
        self.errors: list[DomainError] = []

    def take(self, read: Callable[[], T], default: T) -> T:
        try:
            return read()
        except DomainError as error:
            self.errors.append(error)
            return default

    def answers(self, given: SubmitReportInput) -> dict[str, str]:
        answers: dict[str, str] = {}
        for answer in given.answers or []:
            if answer.question in answers:
                self.errors.append(DomainError(Code.INVALID, field=("answers", answer.question[:60])))
            answers[answer.question] = answer.value
        return answers

    def code(self, value: str, type_name: str, field: str) -> str:
        return self.take(lambda: required_code(value, type_name, field), "")

    def stop(self, submission: actions.SubmitInput) -> None:
        """Raises all that is wrong, in one round: a field that could not be read is named once."""
        if not self.errors:
            return
        try:
            actions.prepare(submission)
        except DomainError as error:
            named = {one.field for one in self.errors}
            also = error.errors if isinstance(error, Invalid) else [error]
            self.errors += [one for one in also if one.field not in named]
        raise Invalid(self.errors)


def _contact(given: SubmitReportInput) -> actions.Contact | None:
    sender = given.sender
    if sender is None:
        return None
    return actions.Contact(
        name=sender.name or "",
        phone=sender.phone or "",
        email=sender.email or "",
        category=sender.category.value if sender.category else "",
        national_id=sender.national_id or "",
    )


def submit(context: Context, given: SubmitReportInput) -> actions.Submitted:
    """Submit the report, or find the one that this idempotency key made. Raises DomainError."""
    if context.token and context.sender is None:
        # Filed as a stranger's, it would be missing from the sender's list, and nobody would know.
        raise DomainError(Code.SIGN_IN_REQUIRED)
    mapping = _Mapping()
    about = given.about_entity
    point = given.location
    submission = actions.SubmitInput(
        service=mapping.code(given.service, "Service", "service"),
        place=mapping.code(given.place, "Place", "place"),
        text=given.text,
        title=given.title or "",
        answers=mapping.answers(given),
        latitude=point.latitude if point else None,
        longitude=point.longitude if point else None,
        location_confirmed=given.location_confirmed,
        address_text=given.address_text or "",
        channel=Channel.API,
        language=given.locale.value if given.locale else context.language,
        inherits_language=given.locale is None,
        sender_id=context.sender.pk if context.sender else None,
        contact=_contact(given),
        contact_preference=given.contact_preference.value if given.contact_preference else "",
        contact_hours=given.contact_hours or "",
        about_entity=mapping.code(about, "Entity", "aboutEntity") if about is not None else None,
        files=mapping.take(lambda: files_of(context, given.attachments), NO_FILES),
        idempotency_key=given.idempotency_key,
        client=_client(context),
        sent_from=context.client,
    )
    mapping.stop(submission)
    try:
        return actions.submit(submission, actor=context.actor)
    finally:
        left = actions.submissions_left(submission)
        context.allowances[left.name] = left
