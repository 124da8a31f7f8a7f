"""The handlers of message effects: what is checked, composed and sent when its time has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import BigIntegerField, CharField
from django.utils import timezone

from cms.entities.models import Entity
from cms.gateways import circuits, sms
from cms.gateways.configured import SCREEN
from cms.gateways.pauses import CODES, MESSAGES
from cms.outbox import effects
from cms.outbox.effects import NewEffect
from cms.outbox.handlers import Cancel, Hold, Permanent, Retry, Send, Together, is_last, prepares, register
from cms.outbox.models import Effect
from cms.reports import links
from cms.reports.compiled import Compiled, Parameter
from cms.reports.encryption import Undecipherable, decrypt
from cms.reports.models import AccessLink, Report

from . import crowding, hours, mail
from .composing import Composed, address, compose, email_of, values_for
from .gateways import EFFECT_HEADER, OutgoingSms, hand_over
from .models import Audience, SentMessage, SmsTemplate
from .segments import measure
from .subscribers import MADE_UNTRUE_BY, SENDER_SMS
from .throttles import key_of

CODE, EMAIL = "one_time_code", "sender_email"
Channel, State = SentMessage.Channel, SentMessage.State

# Replaced in tests; the relay's own clock is the wall's.
clock: Callable[[], datetime] = timezone.now


_TEMPLATES: Compiled[SmsTemplate] = Compiled(
    lambda: SmsTemplate.objects.filter(
        event=Parameter("event", CharField()), audience=Audience.SENDER
    ).order_by()
)


def template_for(event: str) -> SmsTemplate:
    """The text for the sender; Cancel where there is none, or where it is sent on request only."""
    template = next(iter(_TEMPLATES(event=event)), None)
    if template is None:
        raise Cancel(f"no text for {event}")
    if template.optional:
        raise Cancel("optional")
    return template


def write(key: str, **values: Any) -> None:
    """One statement, so that it costs one: a new row, or the held or failed one of this effect."""
    write_many([(key, values)])


def write_many(rows: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """The same for rows that have the same columns and a key each."""
    SentMessage.objects.bulk_create(
        [SentMessage(effect_key=key, **values) for key, values in rows],
        update_conflicts=True,
        unique_fields=["effect_key"],
        update_fields=list(rows[0][1]),
    )


def sms_row(
    *,
    to: str,
    language: str,
    event: str,
    report_id: int | None,
    composed: Composed,
    at: datetime,
    person_id: int | None = None,
) -> dict[str, Any]:
    size = measure(composed.text)
    return {
        "channel": Channel.SMS,
        "to": to,
        "language": language,
        "event": event,
        "report_id": report_id,
        "person_id": person_id,
        "text": composed.shown,
        "segments": size.segments,
        "encoding": size.encoding,
        "created_at": at,
    }


def send_sms(
    key: str,
    effect: Effect,
    row: dict[str, Any],
    composed: Composed,
    entity_id: int | None = None,
) -> Together:
    """Hand over to the gateway; what comes back records it in the transaction that ends the effect."""
    try:
        message = OutgoingSms(row["to"], composed.text, key, entity_id, again=effect.attempts > 1)
        taken = hand_over(message, at=clock())
    except (Permanent, Retry) as error:
        if isinstance(error, Permanent) or is_last(effect):
            write(key, **row, state=State.FAILED, error=str(error)[:500], via=error.via, held_until=None)
        raise
    sent = {
        **row,
        "state": State.SENT,
        "held_until": None,
        "error": "",
        "via": taken.via,
        "gateway_id": taken.id,
        "screen_text": composed.text if settings.SAWT_DEMO else "",
        "sent_at": clock(),
    }
    return Together(record_sent, (key, sent))


def record_sent(sent: Sequence[tuple[str, dict[str, Any]]]) -> None:
    write_many(sent)
    circuits.count_sent([(row["via"], row["sent_at"]) for _, row in sent if row["via"] != SCREEN])


def _mail_beside(effect: Effect, report: Report) -> list[Together]:
    """The same by mail, at whatever hour and whatever becomes of the SMS; once, as its key says."""
    if report.sender is None or not report.sender.email:
        return []
    return [Together(_enqueue, NewEffect(EMAIL, effect.payload, key=f"mail:{effect.key}"))]


def _enqueue(mails: Sequence[NewEffect]) -> None:
    effects.enqueue_many(mails, at=clock())


# What a message needs of its report. All columns of the three tables cost more than the rest of a message.
READ = (
    *("reference", "language", "privacy", "erased_at", "event_count"),
    "parent__reference",
    *("sender__phone", "sender__phone_verified_at", "sender__email"),
    *(f"entity__{name}_{language}" for name in ("name", "short_name") for language in ("ar", "en")),
)


_REPORTS: Compiled[Report] = Compiled(
    lambda: (
        Report.objects.filter(pk=Parameter("pk", BigIntegerField()))
        .select_related("sender", "entity", "parent")
        .only(*READ)
    )
)


def _report_of(effect: Effect) -> Report:
    """The report and whom to tell; Cancel where nobody may be told (any more)."""
    report = next(iter(_REPORTS(pk=effect.payload["report"])), None)
    if report is None or report.erased_at is not None:
        raise Cancel("erased")
    if report.is_confidential:
        raise Cancel("confidential")
    if report.sender is None or not report.sender.phone:
        raise Cancel("no contact")
    return report


def _entity_of(effect: Effect, report: Report) -> Entity | None:
    entity_id = effect.payload.get("entity")
    if entity_id is None or entity_id == report.entity_id:
        return report.entity
    return Entity.objects.filter(pk=entity_id).first()


def overtaken_by(effect: Effect, report: Report) -> str:
    """The code of the first later event that makes this message untrue; '' where it still holds."""
    untrue_after = MADE_UNTRUE_BY.get(effect.payload["event"], ())
    sequence = effect.payload.get("sequence")
    # The report says how many events it has: mostly there is no later one, and nothing to ask.
    if sequence is None or not untrue_after or report.event_count <= sequence:
        return ""
    later = report.events.filter(sequence__gt=sequence, code__in=untrue_after).order_by("sequence")
    return later.values_list("code", flat=True).first() or ""


@prepares(SENDER_SMS, pauses=MESSAGES)
def send_to_sender(effect: Effect) -> Send:
    report, now = _report_of(effect), clock()
    assert report.sender is not None  # noqa: S101 (for the type checker; _report_of has seen to it)
    if report.sender.phone_verified_at is None:
        return _confirm_contact(effect, report, now)
    template = template_for(effect.payload["template"])
    composed_at = datetime.fromisoformat(effect.payload["at"])
    overtaken = overtaken_by(effect, report)
    entity, said = _entity_of(effect, report), effect.payload.get("values")
    own_act = effect.payload["own_act"] and now - composed_at <= hours.OWN_ACT
    opens = hours.next_open(now)
    common = {
        "to": report.sender.phone,
        "language": report.language,
        "event": effect.payload["event"],
        "report_id": report.pk,
        "at": effect.created_at,
    }
    if overtaken:
        composed = compose(template, report.language, values_for(template, report, entity, said=said))
        row = sms_row(composed=composed, **common)
        write(effect.key, **row, state=State.OBSOLETE, held_until=None, error=overtaken)
        raise Cancel(f"obsolete: {overtaken}")
    if opens > now and not own_act and not template.ignores_sending_hours:
        composed = compose(template, report.language, values_for(template, report, entity, said=said))
        write(effect.key, **sms_row(composed=composed, **common), state=State.HELD, held_until=opens)
        for mail in _mail_beside(effect, report):
            mail()
        raise Hold(opens, hours.HELD)
    sms.hold_while_none(now)
    near = crowding.near_limit(report.sender.phone, now)
    made: list[AccessLink] = []

    def link(whole: Report) -> str:
        text, unsaved = links.unsaved(whole, report.sender, at=now)
        made.append(unsaved)
        return text

    composed = compose(template, report.language, values_for(template, report, entity, link=link, said=said))
    row = sms_row(composed=composed, **common)

    return Send(
        lambda: send_sms(effect.key, effect, row, composed, effect.payload.get("entity")),
        apart=near,
        before=[*(Together(links.save, each) for each in made), *_mail_beside(effect, report)],
    )


def _confirm_contact(effect: Effect, report: Report, now: datetime) -> Send:
    """To an unverified number: one neutral text a day, that names no report and opens none."""
    assert report.sender is not None  # noqa: S101
    if effect.payload["event"] != "submit":
        raise Cancel("unverified")
    phone = report.sender.phone
    key = f"confirm:{key_of('confirm', phone)[:32]}:{hours.local_day(now)}"
    if SentMessage.objects.filter(effect_key=key, state=State.SENT).exists():
        raise Cancel("unverified, told today")
    template = template_for("contact_confirm")
    link = address("portal:my_reports", report.language)
    composed = compose(template, report.language, {"link": link})
    row = sms_row(
        to=phone,
        language=report.language,
        event="contact_confirm",
        # Nothing ties a stranger's number to the report but the report itself.
        report_id=None,
        composed=Composed(composed.text, composed.text),
        at=effect.created_at,
    )
    return Send(lambda: send_sms(key, effect, row, composed), apart=key)


@prepares(CODE, wipe=True, pauses=CODES)
def send_code(effect: Effect) -> Send:
    payload, now = effect.payload, clock()
    if datetime.fromisoformat(payload["expires_at"]) <= now:
        raise Cancel("expired")
    sms.hold_while_none(now)
    try:
        code = decrypt(payload["code"])
    except Undecipherable as error:
        raise Permanent("the field key is gone") from error
    composed = compose(template_for(CODE), payload["language"], {"code": code})
    row = sms_row(
        to=payload["phone"],
        language=payload["language"],
        event=CODE,
        report_id=None,
        composed=composed,
        at=effect.created_at,
    )
    return Send(lambda: send_sms(effect.key, effect, row, composed))


@register(EMAIL, pauses=MESSAGES)
def send_email(effect: Effect) -> Callable[[], None]:
    report = _report_of(effect)
    sender = report.sender
    if sender is None or not sender.email or sender.phone_verified_at is None:
        raise Cancel("no contact")
    template = template_for(effect.payload["template"])
    subject, body = email_of(report, template, _entity_of(effect, report), effect.payload.get("values"))
    return mailed(effect, sender.email, subject, body, language=report.language, report_id=report.pk)


def mailed(
    effect: Effect,
    to: str,
    subject: str,
    body: str,
    *,
    language: str,
    report_id: int | None,
    person_id: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Callable[[], None]:
    """Hand a mail to the server; what comes back records it."""
    message = EmailMessage(
        subject,
        body,
        to=[to],
        headers={EFFECT_HEADER: effect.key, "Auto-Submitted": "auto-generated", **(headers or {})},
        connection=get_connection(),
    )
    row = {
        "channel": Channel.EMAIL,
        "to": to,
        "language": language,
        "event": effect.payload["event"],
        "report_id": report_id,
        "person_id": person_id,
        "subject": subject,
        "text": body,
        "screen_text": body if settings.SAWT_DEMO else "",
        "created_at": effect.created_at,
    }
    try:
        message.send()
    except mail.ERRORS as error:
        failure = mail.failure(error)
        if isinstance(failure, Permanent) or is_last(effect):
            write(effect.key, **row, state=State.FAILED, error=str(failure), via=mail.KEY, held_until=None)
        raise failure from error

    def record() -> None:
        with transaction.atomic():
            sent = {"state": State.SENT, "sent_at": clock(), "via": mail.KEY, "held_until": None, "error": ""}
            write(effect.key, **row, **sent)
            circuits.count_sent([(mail.KEY, clock())])

    return record
