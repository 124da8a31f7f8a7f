"""Many at once on real connections: exactly one wins, the others are told, nothing is done twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone, translation

from cms.entities.models import Membership
from cms.reports import actions
from cms.reports.actors import SenderActor, StaffActor
from cms.reports.errors import Code, Conflict, DomainError
from cms.reports.history import verify
from cms.reports.models import Assignment, Deadline, Event, IdempotencyKey, Report, Sender
from permissions.policy import scope_of
from tests import factories

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


ROUNDS = 50


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call gave or raised, all started at the same moment, each on its own connection."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            with translation.override("ar"):
                start.wait(30)
                return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def won_and_lost(results):
    return (
        [result for result in results if isinstance(result, Report)],
        [result for result in results if not isinstance(result, Report)],
    )


@pytest.fixture
def officers(catalogue, people):
    """Two coordinators of the north branch, with names that the messages must tell apart."""
    return [
        factories.person("coordinator", catalogue.north, username=login, name_ar=name)
        for login, name in (("huda", "هدى العنزي"), ("fahd", "فهد الحربي"))
    ]


def assigning(report, officer, people):
    chosen = [people.specialist.pk, people.specialist_b.pk]
    return lambda: actions.assign(
        report.pk,
        actor=StaffActor(officer),
        version=report.version,
        people=chosen,
        responsible=chosen[0],
    )


def answering(report, officer, people):
    return lambda: actions.answer(
        report.pk, actor=StaffActor(officer), version=report.version, text=f"الرد من {officer.name_ar}."
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [(assigning, assigning), (answering, answering), (assigning, answering)],
    ids=["assign-assign", "answer-answer", "assign-answer"],
)
def test_of_two_officers_on_one_version_one_wins_and_the_other_is_told_who(people, officers, first, second):
    huda, fahd = officers
    for _ in range(ROUNDS):
        report = factories.submitted_report()

        results = at_once(first(report, huda, people), second(report, fahd, people))

        won, lost = won_and_lost(results)
        assert len(won) == 1
        assert [type(error) for error in lost] == [Conflict]
        winner, loser = (huda, fahd) if isinstance(results[0], Report) else (fahd, huda)
        assert winner.name_ar in lost[0].message
        assert loser.name_ar not in lost[0].message

        report.refresh_from_db()
        assert report.version == won[0].version == 2
        last = Event.objects.get(report=report, sequence=2)
        assert (Event.objects.filter(report=report).count(), last.actor) == (2, winner)
        assert report.assignments.count() == (2 if last.code == "assign" else 0)
    assert list(verify()) == []


def test_a_transfer_against_an_answer_has_one_winner_and_the_other_is_told(people):
    """Whichever comes first: never both, and nobody answers for an entity that no longer has the report."""
    factories.ReasonFactory(used_for="transfer", code="other_jurisdiction")
    for _ in range(ROUNDS):
        report = factories.submitted_report()
        transfer = partial(
            actions.transfer,
            report.pk,
            actor=StaffActor(people.supervisor),
            version=report.version,
            entity="water",
            reason="other_jurisdiction",
        )
        results = at_once(transfer, answering(report, people.coordinator, people))

        won, lost = won_and_lost(results)
        assert len(won) == 1
        fresh = Report.objects.get(pk=report.pk)
        assert (fresh.version, fresh.event_count) == (report.version + 1, report.event_count + 1)
        if fresh.state == "with_entity":
            # The coordinator sees it no longer, so for them it does not exist.
            assert (fresh.entity.code, lost[0].code) == ("water", Code.NOT_FOUND)
        else:
            assert (fresh.state, fresh.entity, type(lost[0])) == ("answered", report.entity, Conflict)
    assert list(verify()) == []


def test_of_two_supervisors_who_take_over_one_wins(people, report_in):
    report = report_in("in_progress")
    results = at_once(
        *[
            partial(actions.take_over, report.pk, actor=StaffActor(user), version=report.version)
            for user in (people.supervisor, people.supervisor2)
        ]
    )
    won, lost = won_and_lost(results)
    assert (len(won), [type(error) for error in lost]) == (1, [Conflict])
    assert Assignment.objects.filter(report=report, until=None, is_responsible=True).count() == 1
    assert list(verify()) == []


def test_an_appeal_sent_from_two_windows_is_one(people, report_in):
    report = report_in("rejected")
    appeal = partial(actions.appeal, report.pk, actor=factories.as_sender(report), text="لم يزر أحد الموقع.")
    results = at_once(appeal, appeal)
    assert [error for error in results if isinstance(error, Exception)] == []
    assert Event.objects.filter(report=report, code="appeal").count() == 1
    assert list(verify()) == []


def test_of_twenty_specialists_who_start_at_once_one_starts(people, report_in):
    report = report_in("assigned")
    start = {"actor": StaffActor(people.specialist), "version": report.version}

    results = at_once(*[lambda: actions.start(report.pk, **start)] * 20)

    won, lost = won_and_lost(results)
    assert len(won) == 1
    assert {type(error) for error in lost} == {Conflict}
    assert Event.objects.filter(report=report, code="start").count() == 1


def test_forty_senders_with_one_key_make_one_report_and_read_one_secret(catalogue, people, sender):
    given = factories.submission(sender_id=sender.pk)

    results = at_once(*[lambda: actions.submit(given, actor=SenderActor(sender_id=sender.pk))] * 40)

    assert [error for error in results if isinstance(error, Exception)] == []
    report = Report.objects.get()
    assert {result.report.pk for result in results} == {report.pk}
    assert len({result.secret for result in results}) == 1
    assert sorted(result.replayed for result in results) == [False] + [True] * 39
    assert IdempotencyKey.objects.get().report == report
    assert Event.objects.filter(report=report).count() == 1
    assert Deadline.objects.filter(report=report).count() == 2
    assert list(verify()) == []


def test_forty_without_a_number_leave_one_contact_behind(catalogue, people):
    given = factories.submission(contact=actions.Contact(name="نورة", phone="0500000123"))

    results = at_once(*[lambda: actions.submit(given, actor=SenderActor())] * 40)

    assert [error for error in results if isinstance(error, Exception)] == []
    assert {result.report.pk for result in results} == {Report.objects.get().pk}
    assert Sender.objects.count() == 1


def test_one_key_with_two_bodies_makes_one_report_and_refuses_the_other(catalogue, people, sender):
    given = factories.submission(sender_id=sender.pk)
    other = replace(given, text="حفرة كبيرة في وسط الطريق أمام المدرسة.")
    actor = SenderActor(sender_id=sender.pk)

    results = at_once(lambda: actions.submit(given, actor=actor), lambda: actions.submit(other, actor=actor))

    refused = [error for error in results if isinstance(error, DomainError)]
    assert [error.code for error in refused] == [Code.IDEMPOTENCY_CONFLICT]
    assert Report.objects.count() == 1


def test_forty_senders_with_forty_keys_make_forty_reports(catalogue, people, sender):
    actor = SenderActor(sender_id=sender.pk)
    inputs = [factories.submission(sender_id=sender.pk) for _ in range(40)]

    results = at_once(*[partial(actions.submit, given, actor=actor) for given in inputs])

    assert [error for error in results if isinstance(error, Exception)] == []
    assert len({result.report.reference for result in results}) == 40
    assert len({result.secret for result in results}) == 40


def test_a_round_is_rated_once_however_often_it_is_sent(report_in):
    report = report_in("answered")
    actor = factories.as_sender(report)

    results = at_once(*[lambda: actions.rate(report.pk, actor=actor, score=5)] * 10)

    # The same rating again is a resubmission: everyone is answered, and it is written once.
    assert [error for error in results if isinstance(error, Exception)] == []
    assert report.ratings.count() == 1
    assert Event.objects.filter(report=report, code="rate").count() == 1


def test_two_different_ratings_of_a_round_keep_the_one_that_came_first(report_in):
    report = report_in("answered")
    actor = factories.as_sender(report)

    results = at_once(
        *[lambda score=score: actions.rate(report.pk, actor=actor, score=score) for score in (1, 5)]
    )

    won, lost = won_and_lost(results)
    assert (len(won), [error.code for error in lost]) == (1, [Code.ALREADY_RATED])
    assert report.ratings.get().score == (1 if isinstance(results[0], Report) else 5)


def test_ten_notes_at_once_are_all_kept_in_one_unbroken_chain(people, report):
    actor = StaffActor(people.coordinator)

    results = at_once(
        *[lambda n=n: actions.note(report.pk, actor=actor, text=f"ملاحظة رقم {n}.") for n in range(10)]
    )

    won, lost = won_and_lost(results)
    assert (len(won), lost) == (10, [])
    report.refresh_from_db()
    assert list(report.events.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, 12))
    assert (report.event_count, report.version) == (11, 1)
    assert list(verify()) == []


def test_a_senders_withdrawal_and_an_assignment_at_once_leave_one_lawful_end(people, report):
    results = at_once(
        assigning(report, people.coordinator, people),
        lambda: actions.withdraw(report.pk, actor=factories.as_sender(report)),
    )

    report.refresh_from_db()
    # The withdrawal needs no version, so it always happens: after the assignment, or instead of it.
    assert isinstance(results[1], Report)
    assert report.state == "withdrawn"
    assert isinstance(results[0], Report | Conflict)
    assert not Assignment.objects.filter(report=report, until=None).exists()
    assert list(verify()) == []


def test_a_membership_that_ended_while_waiting_for_the_lock_opens_nothing(people, report):
    """The scope is read again after the lock: who lost access in between is refused as a stranger is."""
    stale = scope_of(people.coordinator)
    assert stale.has("assign_reports", report.entity_id)
    Membership.objects.filter(person=people.coordinator).update(valid_until=timezone.now())

    (error,) = at_once(assigning(report, people.coordinator, people))

    assert (type(error), error.code) == (DomainError, Code.NOT_FOUND)
    assert Event.objects.filter(report=report).count() == 1
