"""The handlers of messages to staff: who may still be told is asked when a message is to leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, ngettext, override

from cms.entities.models import Entity
from cms.entities.naming import in_language
from cms.gateways import sms
from cms.gateways.pauses import MESSAGES
from cms.outbox.handlers import Cancel, Hold, Send, prepares, register
from cms.outbox.models import Effect
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from permissions.models import User
from permissions.policy import scope_of

from . import crowding, hours, senders, unsubscribing
from .composing import Composed, entity_name
from .models import Audience, Channel, Notice, Preferences, Rule, SentMessage, SmsTemplate
from .people import holds, sees_now, serves_now
from .placeholders import in_words
from .rendering import fill, placeholders_of
from .telling import STAFF_DIGEST, STAFF_EMAIL, STAFF_SMS, Table, Wishes
from .titles import event_title

State = SentMessage.State
NEUTRAL = "staff_confidential"

# Event → what, coming later to the same report, makes news of it untrue for staff.
ENDINGS = ("answer", "acknowledge", "reject", "withdraw", "merge", "transfer", "return", "auto_expire")
# A question or days off move what was late.
MOVED = ("ask_sender", "postpone", *ENDINGS)
MADE_UNTRUE_BY = {
    "submit": ("assign", *ENDINGS),
    "route": ("assign", *ENDINGS),
    "transfer": ("assign", *ENDINGS),
    "return": ("route", "reject", "merge", "withdraw"),
    "appeal": ("route", "reject", "merge", "withdraw"),
    "reopen": ENDINGS,
    "assign": ENDINGS,
    "reassign": ENDINGS,
    "sender_reply": ENDINGS,
    "draft_reply": ("send_back", *ENDINGS),
    "send_back": ("draft_reply", *ENDINGS),
    "accept": ("reopen",),
    "deadline_half": ENDINGS,
    "deadline_near": ENDINGS,
    "deadline_due": MOVED,
    "deadline_due_urgent": MOVED,
    "first_reply_near": ("ask_sender", "update_sender", *ENDINGS),
    "first_reply_late": ("ask_sender", "update_sender", *ENDINGS),
    "triage_due": ("route", "reject", "merge", "withdraw"),
}


def language_of(person: User) -> str:
    """What the person chose for the admin, else the product's."""
    profile = getattr(person, "wagtail_userprofile", None)
    chosen = profile.preferred_language if profile is not None else ""
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def link_to(report: Report | None) -> str:
    """Short, and signs nobody in. A confidential report's leads to the inbox: a number would name it."""
    if report is None or report.is_confidential:
        return settings.SAWT_BASE_URL + "/s/"
    return f"{settings.SAWT_BASE_URL}/s/{report.reference}/"


def template_of(
    report: Report | None, event: str, audience: str, template_id: int | None
) -> SmsTemplate | None:
    """The text as it is now; of a confidential report the neutral one, whatever else was chosen."""
    rows = SmsTemplate.objects.all()
    if report is not None and report.is_confidential:
        return rows.filter(event=NEUTRAL, audience=Audience.STAFF).first()
    if template_id is not None and (chosen := rows.filter(pk=template_id).first()) is not None:
        return chosen
    return rows.filter(event=event, audience=audience).first()


def values_for_staff(
    text: str,
    report: Report | None,
    entity: Entity | None,
    values: Mapping[str, Any],
    language: str,
    link: str,
) -> dict[str, str]:
    """What the text asks for, in words; KeyError where nothing fills a placeholder in."""
    facts: dict[str, Any] = dict(values)
    if report is not None:
        facts.setdefault("reference", report.reference)
        due = report.resolution_due_at or report.first_reply_due_at
        facts.setdefault("due", due.isoformat() if due is not None else None)
    words: dict[str, str] = {}
    for name in placeholders_of(text):
        if name == "link":
            words[name] = link
        elif name == "entity":
            words[name] = entity_name(entity, language)
        elif name == "due" and facts.get("due") is None:
            with override(language):
                words[name] = gettext("no date")
        else:
            words[name] = in_words(name, facts[name], language)
    return words


@dataclass(frozen=True)
class Told:
    """One message to one person who may have it."""

    person: User
    language: str
    report: Report | None
    entity: Entity | None
    template: SmsTemplate
    preferences: Preferences
    values: Mapping[str, Any]
    # Whether the rules leave it to the person to be told so.
    optional: bool

    def text(self, link: str) -> str:
        text = in_language(self.template, "text", self.language)
        words = values_for_staff(text, self.report, self.entity, self.values, self.language, link)
        return fill(text, words)


