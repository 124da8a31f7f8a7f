"""Senders, and reports that came into being and into their state through the real actions."""

import itertools
import uuid
from datetime import UTC, datetime
from typing import Any

import factory
from django.utils import timezone

from cms.reports.models import Reason, ReplyTemplate, Report, Sender
from permissions.models import User

# No test writes a number that begins so by hand: a sender made here is never one made there.
PHONES = "+96659"
_phones = itertools.count()


class SenderFactory(factory.django.DjangoModelFactory[Sender]):
    """A sender with a verified number."""

    class Meta:
        model = Sender

    phone = factory.LazyFunction(lambda: f"{PHONES}{next(_phones):07d}")
    phone_verified_at = datetime(2026, 1, 1, tzinfo=UTC)
    name = "نورة الشمري"
    category = "citizen"
    language = "ar"
    created_at = datetime(2026, 1, 1, tzinfo=UTC)
    last_seen_at = factory.LazyFunction(timezone.now)


class ReasonFactory(factory.django.DjangoModelFactory[Reason]):
    class Meta:
        model = Reason
        django_get_or_create = ("used_for", "code")

    code = "wrong_entity"
    used_for = "return"
    label_ar = "الموضوع لا يخص الجهة"
    label_en = "Not this entity's matter"


class ReplyTemplateFactory(factory.django.DjangoModelFactory[ReplyTemplate]):
    class Meta:
        model = ReplyTemplate

    code = factory.Sequence(lambda n: f"template-{n}")
    situation = "fixed"
    for_action = "answer"
    text_ar = "عولج البلاغ بتاريخ {done_date}."
    text_en = "Done on {done_date}."
    placeholders = ["done_date"]


def submission(**kwargs: Any) -> Any:
    """A valid SubmitInput for the small catalogue's `lamp` service; keywords replace its fields."""
    from cms.reports.actions import SubmitInput

    return SubmitInput(
        **{
            "service": "lamp",
            "place": "town.safra",
            "text": "عمود الإنارة أمام المسجد مطفأ منذ أسبوع والشارع مظلم ليلًا.",
            "answers": {"since": "week"},
            "idempotency_key": uuid.uuid4().hex,
            "client": "web:tests",
            **kwargs,
        }
    )


def submit(
    *, sender: Sender | None = None, anonymous: bool = False, at: datetime | None = None, **kwargs: Any
) -> Any:
    """Submitted(report, secret, replayed) of a report by `sender` (a new, verified one by default)."""
    from cms.reports import actions
    from cms.reports.actors import SenderActor

    if sender is None and not anonymous and "contact" not in kwargs:
        sender = SenderFactory()
    sender_id = sender.pk if sender else None
    return actions.submit(
        submission(sender_id=sender_id, **kwargs), actor=SenderActor(sender_id=sender_id), at=at
    )


def submitted_report(**kwargs: Any) -> Report:
    """The report of `submit(**kwargs)`: by default with the small catalogue's `north`."""
    report: Report = submit(**kwargs).report
    return report


def as_sender(report: Report) -> Any:
    """The actor who holds the report's secret."""
    from cms.reports.actors import SenderActor

    return SenderActor(report_id=report.pk)


def split_report(report: Report, by: User, *entities: str, at: datetime | None = None) -> list[Report]:
    """The parts of a report, split by this person: «موضوع 1» … at these entities, else two where it is."""
    from cms.reports import actions
    from cms.reports.actors import StaffActor

    ReasonFactory(used_for="split", code="several_subjects", label_ar="أكثر من موضوع", label_en="Several")
    services = ("lamp", "leak")
    parts = [
        actions.Part(title=f"موضوع {number + 1}", service=services[number % 2], entity=entity)
        for number, entity in enumerate(entities or ("", ""))
    ]
    done = actions.split(
        report.pk,
        actor=StaffActor(by),
        version=report.version,
        reason="several_subjects",
        parts=parts,
        text="سبب للموظفين.",
        at=at,
    )
    return list(done.children.order_by("pk"))


# The shortest lawful way into each state, from with_entity.
_WAYS: dict[str, tuple[str, ...]] = {
    "received": ("return",),
    "with_entity": (),
    "assigned": ("assign",),
    "in_progress": ("assign", "start"),
    "awaiting_sender": ("assign", "start", "ask_sender"),
    "reply_drafted": ("assign", "start", "draft_reply"),
    "answered": ("assign", "start", "draft_reply", "answer"),
    "closed": ("assign", "start", "draft_reply", "answer", "accept"),
    "rejected": ("reject",),
    "withdrawn": ("withdraw",),
    # With another report of the same entity, which waits there.
    "merged": ("assign", "merge"),
}


def report_in(
    state: str,
    *,
    coordinator: User,
    specialist: User,
    report: Report | None = None,
    at: datetime | None = None,
    **kwargs: Any,
) -> Report:
    """A report walked into `state` by these two people of its entity; keywords go to `submitted_report`."""
    from cms.reports import actions
    from cms.reports.actors import StaffActor

    report = report or submitted_report(at=at, **kwargs)
    lead, worker = StaffActor(coordinator), StaffActor(specialist)
    for name in _WAYS[state]:
        key: dict[str, Any] = {"version": report.version, "at": at}
        match name:
            case "return":
                ReasonFactory()
                report = actions.return_(
                    report.pk, actor=lead, reason="wrong_entity", text="الإنارة هنا على جهة أخرى.", **key
                )
            case "assign":
                report = actions.assign(
                    report.pk, actor=lead, people=[specialist.pk], responsible=specialist.pk, **key
                )
            case "start":
                report = actions.start(report.pk, actor=worker, **key)
            case "ask_sender":
                report = actions.ask_sender(report.pk, actor=worker, text="أي عمود بالتحديد؟", **key)
            case "draft_reply":
                report = actions.draft_reply(report.pk, actor=worker, text="أصلحنا العمود اليوم.", **key)
            case "answer":
                report = actions.answer(report.pk, actor=lead, text="أصلحنا العمود اليوم.", **key)
            case "accept":
                report = actions.accept(report.pk, actor=as_sender(report), at=at)
            case "reject":
                ReasonFactory(
                    code="private_dispute", used_for="reject", where_to_turn_ar="المحكمة", label_ar="نزاع خاص"
                )
                report = actions.reject(
                    report.pk, actor=lead, reason="private_dispute", text="نزاع خاص، والمحكمة مختصة.", **key
                )
            case "merge":
                primary = submitted_report(at=at)
                report = actions.merge(report.pk, actor=lead, primary=primary.reference, **key)
            case "withdraw":
                report = actions.withdraw(report.pk, actor=as_sender(report), at=at)
    return report
