"""Erasure: two people or the clock, what blocks it, what is left; nothing personal is (number 40)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from cms.notifications import codes
from cms.notifications.models import SentMessage
from cms.notifications.subscribers import recording_the_past
from cms.outbox.models import Effect
from cms.reports import actions, erasing, senders, tracking
from cms.reports.actors import SYSTEM, StaffActor
from cms.reports.encryption import encrypt
from cms.reports.errors import Code, DomainError
from cms.reports.history import verify
from cms.reports.models import AccessLink, Event, EventText, LegalHold, Report, Sender, SenderToken
from cms.reports.policies import available_actions
from cms.reports.secrets import secret_for
from cms.reports.tasks import retain
from permissions.models import AuditEvent
from tests import factories

from .groups import SUNDAY, as_it_is, fresh, merged

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(people: Any) -> Any:
    """Another administrator."""
    return factories.person("admin", username="admin2")


def outcome(call: Any) -> Code | None:
    try:
        call()
    except DomainError as error:
        return error.code
    return None


def erased(report: Report, people: Any, second: Any) -> Report:
    proposal = erasing.propose(report.reference, by=people.admin, ground="sender")
    return erasing.confirm(proposal.pk, by=second)


# --- number 40 --------------------------------------------------------------------------------

PERSONAL = {
    "title": "بيت أبو فهد القصيمي",
    "text": "أسكن خلف مسجد الفلق ورقم بيتي ٤٤١٧ وجاري أبو راكان",
    "address": "شارع الخزامى ٩٩٣١",
    "answer": "since-the-flood-8812",
    "hours": "بعد صلاة العصر ٧٧",
    "name": "نورة بنت سعد الدليمي",
    "phone": "+966500661122",
    "email": "noura.dulaimi@example.org",
    "question": "هل بيتك رقم ٤٤١٧ أم ٤٤١٩؟",
    "reply": "بيتي ٤٤١٧ والخزان في الحوش",
    "note": "اتصلت بنورة وأكدت العنوان",
    "why": "هذه جارة المشرف في الخزامى",
    "draft": "نشكر نورة على بلاغها",
    "official": "زرنا بيت نورة وأصلحنا العمود",
    "comment": "شكرًا من أم فهد",
    "directive": "تُعالج شكوى نورة اليوم",
}


def whole_database() -> str:
    """Every column of every table, as text."""
    rows = []
    for model in apps.get_models(include_auto_created=True):
        for values in model._base_manager.values_list():
            rows.append(f"{model._meta.db_table}: {json.dumps(values, default=str, ensure_ascii=False)}")
    return "\n".join(rows)


def found_in(dump: str) -> dict[str, list[str]]:
    lines = dump.split("\n")
    tables = {
        name: sorted({line.split(":")[0] for line in lines if words in line})
        for name, words in PERSONAL.items()
    }
    return {name: where for name, where in tables.items() if where}


@pytest.fixture
def lived(people: Any, settings: Any) -> Report:
    """A report that lived long: in every column and table stands something of its sender."""
    settings.SAWT_DEMO = True
    sender = factories.SenderFactory(
        name=PERSONAL["name"],
        phone=PERSONAL["phone"],
        email=PERSONAL["email"],
        national_id_encrypted=encrypt("1098765432"),
    )
    report = factories.submitted_report(
        sender=sender,
        title=PERSONAL["title"],
        text=PERSONAL["text"],
        address_text=PERSONAL["address"],
        latitude=26.33035,
        longitude=43.97441,
        service="other",
        answers={},
    )
    Report.objects.filter(pk=report.pk).update(
        answers={"since": PERSONAL["answer"]}, contact_hours=PERSONAL["hours"]
    )
    factories.ReasonFactory(used_for="reopen", code="came_back")
    sup, lead, work = (
        StaffActor(people.supervisor),
        StaffActor(people.coordinator),
        StaffActor(people.specialist),
    )
    own = factories.as_sender(report)

    def act(action: str, actor: Any, **more: Any) -> None:
        actions.BY_NAME[action](report.pk, actor=actor, version=fresh(report).version, **more)

    act("route", sup, entity="municipality.north", text=PERSONAL["why"])
    act("assign", lead, people=[people.specialist.pk], responsible=people.specialist.pk)
    act("start", work)
    act("note", work, text=PERSONAL["note"])
    act("direct", StaffActor(people.emirate), text=PERSONAL["directive"], due_on=timezone.localdate())
    act("ask_sender", work, text=PERSONAL["question"])
    actions.sender_reply(report.pk, actor=own, text=PERSONAL["reply"])
    act("draft_reply", work, text=PERSONAL["draft"])
    act("answer", lead, text=PERSONAL["official"])
    actions.accept(report.pk, actor=own, score=4, comment=PERSONAL["comment"])
    Report.objects.filter(pk=report.pk).update(draft=PERSONAL["draft"])
    SentMessage.objects.create(
        channel="sms",
        to=sender.phone,
        language="ar",
        event="answer",
        report=report,
        text=f"{PERSONAL['name']} {report.reference}",
        screen_text=PERSONAL["name"],
        effect_key="sms:1",
        created_at=timezone.now(),
    )
    SentMessage.objects.create(
        channel="email",
        to=sender.email,
        language="ar",
        report=report,
        text=PERSONAL["name"],
        effect_key="mail:1",
        created_at=timezone.now(),
    )
    SentMessage.objects.create(
        channel="sms",
        to=sender.phone,
        language="ar",
        event="one_time_code",
        text="123456",
        effect_key="code:1",
        created_at=timezone.now(),
    )
    codes.request_code(sender.phone, client="tests", language="ar", at=timezone.now())
    senders.issue_token(sender)
    session = SessionStore()
    session["sender_id"] = sender.pk
    session["report_draft"] = {"text": PERSONAL["text"]}
    session.save()
    return fresh(report)


def test_nothing_personal_is_left_in_the_whole_database(people, second, lived, django_db_blocker):
    # given: all of it stands somewhere
    assert set(found_in(whole_database())) == set(PERSONAL)
    secret = secret_for(lived.public_id, lived.secret_version)
    before = lived.event_count
    # when
    done = erased(lived, people, second)
    # then: nowhere
    assert found_in(whole_database()) == {}
    assert "26.33035" not in whole_database()
    assert not EventText.objects.filter(event__report=lived).exists()
    assert not Sender.objects.filter(pk=lived.sender_id).exists()
    assert not SenderToken.objects.filter(sender=lived.sender_id).exists()
    assert not AccessLink.objects.filter(report=lived).exists()
    assert SessionStore().model.objects.count() == 0
    # a tombstone stays, with the history and its hashes, and verifies
    tomb = fresh(lived)
    assert (tomb.reference, tomb.state, tomb.service_id, tomb.entity_id) == (
        lived.reference,
        "closed",
        lived.service_id,
        lived.entity_id,
    )
    assert (tomb.event_count, tomb.erased_at) == (before + 1, done.erased_at)
    event = tomb.events.latest("sequence")
    assert (event.code, event.audiences, event.actor_id) == ("erase", 8, second.pk)
    assert event.data == {"ground": "sender", "proposed_by": people.admin.pk}
    assert tomb.ratings.get().score == 4
    assert list(verify()) == []
    # no secret opens it, and nothing can be done with it
    assert tracking.find(lived.reference, secret, client="tests") is None
    for user in (people.coordinator, people.supervisor, people.admin):
        assert available_actions(StaffActor(user), tomb) == []


def test_what_still_waits_in_the_outbox_says_nothing(people, second, lived):
    Effect.objects.create(
        kind="one_time_code",
        key="code:of-the-test",
        payload={"phone": PERSONAL["phone"]},
        not_before=timezone.now(),
        created_at=timezone.now(),
    )
    erased(lived, people, second)
    assert PERSONAL["phone"] not in whole_database()


def test_a_text_that_is_gone_without_an_erasure_is_a_break(people, report):
    EventText.objects.filter(event__report=report).delete()
    broken = list(verify())
    assert [(each.reference, each.what) for each in broken] == [(report.reference, "text missing")]


def test_who_has_another_report_is_kept_with_it(people, second, report_in, sender):
    gone, stays = report_in("closed", sender=sender), report_in("answered", sender=sender)
    erased(gone, people, second)
    assert fresh(gone).sender is None
    assert fresh(stays).sender == sender
    assert fresh(stays).text


def test_parts_go_with_the_whole_and_never_alone(people, second, report):
    one, two = factories.split_report(report, people.coordinator)
    actions.withdraw(report.pk, actor=factories.as_sender(report))
    refused = outcome(lambda: erasing.propose(one.reference, by=people.admin, ground="law"))
    assert refused is Code.NOT_AVAILABLE
    erased(report, people, second)
    for each in (report, one, two):
        assert (fresh(each).text, fresh(each).title, fresh(each).sender) == ("", "", None)
        assert fresh(each).erased_at is not None
        assert each.events.latest("sequence").code == "erase"
    assert list(verify()) == []


# --- who, and what blocks it ------------------------------------------------------------------


def test_nobody_erases_alone(people, second, report_in):
    report = report_in("closed")
    before = as_it_is(report)
    assert outcome(lambda: actions.erase(report.pk, actor=StaffActor(people.admin))) is Code.SECOND_PERSON
    proposal = erasing.propose(report.reference, by=people.admin, ground="law")
    for alone in (
        lambda: erasing.confirm(proposal.pk, by=people.admin),
        lambda: actions.erase(report.pk, actor=StaffActor(people.admin)),
    ):
        assert outcome(alone) is Code.SECOND_PERSON
    assert as_it_is(report) == before
    assert erasing.confirm(proposal.pk, by=second).erased_at is not None
    codes_written = AuditEvent.objects.filter(subject=f"report:{report.pk}").values_list("code", flat=True)
    assert list(codes_written.order_by("pk")) == ["erasure_proposed", "report_erased"]


@pytest.mark.parametrize("role", ["supervisor", "auditor", "coordinator", "emirate", "agent"])
def test_others_neither_propose_nor_confirm_nor_hold(people, second, report_in, role):
    report = report_in("closed")
    user = people.by_role[role]
    proposal = erasing.propose(report.reference, by=people.admin, ground="law")
    held = erasing.hold(report_in("closed").reference, by=people.admin, reason="قضية منظورة", until=None)
    for call in (
        lambda: erasing.propose(report.reference, by=user, ground="law"),
        lambda: erasing.confirm(proposal.pk, by=user),
        lambda: erasing.withdraw(proposal.pk, by=user),
        lambda: erasing.hold(report.reference, by=user, reason="قضية منظورة", until=None),
        lambda: erasing.lift(held.pk, by=user),
    ):
        assert outcome(call) is Code.DENIED
    assert fresh(report).erased_at is None
    assert LegalHold.objects.filter(lifted_at=None).count() == 1


def test_a_proposal_is_made_once_and_can_be_taken_back(people, second, report_in):
    report = report_in("closed")
    proposal = erasing.propose(report.reference, by=people.admin, ground="law")
    again = outcome(lambda: erasing.propose(report.reference, by=second, ground="law"))
    assert again is Code.INVALID
    erasing.withdraw(proposal.pk, by=second)
    assert outcome(lambda: erasing.confirm(proposal.pk, by=second)) is Code.NOT_FOUND
    assert fresh(report).erased_at is None
    erasing.propose(report.reference, by=second, ground="law")


@pytest.mark.parametrize("state", ["received", "with_entity", "awaiting_sender", "answered"])
def test_what_has_not_ended_is_not_erased(people, report_in, state):
    report = report_in(state)
    before = as_it_is(report)
    assert (
        outcome(lambda: erasing.propose(report.reference, by=people.admin, ground="law")) is Code.WRONG_STATE
    )
    assert outcome(lambda: actions.erase(report.pk, actor=SYSTEM)) is Code.WRONG_STATE
    assert as_it_is(report) == before


def test_a_part_that_is_open_blocks_it(people, report):
    part, other = factories.split_report(report, people.coordinator)
    actions.withdraw(other.pk, actor=factories.as_sender(report))
    Report.objects.filter(pk=report.pk).update(state="closed", closed_at=timezone.now())
    assert outcome(lambda: actions.erase(report.pk, actor=SYSTEM)) is Code.WRONG_STATE
    actions.withdraw(part.pk, actor=factories.as_sender(report))
    assert outcome(lambda: actions.erase(report.pk, actor=SYSTEM)) is None


def test_a_legal_hold_blocks_both_ways_until_its_day(people, second, report_in):
    report = report_in("closed")
    proposal = erasing.propose(report.reference, by=people.admin, ground="sender")
    day = timezone.localdate() + timedelta(days=3)
    held = erasing.hold(report.reference, by=people.admin, reason="قضية منظورة", until=day)
    before = as_it_is(report)
    assert outcome(lambda: erasing.confirm(proposal.pk, by=second)) is Code.LEGAL_HOLD
    assert outcome(lambda: actions.erase(report.pk, actor=SYSTEM)) is Code.LEGAL_HOLD
    assert as_it_is(report) == before
    assert (held.reason, held.placed_by_id, held.until) == ("قضية منظورة", people.admin.pk, day)
    later = timezone.now() + timedelta(days=4)
    assert outcome(lambda: actions.erase(report.pk, actor=SYSTEM, at=later)) is None


def test_a_hold_that_is_lifted_blocks_no_longer(people, second, report_in):
    report = report_in("closed")
    held = erasing.hold(report.reference, by=people.admin, reason="قضية منظورة", until=None)
    refused = outcome(lambda: erasing.propose(report.reference, by=people.admin, ground="sender"))
    assert refused is Code.LEGAL_HOLD
    erasing.lift(held.pk, by=second)
    assert erased(report, people, second).erased_at is not None


# --- the clock --------------------------------------------------------------------------------


def ended_on(report: Report, moment: datetime) -> None:
    Report.objects.filter(pk=report.pk).update(closed_at=moment)


def test_each_service_keeps_its_own_time(catalogue, people, report_in):
    lamp, leak = report_in("closed"), factories.submitted_report(service="leak", place="town", answers={})
    actions.withdraw(leak.pk, actor=factories.as_sender(leak))
    catalogue.lamp.retention_months = 12
    catalogue.lamp.save()
    now = timezone.now()
    for report in (lamp, leak):
        ended_on(report, erasing.months_before(now, 12) - timedelta(minutes=1))
    assert list(erasing.over(now)) == [lamp.pk]
    assert retain() == 1
    assert fresh(lamp).erased_at is not None
    assert fresh(lamp).events.latest("sequence").data == {"ground": "retention"}
    assert fresh(leak).text
    assert retain() == 0
    assert list(verify()) == []


def test_a_report_of_yesterday_stays_and_so_does_what_is_held_or_open(catalogue, people, report_in):
    young, held, answered = report_in("closed"), report_in("closed"), report_in("answered")
    long_ago = erasing.months_before(timezone.now(), 61)
    ended_on(held, long_ago)
    ended_on(answered, long_ago)
    erasing.hold(held.reference, by=people.admin, reason="قضية منظورة", until=None)
    assert retain() == 0
    assert all(fresh(each).text for each in (young, held, answered))


def test_a_merged_report_is_kept_from_its_merge_on(people, report_in):
    member = merged(report_in("with_entity"), report_in("assigned"), people.coordinator)
    Report.objects.filter(pk=member.pk).update(merged_at=erasing.months_before(timezone.now(), 61))
    assert retain() == 1
    assert fresh(member).text == ""


@pytest.mark.parametrize(
    ("months", "expected"),
    [(1, "2026-02-28"), (12, "2025-03-31"), (60, "2021-03-31"), (3, "2025-12-31"), (13, "2025-02-28")],
)
def test_months_are_counted_by_the_calendar(months, expected):
    moment = datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert erasing.months_before(moment, months).date().isoformat() == expected


def test_a_loaded_history_may_hold_an_erasure(people, report_in):
    with recording_the_past():
        report = report_in("withdrawn", at=SUNDAY)
        actions.erase(report.pk, actor=SYSTEM, at=SUNDAY + timedelta(days=1))
    assert SentMessage.objects.filter(report=report).exclude(to="").count() == 0
    assert Event.objects.filter(report=report).latest("sequence").code == "erase"
