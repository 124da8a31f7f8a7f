"""Who is meant by an audience: direct members, then the parent's, at last the supervisors."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms.entities.models import Membership
from cms.notifications.people import Audiences, alert_nobody, audience_of, sees_now
from cms.reports.models import Report
from permissions.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.usefixtures("people")


def names(found, people):
    of = {user.pk: name for name, user in vars(people).items() if name != "by_role"}
    return {of[person.pk] for person in found}


def ended(person):
    Membership.objects.filter(person=person).update(valid_until=timezone.now() - timedelta(days=1))


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ("coordinator", {"coordinator"}),
        ("assign_reports", {"coordinator"}),
        ("entity_leader", {"leader"}),
        ("supervisor", {"supervisor", "supervisor2", "triage_confidential", "triage_confidential2"}),
        ("emirate_leader", {"emirate"}),
        # An administrator sees no report.
        ("keeper", {"supervisor", "supervisor2", "triage_confidential", "triage_confidential2"}),
        ("specialist", set()),
        ("responsible", set()),
        ("mentioned", set()),
    ],
)
def test_an_audience_of_a_report_with_its_entity(audience, expected, report, people):
    assert names(audience_of(audience, report, timezone.now()), people) == expected


def test_who_works_on_it_hears_and_nobody_else_of_the_entity(report_in, people):
    report = report_in("assigned")
    for audience in ("specialist", "responsible"):
        assert names(audience_of(audience, report, timezone.now()), people) == {"specialist"}


def test_with_no_member_of_its_own_the_parents_hear_and_then_the_supervisors(report, people):
    # given no coordinator at the branch
    ended(people.coordinator)
    # then the one above hears
    assert names(audience_of("coordinator", report, timezone.now()), people) == {"coordinator3"}
    # and with none there either, the supervisors
    ended(people.coordinator3)
    assert {"supervisor", "supervisor2"} <= names(audience_of("coordinator", report, timezone.now()), people)


@pytest.mark.parametrize("how", ["ended", "not_yet", "inactive"])
def test_who_is_no_member_now_is_nobody(how, report, people):
    now = timezone.now()
    if how == "inactive":
        people.coordinator.is_active = False
        people.coordinator.save()
    else:
        span = {"valid_until": now - timedelta(minutes=1)}
        span = span if how == "ended" else {"valid_from": now + timedelta(days=1)}
        Membership.objects.filter(person=people.coordinator).update(**span)
    assert names(audience_of("coordinator", report, now), people) == {"coordinator3"}


def test_nobody_is_left_where_nobody_is(report, people):
    Membership.objects.update(valid_until=timezone.now() - timedelta(days=1))
    assert audience_of("coordinator", report, timezone.now()) == []


def test_a_report_in_triage_is_the_supervisors(people):
    report = factories.submitted_report(service="other", answers={})
    assert report.entity is None
    assert {"supervisor", "supervisor2"} <= names(audience_of("coordinator", report, timezone.now()), people)


def test_an_entity_has_audiences_of_its_own(catalogue, people):
    now = timezone.now()
    assert names(audience_of("entity_leader", catalogue.north, now), people) == {"leader"}
    ended(people.leader)
    assert {"supervisor", "supervisor2"} <= names(audience_of("entity_leader", catalogue.north, now), people)
    assert audience_of("specialist", catalogue.north, now) == []


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ("coordinator", {"grantee"}),
        ("entity_leader", {"grantee"}),
        ("staff", {"grantee"}),
        # Where others climb to the region, it does to the region's own group.
        ("supervisor", {"triage_confidential", "triage_confidential2"}),
        ("emirate_leader", {"triage_confidential", "triage_confidential2"}),
    ],
)
def test_of_a_confidential_report_only_grantees_hear(audience, expected, catalogue, people):
    # given a confidential report at an entity with grantees
    report = factories.submitted_report(service="abuse", answers={})
    Report.objects.filter(pk=report.pk).update(entity=catalogue.water, state="with_entity")
    report.refresh_from_db()
    # then they hear, whoever the rule meant: the specialist among them not, to whom it is not assigned
    assert names(audience_of(audience, report, timezone.now()), people) == expected
    # and in triage the region's group
    Report.objects.filter(pk=report.pk).update(entity=None, state="received")
    report.refresh_from_db()
    assert names(audience_of(audience, report, timezone.now()), people) == {
        "triage_confidential",
        "triage_confidential2",
    }


def test_who_is_complained_about_does_not_hear_of_it(report, catalogue, people):
    # given a complaint about the branch that its parent handles
    Report.objects.filter(pk=report.pk).update(about_entity=catalogue.north)
    report.refresh_from_db()
    # then the branch's own people are passed over
    assert names(audience_of("coordinator", report, timezone.now()), people) == {"coordinator3"}
    assert not sees_now(people.coordinator, report, timezone.now())


def test_a_batch_costs_as_much_as_one_report(people, django_assert_max_num_queries):
    reports = [factories.submitted_report() for _ in range(5)]
    found = Audiences(timezone.now(), reports)
    # memberships; then for the one coordinator the scope and which of the batch they see
    with django_assert_max_num_queries(3):
        for report in reports:
            assert names(found.of("coordinator", report), people) == {"coordinator"}
    with django_assert_max_num_queries(1):
        assert [found.of("specialist", report) for report in reports] == [[]] * 5


def test_nobody_to_tell_is_kept_without_naming_a_confidential_reports_entity(report, catalogue):
    at = timezone.now()
    alert_nobody("assign", "coordinator", report, at=at)
    alert_nobody("late_digest", "entity_leader", catalogue.north, at=at)
    Report.objects.filter(pk=report.pk).update(privacy="confidential")
    report.refresh_from_db()
    alert_nobody("assign", "coordinator", report, at=at)
    told = AuditEvent.objects.filter(code="nobody_to_tell").order_by("pk").values_list("subject", "data")
    assert list(told) == [
        (f"report:{report.pk}", {"of": "assign", "audience": "coordinator", "entity": report.entity_id}),
        (
            f"entity:{catalogue.north.pk}",
            {"of": "late_digest", "audience": "entity_leader", "entity": catalogue.north.pk},
        ),
        (f"report:{report.pk}", {"of": "assign", "audience": "coordinator", "entity": None}),
    ]
