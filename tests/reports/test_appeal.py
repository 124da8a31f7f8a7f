"""An appeal against a rejection: once, within two weeks, decided by somebody else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms.entities.models import Membership
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.models import Deadline
from cms.reports.policies import available_actions
from cms.reports.timeline import answer_of, conversation, sender_timeline
from permissions.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db

WHY = "لم يزر أحد الموقع، والصورة قديمة."


def rejected_in_triage(people, **kwargs):
    """By a supervisor, who then may not decide on the appeal."""
    factories.ReasonFactory(code="not_a_report", used_for="reject")
    report = factories.submitted_report(service="other", answers={}, **kwargs)
    return actions.reject(
        report.pk,
        actor=StaffActor(people.supervisor),
        version=report.version,
        reason="not_a_report",
        text="هذا ليس بلاغًا.",
    )


def appealed(report, **kwargs):
    return actions.appeal(report.pk, actor=factories.as_sender(report), **{"text": WHY, **kwargs})


def test_it_goes_back_to_triage_with_new_promises(people, report_in):
    # given
    report = report_in("rejected")
    # when
    again = appealed(report)
    # then
    assert (again.state, again.entity, again.round, again.closed_at) == ("received", None, 2, None)
    running = set(again.deadlines.filter(outcome="open", round=2).values_list("promise", flat=True))
    assert running == {Deadline.Promise.RESOLUTION, Deadline.Promise.TRIAGE}
    assert again.next_due_at == again.deadlines.get(promise="resolution", round=2).due_at
    assert again.custodies.get().entity.code == "municipality.north"
    said = [(message.author, message.text) for message in conversation(again)]
    refused = "نزاع خاص\n\nنزاع خاص، والمحكمة مختصة.\n\nإلى أين تتوجه: المحكمة"
    assert said == [("entity", refused), ("sender", WHY)]
    assert (sender_timeline(again)[-1].code, answer_of(again)) == ("appeal", None)


def test_said_again_it_is_done_once(people, report_in):
    report = report_in("rejected")
    first = appealed(report)
    second = appealed(report)
    assert (second.round, second.event_count) == (first.round, first.event_count)


def test_who_rejected_does_not_decide(people):
    report = appealed(rejected_in_triage(people))
    same, other = StaffActor(people.supervisor), StaffActor(people.supervisor2)
    assert not {"route", "reject"} & set(available_actions(same, report))
    for attempt in (
        lambda: actions.route(report.pk, actor=same, version=report.version, entity="water"),
        lambda: actions.reject(
            report.pk, actor=same, version=report.version, reason="not_a_report", text="كما سبق."
        ),
    ):
        with pytest.raises(DomainError) as refused:
            attempt()
        assert refused.value.code is Code.APPEAL_OTHER_PERSON
    routed = actions.route(report.pk, actor=other, version=report.version, entity="water")
    assert (routed.state, routed.rejected_by) == ("with_entity", None)


def test_a_second_rejection_is_final(people):
    report = appealed(rejected_in_triage(people))
    report = actions.reject(
        report.pk,
        actor=StaffActor(people.supervisor2),
        version=report.version,
        reason="not_a_report",
        text="درسناه من جديد، والقرار قائم.",
    )
    assert "appeal" not in available_actions(factories.as_sender(report), report)
    with pytest.raises(DomainError) as refused:
        appealed(report, text="مرة أخرى")
    assert refused.value.code is Code.NOT_AVAILABLE
    assert report.state == "rejected"


def test_two_weeks_later_it_is_too_late(people, report_in):
    report = report_in("rejected")
    with pytest.raises(DomainError) as refused:
        appealed(report, at=timezone.now() + timedelta(days=14, minutes=1))
    assert refused.value.code is Code.WINDOW_PASSED


def test_a_reason_is_needed(people, report_in):
    with pytest.raises(DomainError) as refused:
        appealed(report_in("rejected"), text=" ")
    assert (refused.value.code, refused.value.field) == (Code.REQUIRED, ("reason",))


def test_nobody_to_decide_is_an_alert(people):
    report = rejected_in_triage(people)
    deciders = ("supervisor", "triage-confidential")
    Membership.objects.filter(role__in=deciders).exclude(person=people.supervisor).update(
        valid_until=timezone.now()
    )
    assert appealed(report).state == "received"
    alert = AuditEvent.objects.get(code="nobody_to_tell")
    assert (alert.subject, alert.data) == (f"report:{report.pk}", {"of": "appeal"})
