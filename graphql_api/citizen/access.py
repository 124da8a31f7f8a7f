"""Whose report it is: by reference and secret, or the signed-in sender's token."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from cms.reports import tracking
from cms.reports.actors import SenderActor
from cms.reports.errors import Code, DomainError
from cms.reports.files.intake import BEARER, NO_FILES, Files
from cms.reports.files.kinds import MOST_FILES
from cms.reports.models import Report
from cms.reports.reference import parse

from ..context import Context
from ..ids import required_code


def own_report(context: Context, reference: str, secret: str | None) -> tuple[Report, SenderActor]:
    """The report and the actor who proved to be its sender.

    Raises DomainError: `not_found` whichever is wrong, `sign_in_required` with neither secret nor token,
    `reference_typo`, `reference_malformed`, `too_many_attempts`.
    """
    if secret:
        found = tracking.find(reference, secret, client=context.client)
        if found is None:
            raise DomainError(Code.NOT_FOUND, field="reference")
        return found, SenderActor(report_id=found.pk)
    if context.sender is None:
        raise DomainError(Code.SIGN_IN_REQUIRED, field="secret")
    actor = context.actor
    canonical = parse(reference, settings.SAWT_REFERENCE_PREFIX)
    report = Report.objects.visible_to(actor).filter(reference=canonical, parent=None).first()
    if report is None:
        raise DomainError(Code.NOT_FOUND, field="reference")
    return report, actor


def owner_of(context: Context) -> str:
    """Whose uploads these are: a signed-in sender's alone, or theirs who know the id."""
    if context.token and context.sender is None:
        raise DomainError(Code.SIGN_IN_REQUIRED)
    return f"api:sender:{context.sender.pk}" if context.sender else BEARER


def files_of(context: Context, ids: Sequence[str] | None) -> Files:
    """The uploads behind these global ids. Raises `invalid` for what is no id of one."""
    if not ids:
        return NO_FILES
    codes = tuple(required_code(str(one), "Upload", "attachments") for one in ids[: MOST_FILES + 1])
    return Files(codes, owner_of(context))
