"""Submitting a report: once for each idempotency key, routed, promised, recorded."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.entities.routing import Routed
from cms.entities.snapshot import Catalogue, catalogue
from permissions import rates
from permissions.policy import scope_of

from .. import events, promises, secrets
from ..actors import Actor, EntitySender, SenderActor, StaffActor
from ..audiences import bits
from ..encryption import encrypt
from ..errors import Code, DomainError
from ..files.intake import attach_to, claim, in_event
from ..models import Deadline, Event, EventText, IdempotencyKey, Report, Sender
from ..policies import may_send_confidential, may_send_for
from ..reference import draw
from ..workflow import TRANSITIONS, State
from .destination import destination
from .intake import Checked, Contact, SubmitInput, check
from .letters import refuse_confidential

KEY_LIVES = timedelta(hours=72)
DRAWS = 5
HOUR = 3600


@dataclass(frozen=True)
class Submitted:
    """The report and its secret; `replayed` where the key had made it before."""

    report: Report
    secret: str
    replayed: bool


@dataclass(frozen=True)
class Prepared:
    """What the review step shows. Due dates are UTC, None where nothing is promised."""

    checked: Checked
    routed: Routed
    first_reply_due: datetime | None
    resolution_due: datetime | None


def _body_hash(given: SubmitInput) -> str:
    body = asdict(given)
    files = body.pop("files")["ids"]
    if files:
        body["attachments"] = files
    for key in (
        "idempotency_key",
        "client",
        "sent_from",
        "channel",
        "inherits_language",
        "location_confirmed",
    ):
        body.pop(key)
    if given.letter is None:
        body.pop("letter")
    if given.inherits_language:
        # Who switches the language between two tries sends the same report.
        body.pop("language")
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode("utf-8", "replace")).hexdigest()


def _routed(checked: Checked, cat: Catalogue) -> Routed:
    return destination(checked.service, checked.place, cat, about=checked.about_entity, letter=checked.letter)


def prepare(given: SubmitInput, *, at: datetime | None = None) -> Prepared:
    """Check a submission without writing it; the same errors as `submit`."""
    checked, cat = check(given)
    routed = _routed(checked, cat)
    made = {
        promise.promise: promise.due_at
        for promise in promises.promised(
            checked.service, routed.entity, at or timezone.now(), cat, place=checked.place
        )
    }
    return Prepared(
        checked,
        routed,
        made.get(Deadline.Promise.FIRST_REPLY),
        made.get(Deadline.Promise.RESOLUTION),
    )


def submit(given: SubmitInput, *, actor: Actor, at: datetime | None = None) -> Submitted:
    """Submit a report.

    Raises Invalid (one error per field), `denied` for staff without take_reports, or without submit_on_behalf
    at the entity in whose name they send, `idempotency_conflict` for a key that was used with another body,
    `too_many_attempts` (with retry_after) for one more than an hour's limit. The same key and body from the
    same client within 72 hours give the same report and secret.
    """
    now = at or timezone.now()
    _authorise(given, actor, at)
    checked, cat = check(given)
    body_hash = _body_hash(given)
    is_counted = False
    if given.sent_from is not None and isinstance(actor, SenderActor):
        # The limit is on reports: however often one key comes, even at once, it counts for one.
        allowance, is_counted = rates.count_once(
            "submit",
            _whose(given),
            f"{given.client}\0{given.idempotency_key}",
            limit=settings.SAWT_SUBMISSIONS_PER_HOUR,
            window=HOUR,
        )
        if allowance.is_used_up:
            # Sending again what has arrived is no further report.
            replayed = _replay(given, body_hash, now)
            if replayed is not None:
                if is_counted:
                    rates.give_back("submit", _whose(given), window=HOUR)
                return replayed
            raise DomainError(
                Code.TOO_MANY_ATTEMPTS,
                _("Too many reports came from here. Try again later."),
                retry_after=allowance.seconds,
            )
    try:
        with transaction.atomic():
            report = _write(given, checked, cat, actor=actor, at=now)
            IdempotencyKey.objects.create(
                client=given.client[:80],
                key=given.idempotency_key,
                body_hash=body_hash,
                report=report,
                created_at=now,
            )
    except (IntegrityError, DomainError):
        # Sent again, its files are used already: by the report that it made.
        replayed = _replay(given, body_hash, now)
        if replayed is None:
            raise
        if is_counted:
            rates.give_back("submit", _whose(given), window=HOUR)
        return replayed
    return Submitted(report, secrets.secret_for(report.public_id, report.secret_version), replayed=False)


def _authorise(given: SubmitInput, actor: Actor, at: datetime | None) -> None:
    if isinstance(actor, StaffActor) and not scope_of(actor.user, at=at).everywhere("take_reports"):
        raise DomainError(Code.DENIED)
    if isinstance(actor, SenderActor) and given.sender_id != actor.sender_id:
        raise DomainError(Code.DENIED)
    if (given.letter is not None) != isinstance(actor, EntitySender):
        # In an entity's name sends who acts for it, and they send nothing else.
        raise DomainError(Code.DENIED)
    if given.letter is None or not isinstance(actor, EntitySender):
        return
    known = catalogue()
    scope, entity = scope_of(actor.user, at=at), known.entity(given.letter.sender)
    if entity is None or not may_send_for(scope, entity):
        # An entity that is not there answers as one for which they may not send.
        raise DomainError(Code.DENIED)
    service = known.service(given.service)
    refusal = refuse_confidential(service) if service is not None else None
    if refusal is not None and not may_send_confidential(scope, entity):
        raise refusal


def _whose(given: SubmitInput) -> str:
    """A signed-in sender counts for themselves: whole towns share one address of a mobile network."""
    return f"sender:{given.sender_id}" if given.sender_id is not None else given.sent_from or ""


def submissions_left(given: SubmitInput) -> rates.Allowance:
    """What the sender of this may still submit in the present hour."""
    return rates.present("submit", _whose(given), limit=settings.SAWT_SUBMISSIONS_PER_HOUR, window=HOUR)


def _replay(given: SubmitInput, body_hash: str, at: datetime) -> Submitted | None:
    """What this key made before; None where the key is not what failed."""
    kept = (
        IdempotencyKey.objects.filter(client=given.client[:80], key=given.idempotency_key)
        .select_related("report")
        .first()
    )
    if kept is None or kept.report is None:
        return None
    if kept.body_hash != body_hash or at - kept.created_at > KEY_LIVES:
        raise DomainError(Code.IDEMPOTENCY_CONFLICT, field="idempotencyKey")
    report = kept.report
    return Submitted(report, secrets.secret_for(report.public_id, report.secret_version), replayed=True)


def _write(given: SubmitInput, checked: Checked, cat: Catalogue, *, actor: Actor, at: datetime) -> Report:
    routed = _routed(checked, cat)
    service, entity = checked.service, routed.entity
    sender = _sender(given, checked.contact, checked.language, at)
    letter = checked.letter
    public_id = uuid.uuid4()
    made = promises.promised(service, entity, at, cat, place=checked.place)
    due = {promise.promise: promise.due_at for promise in made}
    resolution_due = due.get(Deadline.Promise.RESOLUTION)
    version = secrets.current_version()
    report = Report(
        public_id=public_id,
        secret_hash=secrets.hashed(secrets.secret_for(public_id, version), version),
        secret_version=version,
        kind=service.kind,
        service=service,
        place=checked.place,
        entity=entity,
        about_entity=checked.about_entity,
        state=State.WITH_ENTITY if entity else State.RECEIVED,
        privacy=service.privacy,
        priority=service.priority,
        channel=checked.channel,
        language=checked.language,
        title=checked.title,
        text=checked.text,
        answers=checked.answers,
        latitude=checked.latitude,
        longitude=checked.longitude,
        address_text=checked.address_text,
        sender=sender,
        sender_kind=checked.contact.category if checked.contact else "",
        sender_entity=letter.sender if letter else None,
        letter_number=letter.number if letter else "",
        letter_date=letter.date if letter else None,
        contact_preference=checked.contact_preference,
        contact_hours=checked.contact_hours,
        entered_by=actor.user if isinstance(actor, StaffActor) else None,
        entity_since=at,
        submitted_at=at,
        updated_at=at,
        routing_rule=routed.rule,
        routing_rule_version=routed.rule.version if routed.rule else None,
        routing_reason_ar=routed.reason_ar[:400],
        routing_reason_en=routed.reason_en[:400],
        first_reply_due_at=due.get(Deadline.Promise.FIRST_REPLY),
        resolution_due_at=resolution_due,
        next_due_at=resolution_due,
        event_count=0,
    )
    files = claim(given.files)
    body = EventText(text=f"{report.title}\n\n{report.text}".strip(), salt=events.new_salt())
    event = _first_event(report, routed, body, in_event(files), actor=actor, at=at)
    insert(report, at)
    event.report = report
    event.save(force_insert=True)
    body.event = event
    body.save(force_insert=True)
    attach_to(event, report, files)
    Deadline.objects.bulk_create([promise.row(report, at, cat) for promise in made])
    events.tell(event, report)
    return report


def _first_event(
    report: Report, routed: Routed, body: EventText, files: dict[str, Any], *, actor: Actor, at: datetime
) -> Event:
    """The chain's first row. Made before the report is inserted, so that one INSERT writes count and head."""
    event = Event(
        sequence=1,
        code="submit",
        at=at,
        actor_kind=events.kind_of(actor),
        actor_id=events.id_of(actor),
        entity_id=report.entity_id,
        audiences=bits(TRANSITIONS["submit"].audiences),
        from_state="",
        to_state=report.state,
        data={
            "channel": report.channel,
            "round": 1,
            "rule": routed.rule.pk if routed.rule else None,
            "rule_version": routed.rule.version if routed.rule else None,
            **files,
        },
        text_hash=events.text_hash(body.text, body.salt),
        format=events.FORMAT,
        previous_hash="",
    )
    event.hash = events.chained_hash(event, report.public_id)
    report.event_count = 1
    report.head_hash = event.hash
    return event


