"""The sender's mutations. Thin: parse, call the domain's action, answer with the report or coded errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import strawberry
from django.utils import timezone, translation

from cms.notifications import codes
from cms.reports import actions, senders
from cms.reports.actors import SenderActor
from cms.reports.errors import Code, DomainError
from cms.reports.models import Report
from cms.reports.splitting import part_of

from ..context import Context, Info
from ..enums import Locale
from ..errors import Error, told
from . import inputs, payloads
from .access import files_of, own_report
from .keys import once
from .queries import sender_type
from .reports import TrackedReport
from .submit import submit

Result = TypeVar("Result")


def attempt(
    context: Context, action: Callable[[], Result], *, locale: Locale | None = None
) -> tuple[Result | None, list[Error]]:
    """What the action gives, or its expected failure as data, both in the input's locale where it has one."""
    translation.activate(locale.value if locale else context.language)
    try:
        return action(), []
    except DomainError as error:
        return None, told(error, context)


class _OfReport(Protocol):
    """What every input about an existing report names it by."""

    reference: str
    secret: str | None
    part: int | None


def _on_report(
    info: Info, given: _OfReport, action: Callable[[int, SenderActor], Report]
) -> tuple[TrackedReport | None, list[Error]]:
    """The report that was named, after the action on it or on its part."""
    context = info.context

    def act() -> TrackedReport:
        report, actor = own_report(context, given.reference, given.secret)
        if given.part is None:
            return TrackedReport(report=action(report.pk, actor), actor=actor)
        part = part_of(report, given.part)
        if part is None:
            raise DomainError(Code.NOT_FOUND, field="part")
        action(part.pk, actor)
        return TrackedReport(report=report, actor=actor)

    return attempt(context, act)


def _body(what: str, given: inputs.ReplyToEntityInput | inputs.AddInformationInput) -> str:
    """What a key may be used for again: these words, with these files."""
    return "\0".join([what, given.text, *map(str, given.attachments or ())])


@strawberry.type
class Mutation:
    @strawberry.mutation(
        description="Send a one-time code to a mobile number. The answer tells nothing of who owns it."
    )
    def request_code(self, info: Info, input: inputs.RequestCodeInput) -> payloads.RequestCodePayload:
        context = info.context
        expires_at, errors = attempt(
            context,
            lambda: codes.request_code(
                input.phone, client=context.client, language=context.language, at=timezone.now()
            ),
        )
        return payloads.RequestCodePayload(expires_at=expires_at, errors=errors)

    @strawberry.mutation(description="Exchange the code for a sender's token: short-lived and revocable.")
    def verify_code(self, info: Info, input: inputs.VerifyCodeInput) -> payloads.VerifyCodePayload:
        context = info.context

        def act() -> payloads.VerifyCodePayload:
            now = timezone.now()
            number = codes.verify_code(input.phone, input.code, client=context.client, at=now)
            sender = senders.sign_in(number, language=context.language, at=now)
            token, expires_at = senders.issue_token(sender, at=now)
            return payloads.VerifyCodePayload(token=token, expires_at=expires_at, sender=sender_type(sender))

        payload, errors = attempt(context, act)
        return payload or payloads.VerifyCodePayload(errors=errors)

    @strawberry.mutation(
        description="Revoke the sender's token that came with this request; from now on it opens nothing."
    )
    def sign_out(self, info: Info) -> payloads.SignOutPayload:
        context = info.context

        def act() -> None:
            if not context.token:
                raise DomainError(Code.SIGN_IN_REQUIRED)
            senders.revoke_token(context.token, at=timezone.now())
            context.sender = None

        _nothing, errors = attempt(context, act)
        return payloads.SignOutPayload(errors=errors)

    @strawberry.mutation(
        description="Submit a report. The same idempotency key and body give the same answer again."
    )
    def submit_report(self, info: Info, input: inputs.SubmitReportInput) -> payloads.SubmitReportPayload:
        submitted, errors = attempt(info.context, lambda: submit(info.context, input), locale=input.locale)
        if submitted is None:
            return payloads.SubmitReportPayload(errors=errors)
        actor = SenderActor(report_id=submitted.report.pk)
        return payloads.SubmitReportPayload(
            report=TrackedReport(report=submitted.report, actor=actor), secret=submitted.secret
        )

    @strawberry.mutation(description="Answer the entity's question.")
    def reply_to_entity(self, info: Info, input: inputs.ReplyToEntityInput) -> payloads.ReplyToEntityPayload:
        report, errors = _on_report(
            info,
            input,
            lambda pk, actor: once(
                pk,
                input.idempotency_key,
                _body("reply", input),
                lambda: actions.sender_reply(
                    pk, actor=actor, text=input.text, files=files_of(info.context, input.attachments)
                ),
            ),
        )
        return payloads.ReplyToEntityPayload(report=report, errors=errors)

    @strawberry.mutation(
        description="Add to an open report. Where the entity waits for an answer, this is the answer."
    )
    def add_information(
        self, info: Info, input: inputs.AddInformationInput
    ) -> payloads.AddInformationPayload:
        report, errors = _on_report(
            info,
            input,
            lambda pk, actor: once(
                pk,
                input.idempotency_key,
                _body("add", input),
                lambda: actions.write(
                    pk, actor=actor, text=input.text, files=files_of(info.context, input.attachments)
                ),
            ),
        )
        return payloads.AddInformationPayload(report=report, errors=errors)

    @strawberry.mutation(description="Accept the reply, which closes the report; with a rating or without.")
    def accept_reply(self, info: Info, input: inputs.AcceptReplyInput) -> payloads.AcceptReplyPayload:
        report, errors = _on_report(
            info,
            input,
            lambda pk, actor: actions.accept(
                pk, actor=actor, score=input.rating, comment=input.comment or ""
            ),
        )
        return payloads.AcceptReplyPayload(report=report, errors=errors)

    @strawberry.mutation(description="Rate the reply from 1 to 5, once for each reply.")
    def rate_report(self, info: Info, input: inputs.RateReportInput) -> payloads.RateReportPayload:
        report, errors = _on_report(
            info,
            input,
            lambda pk, actor: actions.rate(pk, actor=actor, score=input.rating, comment=input.comment or ""),
        )
        return payloads.RateReportPayload(report=report, errors=errors)

    @strawberry.mutation(description="Reopen an answered report within its window.")
    def reopen_report(self, info: Info, input: inputs.ReopenReportInput) -> payloads.ReopenReportPayload:
        report, errors = _on_report(
            info,
            input,
            lambda pk, actor: actions.reopen(pk, actor=actor, text=input.reason),
        )
        return payloads.ReopenReportPayload(report=report, errors=errors)

    @strawberry.mutation(description="Appeal against a rejection, once, within 14 days.")
    def appeal_rejection(
        self, info: Info, input: inputs.AppealRejectionInput
    ) -> payloads.AppealRejectionPayload:
        report, errors = _on_report(
            info,
            input,
            lambda pk, actor: actions.appeal(pk, actor=actor, text=input.reason),
        )
        return payloads.AppealRejectionPayload(report=report, errors=errors)

    @strawberry.mutation(description="Withdraw an open report.")
    def withdraw_report(
        self, info: Info, input: inputs.WithdrawReportInput
    ) -> payloads.WithdrawReportPayload:
        report, errors = _on_report(info, input, lambda pk, actor: actions.withdraw(pk, actor=actor))
        return payloads.WithdrawReportPayload(report=report, errors=errors)
