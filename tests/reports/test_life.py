"""One report's life: what each step writes, promises and refuses."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.entities.models import Service
from cms.reports import actions, history, tracking, triggers
from cms.reports.actors import SenderActor, StaffActor
from cms.reports.errors import Code, Conflict, DomainError, Invalid
from cms.reports.models import Custody, Deadline, Event, EventText, Report
from cms.reports.timeline import answer_of, conversation, sender_timeline, staff_timeline
from cms.reports.workflow import SenderState, State
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.django_db

RIYADH = ZoneInfo("Asia/Riyadh")
# A Sunday, an hour and a half after the office opened.
SUNDAY = datetime(2026, 11, 15, 9, 0, tzinfo=RIYADH)


def refused(code: Code, call: Callable[[], Any]) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call()
    assert caught.value.code is code
    return caught.value


def deadline(report: Report, promise: str) -> Deadline:
    return report.deadlines.get(promise=promise, round=report.round)


def test_submitting_routes_promises_and_records(people: Any) -> None:
    submitted = factories.submit(at=SUNDAY)
    report = submitted.report
    assert (report.state, report.entity.code) == (State.WITH_ENTITY, "municipality.north")
    assert "North branch" in report.routing_reason_en
    # Eight working hours from Sunday 09:00: five and a half that day, two and a half on Monday.
    assert deadline(report, "first_reply").due_at == datetime(2026, 11, 16, 10, 0, tzinfo=RIYADH)
    # Five working days after the day of submission, at the close.
    assert deadline(report, "resolution").due_at == datetime(2026, 11, 22, 14, 30, tzinfo=RIYADH)
    assert [event.code for event in report.events.all()] == ["submit"]
    assert list(history.verify()) == []
    assert tracking.find(report.reference, submitted.secret, client="tests") == report


def test_one_key_gives_one_report_and_another_body_a_conflict(people: Any, sender: Any) -> None:
    key = "k" * 30
    first = factories.submit(sender=sender, idempotency_key=key)
    again = factories.submit(sender=sender, idempotency_key=key)
    assert (again.report.pk, again.secret, again.replayed) == (first.report.pk, first.secret, True)
    refused(
        Code.IDEMPOTENCY_CONFLICT,
        lambda: factories.submit(sender=sender, idempotency_key=key, text="نص آخر تمامًا لبلاغ آخر."),
    )
    assert Report.objects.count() == 1


def test_every_wrong_field_is_named_at_once(people: Any) -> None:
    with pytest.raises(Invalid) as caught:
        factories.submit(text="قصير", title="ع" * 121, answers={"since": "never"}, latitude=91.0, longitude=0)
    fields = {error.field: error.code for error in caught.value.errors}
    assert fields == {
        ("text",): Code.TOO_SHORT,
        ("title",): Code.TOO_LONG,
        ("location",): Code.OUT_OF_RANGE,
        ("answers", "since"): Code.INVALID,
    }
    assert Report.objects.count() == 0


@pytest.mark.parametrize("bad", ["nul \x00 in a longer text", "a lone surrogate \ud800 in a longer text"])
def test_what_cannot_be_stored_is_refused_on_its_field(people: Any, bad: str) -> None:
    error = refused(Code.BAD_CHARACTERS, lambda: factories.submit(text=bad))
    assert error.field == ("text",)


def test_a_bidi_override_in_a_title_is_stripped(people: Any) -> None:
    assert factories.submitted_report(title="عنوان \u202eمقلوب").title == "عنوان مقلوب"


def test_submitting_costs_at_most_eight_statements(people: Any) -> None:
    from cms.entities.snapshot import catalogue

    catalogue()
    sender = factories.SenderFactory()
    given = factories.submission(sender_id=sender.pk)
    actor = SenderActor(sender_id=sender.pk)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        actions.submit(given, actor=actor)
    statements = [
        query["sql"]
        for query in captured.captured_queries
        if not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
    ]
    # The read of the sender is the sign-in's; the catalogue's stamp is read once.
    assert len(statements) <= 9, statements


def test_the_whole_life(people: Any) -> None:
    lead, worker = StaffActor(people.coordinator), StaffActor(people.specialist)
    submitted = factories.submit(at=SUNDAY)
    report, me = submitted.report, SenderActor(report_id=submitted.report.pk)
    hour = timedelta(hours=1)
    report = actions.assign(
        report.pk,
        actor=lead,
        version=report.version,
        people=[people.specialist.pk],
        responsible=people.specialist.pk,
        at=SUNDAY + hour,
    )
    report = actions.start(report.pk, actor=worker, version=report.version, at=SUNDAY + 2 * hour)
    report = actions.ask_sender(
        report.pk, actor=worker, version=report.version, text="أي عمود؟", at=SUNDAY + 3 * hour
    )
    assert deadline(report, "first_reply").outcome == "met"
    assert report.next_due_at is None
    # A day later to the minute: seven working hours of pause move the resolution by seven hours.
    report = actions.sender_reply(report.pk, actor=me, text="العمود الثالث", at=SUNDAY + 27 * hour)
    assert report.state == State.IN_PROGRESS
    assert report.resolution_due_at == datetime(2026, 11, 23, 14, 30, tzinfo=RIYADH)
    report = actions.draft_reply(
        report.pk, actor=worker, version=report.version, text="أصلحناه.", at=SUNDAY + 28 * hour
    )
    assert sender_timeline(report)[-1].state == SenderState.IN_PROGRESS
    assert answer_of(report) is None
    report = actions.answer(
        report.pk, actor=lead, version=report.version, text="أصلحناه اليوم.", at=SUNDAY + 29 * hour
    )
    assert deadline(report, "resolution").outcome == "met"
    report = actions.accept(report.pk, actor=me, score=5, comment="شكرًا", at=SUNDAY + 30 * hour)
    assert report.state == State.CLOSED
    assert report.ratings.get().score == 5
    report = actions.reopen(report.pk, actor=me, text="عاد العطل", at=SUNDAY + 48 * hour)
    assert (report.state, report.round, report.reopened_count) == (State.WITH_ENTITY, 2, 1)
    assert deadline(report, "resolution").due_at == datetime(2026, 11, 24, 14, 30, tzinfo=RIYADH)
    assert not report.deadlines.filter(promise="first_reply", round=2).exists()
    assert [event.code for event in report.events.order_by("sequence")] == [
        "submit",
        "assign",
        "start",
        "ask_sender",
        "sender_reply",
        "draft_reply",
        "answer",
        "accept",
        "rate",
        "reopen",
    ]
    assert list(history.verify()) == []


def test_the_third_question_stops_no_clock(report_in: Callable[..., Report], people: Any) -> None:
    worker = StaffActor(people.specialist)
    report = report_in("in_progress")
    me = SenderActor(report_id=report.pk)
    for number in (1, 2, 3):
        report = actions.ask_sender(report.pk, actor=worker, version=report.version, text=f"سؤال {number}")
        assert (report.next_due_at is None) == (number < 3)
        report = actions.sender_reply(report.pk, actor=me, text=f"جواب {number}")


def test_the_loser_of_a_race_learns_who_did_what(report: Report, people: Any) -> None:
    lead = StaffActor(people.coordinator)
    seen = report.version
    actions.answer(report.pk, actor=lead, version=seen, text="رد أول")
    with pytest.raises(Conflict) as caught:
        actions.answer(report.pk, actor=lead, version=seen, text="رد ثان")
    assert people.coordinator.name_ar in caught.value.message
    assert report.events.filter(code="answer").count() == 1


def test_a_hidden_report_answers_as_a_missing_one(report: Report, people: Any) -> None:
    stranger = StaffActor(people.coordinator2)
    hidden = refused(Code.NOT_FOUND, lambda: actions.note(report.pk, actor=stranger, text="x"))
    missing = refused(Code.NOT_FOUND, lambda: actions.note(10**9, actor=stranger, text="x"))
    assert (hidden.message, hidden.field) == (missing.message, missing.field)


def test_returned_and_routed_elsewhere(report: Report, people: Any) -> None:
    factories.ReasonFactory()
    lead = StaffActor(people.coordinator)
    report = actions.return_(
        report.pk, actor=lead, version=report.version, reason="wrong_entity", text="ليس لنا"
    )
    assert (report.state, report.entity) == (State.RECEIVED, None)
    assert deadline(report, "triage").outcome == "open"
    assert not Report.objects.filter(pk=report.pk).visible_to(lead).exists()
    report = actions.route(
        report.pk, actor=StaffActor(people.supervisor), version=report.version, entity="water"
    )
    assert report.entity.code == "water"
    assert deadline(report, "triage").outcome == "met"
    assert [c.entity_id for c in Custody.objects.filter(report=report)] == [
        people_entity(report, "municipality.north"),
        None,
    ]
    # The new entity reads neither the reason of the return nor the first one's notes.
    scope = scope_of(people.coordinator2)
    texts = [event.code for event in staff_timeline(Report.objects.get(pk=report.pk), scope)]
    assert texts == ["submit", "return", "route"]


def people_entity(report: Report, code: str) -> int:
    from cms.entities.models import Entity

    return Entity.objects.get(code=code).pk


def test_a_complaint_about_an_entity_never_reaches_it(people: Any) -> None:
    report = factories.submitted_report(service="other", answers={}, about_entity="municipality")
    supervisor = StaffActor(people.supervisor)
    refused(
        Code.ABOUT_ENTITY,
        lambda: actions.route(
            report.pk, actor=supervisor, version=report.version, entity="municipality.north"
        ),
    )
    assert not Report.objects.filter(pk=report.pk).visible_to(StaffActor(people.coordinator)).exists()


def test_confidential_goes_only_where_two_may_see_it(people: Any) -> None:
    report = factories.submitted_report(service="abuse", answers={}, anonymous=True)
    seen_by = {
        role
        for role, user in people.by_role.items()
        if Report.objects.filter(pk=report.pk).visible_to(StaffActor(user)).exists()
    }
    assert seen_by == {"triage-confidential"}


def test_a_sender_who_cannot_be_reached_is_not_asked(people: Any, report_in: Callable[..., Report]) -> None:
    report = report_in("in_progress", contact=actions.Contact(phone="0500000999"))
    error = refused(
        Code.SENDER_UNREACHABLE,
        lambda: actions.ask_sender(
            report.pk, actor=StaffActor(people.specialist), version=report.version, text="سؤال"
        ),
    )
    assert str(error.message)


def test_the_window_to_reopen_ends(report_in: Callable[..., Report]) -> None:
    report = report_in("answered")
    late = report.reopen_until + timedelta(minutes=1)
    refused(
        Code.WINDOW_PASSED,
        lambda: actions.reopen(report.pk, actor=SenderActor(report_id=report.pk), text="عاد", at=late),
    )


def test_the_history_refuses_every_change(report: Report) -> None:
    event = report.events.get()
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()
    assert triggers.missing() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reports_event SET code = 'x'",
        "DELETE FROM reports_event",
        "UPDATE reports_eventtext SET text = 'x'",
    ],
)
def test_the_database_refuses_too(report: Report, statement: str) -> None:
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(history.verify()) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE reports_event SET code = 'start' WHERE sequence = 2", "changed"),
        ("DELETE FROM reports_eventtext", "text missing"),
        ("UPDATE reports_eventtext SET text = 'forged'", "text changed"),
        (
            "INSERT INTO reports_eventtext (event_id, text, salt) "
            "SELECT id, 'forged', 'salt' FROM reports_event WHERE code = 'start'",
            "text added",
        ),
        ("UPDATE reports_report SET head_hash = 'x'", "not the head that the report holds"),
    ],
)
def test_verification_names_the_break(report: Report, people: Any, statement: str, what: str) -> None:
    coordinator = StaffActor(people.coordinator)
    actions.note(report.pk, actor=coordinator, text="ملاحظة")
    chosen = people.specialist.pk
    given = actions.assign(
        report.pk, actor=coordinator, version=report.version, people=[chosen], responsible=chosen
    )
    actions.start(report.pk, actor=coordinator, version=given.version)
    with triggers.allowed(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert [found.what for found in history.verify()] == [what]


def test_a_recomputed_chain_shows_in_the_signature(report: Report) -> None:
    day = SUNDAY.date()
    signed = history.sign_heads(day, at=SUNDAY)
    assert history.signature_holds(signed)
    assert history.sign_heads(day, at=SUNDAY).pk == signed.pk
    factories.submitted_report()
    assert history.heads_digest()[2] != signed.digest


def test_conversation_holds_what_both_wrote(report_in: Callable[..., Report], people: Any) -> None:
    report = report_in("awaiting_sender")
    report = actions.write(report.pk, actor=SenderActor(report_id=report.pk), text="هذا جوابي")
    assert [(message.author, message.text) for message in conversation(report)][-1] == (
        "sender",
        "هذا جوابي",
    )
    assert report.state == State.IN_PROGRESS


def test_thanks_promise_nothing_and_are_acknowledged(people: Any) -> None:
    report = factories.submitted_report(service="thanks", answers={})
    assert not report.deadlines.exists()
    lead = StaffActor(
        people.coordinator if report.entity.code == "municipality.north" else people.coordinator3
    )
    assert actions.acknowledge(report.pk, actor=lead, version=report.version).state == State.CLOSED


def test_texts_live_beside_their_events(report: Report) -> None:
    event = Event.objects.get(report=report)
    body = EventText.objects.get(event=event)
    assert report.text in body.text
    assert report.text not in str(event.data)
    assert len(body.salt) == 32


def test_services_read_from_the_cache_are_the_databases(people: Any) -> None:
    lamp = Service.objects.get(code="lamp")
    assert factories.submitted_report().service_id == lamp.pk