def _told(effect: Effect, channel: str, now: datetime) -> Told:
    """Cancel where this person is not to be told any more."""
    payload = effect.payload
    person = User.objects.select_related("wagtail_userprofile").filter(pk=payload["person"]).first()
    if person is None or not person.is_active:
        raise Cancel("no such person any more")
    report = None
    if payload["report"] is not None:
        report = Report.objects.filter(pk=payload["report"]).first()
        if report is None or report.erased_at is not None:
            raise Cancel("erased")
        if not sees_now(person, report, now):
            raise Cancel("does not see it any more")
    elif not serves_now(person, payload["audience"], payload["entity"], now):
        raise Cancel("does not serve there any more")
    wishes, table = Wishes({person.pk}), Table({payload["event"]})
    mode = table.mode(payload["event"], payload["audience"], channel)
    if not wishes.wants(person.pk, payload["event"], channel, mode):
        raise Cancel("not wanted any more")
    template = template_of(report, payload["event"], payload["audience"], payload["template"])
    if template is None:
        raise Cancel(f"no text for {payload['event']}")
    return Told(
        person=person,
        language=language_of(person),
        report=report,
        entity=Entity.objects.filter(pk=payload["entity"]).first() if payload["entity"] else None,
        template=template,
        preferences=wishes.preferences.get(person.pk) or Preferences(person=person),
        values=payload["values"],
        optional=mode != Rule.Mode.ALWAYS,
    )


def overtaken_by(effect: Effect, report: Report | None) -> str:
    """The code of the first later event that makes this message untrue; '' where it still holds."""
    untrue_after = MADE_UNTRUE_BY.get(effect.payload["event"], ())
    sequence = effect.payload.get("sequence")
    if report is None or sequence is None or not untrue_after or report.event_count <= sequence:
        return ""
    later = report.events.filter(sequence__gt=sequence, code__in=untrue_after).order_by("sequence")
    return later.values_list("code", flat=True).first() or ""


def open_from(told: Told, now: datetime, *, urgent: bool, sms: bool) -> tuple[datetime, str]:
    """When this message may ring, and why not before: sending hours for every SMS, each person's quiet hours
    for all; an urgent one rings at any hour for who chose so, and in quiet hours of the day for nobody else.
    """
    if urgent and told.preferences.urgent_at_night:
        return now, ""
    at, because = now, ""
    # What one of the two opens the other may close: they meet within a day, or never.
    for _round in range(4):
        quiet = hours.end_of_quiet(at, told.preferences.quiet_from, told.preferences.quiet_until)
        open_at = hours.next_open(quiet) if sms else quiet
        if open_at == at:
            return at, because
        because = hours.QUIET if quiet > at else hours.HELD
        at = open_at
    return at, because


@prepares(STAFF_SMS, pauses=MESSAGES)
def send_sms_to_staff(effect: Effect) -> Send:
    now = senders.clock()
    told = _told(effect, Channel.SMS, now)
    if not told.person.phone:
        raise Cancel("no number")
    report, urgent = told.report, effect.payload["urgent"]
    text = told.text(link_to(report))
    # Its link opens nothing by itself, so that the outbox may show it.
    composed = Composed(text, text)
    row = senders.sms_row(
        to=told.person.phone,
        language=told.language,
        event=effect.payload["event"],
        report_id=report.pk if report is not None else None,
        person_id=told.person.pk,
        composed=composed,
        at=effect.created_at,
    )
    if overtaken := overtaken_by(effect, report):
        senders.write(effect.key, **row, state=State.OBSOLETE, held_until=None, error=overtaken)
        raise Cancel(f"obsolete: {overtaken}")
    opens, because = open_from(told, now, urgent=urgent, sms=True)
    if opens > now:
        senders.write(effect.key, **row, state=State.HELD, held_until=opens)
        raise Hold(opens, because)
    sms.hold_while_none(now)
    near = "" if urgent else crowding.near_limit(told.person.phone, now)
    entity = effect.payload["entity"]
    return Send(lambda: senders.send_sms(effect.key, effect, row, composed, entity_id=entity), apart=near)


