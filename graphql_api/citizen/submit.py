"""submitReport: GraphQL's input as the domain's."""

from __future__ import annotations

from cms.reports import actions
from cms.reports.errors import Code, DomainError, Invalid
from cms.reports.models import Channel
from permissions.clients import client_key

from ..context import Context
from ..ids import required_code
from .access import files_of
from .inputs import SubmitReportInput


def _client(context: Context) -> str:
    """Whose idempotency key it is: the signed-in sender's, else the client's that the limits count.

    A key may be guessed or shared by mistake; what it made opens for who made it alone.
    """
    return f"api:sender:{context.sender.pk}" if context.sender else f"api:{client_key(context.client)}"


def _answers(given: SubmitReportInput) -> dict[str, str]:
    answers: dict[str, str] = {}
    for answer in given.answers or []:
        if answer.question in answers:
            raise DomainError(Code.INVALID, field=("answers", answer.question[:60]))
        answers[answer.question] = answer.value
    return answers


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


def _codes(given: SubmitReportInput) -> tuple[str, str, str | None]:
    """The codes in the global ids, with every malformed one told at once."""
    codes: list[str | None] = []
    errors: list[DomainError] = []
    wanted = [("service", given.service, "Service"), ("place", given.place, "Place")]
    if given.about_entity is not None:
        wanted.append(("aboutEntity", given.about_entity, "Entity"))
    for field, value, type_name in wanted:
        try:
            codes.append(required_code(value, type_name, field))
        except DomainError as error:
            errors.append(error)
    if errors:
        raise Invalid(errors)
    return str(codes[0]), str(codes[1]), codes[2] if len(codes) > 2 else None


def submit(context: Context, given: SubmitReportInput) -> actions.Submitted:
    """Submit the report, or find the one that this idempotency key made. Raises DomainError."""
    service, place, about_entity = _codes(given)
    point = given.location
    submission = actions.SubmitInput(
        service=service,
        place=place,
        text=given.text,
        title=given.title or "",
        answers=_answers(given),
        latitude=point.latitude if point else None,
        longitude=point.longitude if point else None,
        address_text=given.address_text or "",
        channel=Channel.API,
        language=given.locale.value if given.locale else context.language,
        inherits_language=given.locale is None,
        sender_id=context.sender.pk if context.sender else None,
        contact=_contact(given),
        contact_preference=given.contact_preference.value if given.contact_preference else "",
        contact_hours=given.contact_hours or "",
        about_entity=about_entity,
        files=files_of(context, given.attachments),
        idempotency_key=given.idempotency_key,
        client=_client(context),
        sent_from=context.client,
    )
    if context.token and context.sender is None:
        # Filed as a stranger's, it would be missing from the sender's list, and nobody would know.
        raise DomainError(Code.SIGN_IN_REQUIRED)
    try:
        return actions.submit(submission, actor=context.actor)
    finally:
        left = actions.submissions_left(submission)
        context.allowances[left.name] = left
