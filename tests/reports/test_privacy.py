"""Raising a report to confidential: who no longer sees it, who works on it, where it goes."""

import pytest

from cms.reports import actions, links
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.models import AccessLink, Report
from cms.reports.policies import available_actions
from cms.reports.timeline import sender_timeline, staff_timeline
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reasons(db):
    factories.ReasonFactory(used_for="set_privacy", code="fear_of_harm")


def raised(report, user, **kwargs):
    given = {"privacy": "confidential", "reason": "fear_of_harm", **kwargs}
    return actions.set_privacy(report.pk, actor=StaffActor(user), version=report.version, **given)


def sees(user, report):
    return Report.objects.filter(pk=report.pk).visible_to(StaffActor(user)).exists()


def test_where_too_few_may_see_it_it_goes_to_the_confidential_triage(people, report_in):
    # given a report of an entity without grantees
    report = report_in("in_progress")
    link = links.make(report, report.sender, at=report.submitted_at)
    # when
    secret = raised(report, people.supervisor)
    # then
    assert (secret.state, secret.entity, secret.responsible) == ("received", None, None)
    assert secret.version == report.version + 1
    assert secret.deadlines.filter(promise="triage", outcome="open").exists()
    for user in (people.coordinator, people.specialist, people.supervisor, people.auditor, people.emirate):
        assert not sees(user, secret)
    assert sees(people.triage_confidential, secret)
    assert link
    assert AccessLink.objects.get().revoked_at is not None


def test_a_closed_one_leaves_the_entity_and_stays_closed(people, report_in):
    secret = raised(report_in("closed"), people.supervisor)
    assert (secret.state, secret.entity) == ("closed", None)


def test_with_two_grantees_it_stays_and_is_theirs_alone(people):
    report = factories.submitted_report(service="leak", place="town", answers={})
    report = factories.report_in(
        "in_progress", coordinator=people.coordinator2, specialist=people.specialist2, report=report
    )
    secret = raised(report, people.supervisor)
    # Who worked on it cannot see it any more, so nobody is responsible until a grantee assigns it.
    assert (secret.state, secret.entity.code, secret.responsible) == ("with_entity", "water", None)
    assert sees(people.grantee, secret)
    assert not sees(people.coordinator2, secret)
    assert not secret.assignments.filter(until=None).exists()


def test_a_grantee_who_works_on_it_goes_on(people):
    report = factories.submitted_report(service="leak", place="town", answers={})
    report = factories.report_in(
        "assigned", coordinator=people.grantee, specialist=people.grantee2, report=report
    )
    secret = raised(report, people.supervisor)
    assert (secret.state, secret.responsible, secret.version) == ("assigned", people.grantee2, report.version)


def test_a_grantee_lowers_it_again_and_nobody_else(people):
    report = factories.submitted_report(service="abuse", place="town", answers={})
    with pytest.raises(DomainError) as refused:
        raised(report, people.supervisor, privacy="normal")
    assert refused.value.code is Code.NOT_FOUND
    assert "set_privacy" in available_actions(StaffActor(people.grantee), report)
    lowered = raised(report, people.grantee, privacy="normal")
    assert (lowered.privacy, lowered.version) == ("normal", report.version)
    assert sees(people.coordinator2, lowered)
    assert "set_privacy" not in available_actions(StaffActor(people.grantee), lowered)


def test_only_audit_and_grantees_read_of_it(people):
    report = factories.submitted_report(service="abuse", place="town", answers={})
    lowered = raised(report, people.grantee, privacy="normal")

    def reads(user):
        return "set_privacy" in [e.code for e in staff_timeline(lowered, scope_of(user))]

    assert reads(people.grantee)
    assert reads(people.auditor)
    assert not reads(people.coordinator2)
    assert not reads(people.supervisor)
    assert "set_privacy" not in [entry.code for entry in sender_timeline(lowered)]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"privacy": "normal"}, Code.INVALID, ("privacy",)),
        ({"privacy": "hidden"}, Code.INVALID, ("privacy",)),
        ({"reason": ""}, Code.REQUIRED, ("reason",)),
    ],
)
def test_what_makes_no_sense_is_refused(people, report_in, given, code, field):
    report = report_in("assigned")
    with pytest.raises(DomainError) as refused:
        raised(report, people.supervisor, **given)
    assert (refused.value.code, refused.value.field) == (code, field)
    fresh = Report.objects.get(pk=report.pk)
    assert (fresh.privacy, fresh.event_count) == ("normal", report.event_count)