@register(STAFF_EMAIL, pauses=MESSAGES)
def send_email_to_staff(effect: Effect) -> Callable[[], None]:
    now = senders.clock()
    told = _told(effect, Channel.EMAIL, now)
    if not told.person.email:
        raise Cancel("no address")
    if overtaken := overtaken_by(effect, told.report):
        raise Cancel(f"obsolete: {overtaken}")
    opens, because = open_from(told, now, urgent=effect.payload["urgent"], sms=False)
    if opens > now:
        raise Hold(opens, because)
    event, leave = effect.payload["event"], ""
    if told.optional:
        leave = unsubscribing.address_for(told.person, event, told.language)
    subject, body = mail_of(told, leave)
    return senders.mailed(
        effect,
        told.person.email,
        subject,
        body,
        language=told.language,
        report_id=told.report.pk if told.report is not None else None,
        person_id=told.person.pk,
        headers=unsubscribing.headers_for(leave) if leave else None,
    )


def mail_of(told: Told, leave: str = "") -> tuple[str, str]:
    """Subject and body: the text without its link, which follows by itself. `leave`: where it is left."""
    said = one_line(told.text(""))
    with override(told.language):
        read = gettext("Sign in to read it: %(address)s") % {"address": link_to(told.report)}
    return said, f"{said}\n\n{read}\n\n{ending(told.language, leave)}\n"


def one_line(text: str) -> str:
    """A text whose link was left out."""
    return " ".join(text.split()).rstrip(" :")


def closing(language: str) -> str:
    with override(language):
        return gettext("Voice of the Citizen. Please do not answer this message.")


def ending(language: str, leave: str) -> str:
    left = f"\n{unsubscribing.in_words(leave, language)}" if leave else ""
    return closing(language) + left


@register(STAFF_DIGEST, pauses=MESSAGES)
def send_digest(effect: Effect) -> Callable[[], None]:
    """What this person was told since the last one, as far as they still see it."""
    now = senders.clock()
    person = User.objects.select_related("wagtail_userprofile").filter(pk=effect.payload["person"]).first()
    if person is None or not person.is_active or not person.email:
        raise Cancel("no address")
    waiting = list(
        Notice.objects.filter(person=person, digest_at__lte=now)
        .select_related("report", "entity", "template")
        .order_by("at", "pk")
    )
    lines = [line for line in lines_for(person, waiting, now) if line]
    if not lines:
        Notice.objects.filter(pk__in=[row.pk for row in waiting]).update(digest_at=None)
        raise Cancel("nothing to tell")
    language = language_of(person)
    with override(language):
        subject = ngettext("%(n)d piece of news", "%(n)d pieces of news", len(lines)) % {"n": len(lines)}
        read = gettext("Sign in to read it: %(address)s") % {"address": link_to(None)}
    listed = "\n".join(f"- {line}" for line in lines)
    leave = unsubscribing.address_for(person, unsubscribing.ALL, language)
    body = f"{listed}\n\n{read}\n\n{ending(language, leave)}\n"
    record = senders.mailed(
        effect,
        person.email,
        subject,
        body,
        language=language,
        report_id=None,
        person_id=person.pk,
        headers=unsubscribing.headers_for(leave),
    )

    def sent() -> None:
        record()
        Notice.objects.filter(pk__in=[row.pk for row in waiting]).update(digest_at=None)

    return sent


def lines_for(person: User, notices: Sequence[Notice], now: datetime) -> list[str]:
    """The words of each notice in the person's language; '' where they may not read it any more."""
    language = language_of(person)
    seen = {row.pk for row in readable(person, notices, now)}
    return [text_of(row, language) if row.pk in seen else "" for row in notices]


def readable(person: User, notices: Sequence[Notice], now: datetime) -> list[Notice]:
    """Those of reports that this person sees now, and of entities where they still serve."""
    scope = scope_of(person, at=now)
    ids = {row.report_id for row in notices if row.report_id is not None}
    seen: set[int | None] = set()
    if ids:
        rows = Report.objects.filter(pk__in=ids, erased_at=None).visible_to(StaffActor(person), scope)
        seen = set(rows.values_list("pk", flat=True))
    return [
        row
        for row in notices
        if (row.report_id in seen if row.report_id is not None else holds(scope, row.audience, row.entity_id))
    ]


def text_of(notice: Notice, language: str) -> str:
    """A notice in words, without the link: the inbox and the digest have their own."""
    report = notice.report
    if (report is not None and report.is_confidential) or notice.template is None:
        template = template_of(report, notice.event, notice.audience, notice.template_id)
    else:
        template = notice.template
    if template is None:
        with override(language):
            return event_title(notice.event)
    text = in_language(template, "text", language)
    words = values_for_staff(text, report, notice.entity, notice.values, language, "")
    return one_line(fill(text, words))
