"""Whose report it is: by reference and secret, or the signed-in sender's token."""

from __future__ import annotations

from django.conf import settings

from cms.reports import tracking
from cms.reports.actors import SenderActor
from cms.reports.errors import Code, DomainError
from cms.reports.models import Report
from cms.reports.reference import parse

from ..context import Context


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