def insert(report: Report, at: datetime) -> None:
    """Insert under a drawn reference; the 35 bits collide some fifteen times in a million a year."""
    year = timezone.localtime(at).year
    for attempt in range(DRAWS):
        report.reference = draw(settings.SAWT_REFERENCE_PREFIX, year)
        try:
            with transaction.atomic():
                report.save(force_insert=True)
            return
        except IntegrityError:
            if attempt == DRAWS - 1:
                raise
            report.pk = None


def _sender(given: SubmitInput, contact: Contact | None, language: str, at: datetime) -> Sender | None:
    """The signed-in sender with what they said of themselves, or an unverified contact, or nobody."""
    if given.sender_id is None:
        if contact is None or not (contact.phone or contact.email or contact.name):
            return None
        return Sender.objects.create(
            phone=contact.phone,
            email=contact.email,
            name=contact.name,
            category=contact.category,
            national_id_encrypted=encrypt(contact.national_id) if contact.national_id else "",
            language=language,
            created_at=at,
            last_seen_at=at,
        )
    sender = Sender.objects.get(pk=given.sender_id)
    before: tuple[object, ...] | None = (
        sender.name,
        sender.email,
        sender.category,
        sender.language,
        sender.last_seen_at.date(),
    )
    if contact is not None:
        sender.name = contact.name or sender.name
        sender.email = contact.email or sender.email
        sender.category = contact.category or sender.category
        if contact.national_id:
            sender.national_id_encrypted = encrypt(contact.national_id)
            before = None
    sender.last_seen_at = at
    sender.language = language
    # Most submissions change nothing here: one statement less.
    if before != (sender.name, sender.email, sender.category, sender.language, at.date()):
        sender.save()
    return sender
