"""Who follows somebody else's report hears that it was answered and that it ended: no word of what was said,
and nothing by which the report could be found.
"""

from __future__ import annotations

from datetime import datetime

from cms.gateways import sms
from cms.gateways.pauses import MESSAGES
from cms.outbox.effects import NewEffect
from cms.outbox.handlers import Cancel, Hold, Send, prepares
from cms.outbox.models import Effect
from cms.reports.following import followers_of
from cms.reports.models import Event, Follower, Report
from cms.reports.policies import public_filter

from . import crowding, hours, senders
from .composing import address, compose
from .models import Audience, SentMessage, SmsTemplate

FOLLOWER_SMS = "follower_sms"
ANSWERED, ENDED = "followed_answered", "followed_ended"
# Event → text.
TOLD = {
    "answer": ANSWERED,
    **dict.fromkeys(("acknowledge", "accept", "auto_close", "auto_expire", "reject", "withdraw"), ENDED),
}


def effects_of(event: Event, report: Report) -> list[NewEffect]:
    """One for each person, in the event's transaction; a statement where the step is told at all."""
    if event.code not in TOLD or report.is_confidential:
        return []
    by_sender = {row.sender_id: row for row in followers_of(report)}
    by_sender.pop(report.sender_id or 0, None)
    return [
        NewEffect(
            FOLLOWER_SMS,
            {
                "follower": row.pk,
                "report": report.pk,
                "event": event.code,
                "sequence": event.sequence,
                "at": event.at.isoformat(),
            },
            f"{FOLLOWER_SMS}:{row.pk}:{report.pk}.{event.sequence}",
        )
        for row in by_sender.values()
    ]


@prepares(FOLLOWER_SMS, pauses=MESSAGES)
def send_to_follower(effect: Effect) -> Send:
    payload, now = effect.payload, senders.clock()
    row = Follower.objects.select_related("sender").filter(pk=payload["follower"]).first()
    if row is None:
        raise Cancel("does not follow it any more")
    if not row.sender.is_reachable:
        raise Cancel("no contact")
    report = public_filter(Report.objects.filter(pk=payload["report"])).first()
    if report is None:
        raise Cancel("not public any more")
    if overtaken := senders.overtaken_by(effect, report):
        raise Cancel(f"obsolete: {overtaken}")
    event = TOLD[payload["event"]]
    template = SmsTemplate.objects.filter(event=event, audience=Audience.FOLLOWER).first()
    if template is None or template.optional:
        raise Cancel(f"no text for {event}")
    composed = compose(template, row.language, {"link": address("portal:my_reports", row.language)})
    message = senders.sms_row(
        to=row.sender.phone,
        language=row.language,
        event=event,
        # Neither its sender nor the staff learn who follows it.
        report_id=None,
        composed=composed,
        at=datetime.fromisoformat(payload["at"]),
    )
    opens = hours.next_open(now)
    if opens > now and not template.ignores_sending_hours:
        senders.write(effect.key, **message, state=SentMessage.State.HELD, held_until=opens)
        raise Hold(opens, hours.HELD)
    sms.hold_while_none(now)
    near = crowding.near_limit(row.sender.phone, now)
    return Send(lambda: senders.send_sms(effect.key, effect, message, composed), apart=near)
