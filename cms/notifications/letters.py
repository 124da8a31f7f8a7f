"""What an entity is told of a report that it sent: one mail to its address, which leads to the desk.

It says that something happened and not what was said, and no link in it opens anything by itself.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, override

from cms.gateways.pauses import MESSAGES
from cms.outbox.handlers import Cancel, register
from cms.outbox.models import Effect
from cms.reports.models import Report
from cms.reports.timeline import SENDER_LABELS

from .senders import mailed, overtaken_by
from .subscribers import ENTITY_EMAIL


@register(ENTITY_EMAIL, pauses=MESSAGES)
def send_to_entity(effect: Effect) -> Callable[[], None]:
    rows = Report.objects.select_related("sender_entity__continued_by", "parent")
    report = rows.filter(pk=effect.payload["report"]).first()
    if report is None or report.erased_at is not None or report.sender_entity is None:
        raise Cancel("erased")
    if report.is_confidential:
        raise Cancel("confidential")
    # Of one that was closed, whose work became another's, that other one is told.
    address = report.sender_entity.with_successor()[-1].email
    if not address:
        raise Cancel("no address")
    if overtaken := overtaken_by(effect, report):
        raise Cancel(f"obsolete: {overtaken}")
    subject, body = mail_of(report, effect.payload["event"])
    return mailed(effect, address, subject, body, language=report.language, report_id=report.pk)


def mail_of(report: Report, event: str) -> tuple[str, str]:
    """Subject and body. Of a part its sender knows the whole by number, and opens the part."""
    whole = report.parent if report.parent is not None else report
    with override(report.language):
        named = {"number": report.letter_number, "reference": whole.reference}
        subject = gettext("Your letter %(number)s: report %(reference)s") % named
        address = settings.SAWT_BASE_URL + reverse("desk:sent_report", args=[report.public_id])
        read = gettext("Sign in to read it and to answer: %(address)s") % {"address": address}
        closing = gettext("Voice of the Citizen. Please do not answer this message.")
        happened = str(SENDER_LABELS[event])
    return subject, f"{happened}\n\n{read}\n\n{closing}\n"
