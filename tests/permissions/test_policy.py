"""What one holds, where, at which moment; and that it decides which reports one sees."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from cms.entities.memberships import refresh_entity_groups
from cms.entities.models import Membership
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.models import Report
from permissions.policy import NOBODY, scope_for_request, scope_of
from permissions.roles import ROLES
from tests import factories

FROM = datetime(2026, 3, 1, 8, tzinfo=UTC)
UNTIL = datetime(2026, 4, 1, 8, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)
AT_THE_EDGES = [
    (FROM - A_MOMENT, False),
    (FROM, True),
    (UNTIL - A_MOMENT, True),
    (UNTIL, False),
    (UNTIL + A_MOMENT, False),
]


def sees(user, report, at=None):
    visible = Report.objects.visible_to(StaffActor(user), scope_of(user, at=at))
    return visible.filter(pk=report.pk).exists()


def who_sees(report, people):
    return {name for name, user in vars(people).items() if name != "by_role" and sees(user, report)}


# --- What is asked, and what it costs ----------------------------------------------------------------------


def test_a_scope_is_one_query_however_much_one_holds(catalogue, people, django_assert_num_queries):
    for entity in (catalogue.north, catalogue.water, catalogue.emirate):
        factories.MembershipFactory(person=people.coordinator3, role="leader", entity=entity)
        factories.grant(people.coordinator3, "view_confidential", entity)
    factories.MembershipFactory(person=people.coordinator3, role="auditor")

    with django_assert_num_queries(1):
        scope = scope_of(people.coordinator3)

    assert scope.everywhere("view_audit")
    assert scope.at("view_confidential") == {catalogue.north.pk, catalogue.water.pk, catalogue.emirate.pk}


@pytest.mark.django_db
def test_nobody_and_the_inactive_hold_nothing_and_cost_nothing(django_assert_num_queries):
    gone = factories.person("supervisor", is_active=False)

    with django_assert_num_queries(0):
        scopes = [scope_of(AnonymousUser()), scope_of(None), scope_of(gone)]

    assert scopes == [NOBODY, NOBODY, NOBODY]


def test_a_request_asks_once_and_again_when_another_person_signs_in(people, django_assert_num_queries):
    request = SimpleNamespace(user=people.coordinator)

    with django_assert_num_queries(1):
        assert scope_for_request(request) is scope_for_request(request)
    request.user = people.auditor
    assert scope_for_request(request).everywhere("view_audit")


@pytest.mark.parametrize("role", [role for role in ROLES.values() if role.region], ids=lambda role: role.code)
def test_a_region_role_holds_its_codenames_everywhere_and_on_what_has_no_entity(catalogue, role):
    scope = scope_of(factories.person(role.code))

    assert scope.region == role.codenames
    assert scope.entities == {}
    assert all(scope.has(codename, None) for codename in role.codenames)
    assert all(scope.has(codename, catalogue.water.pk) for codename in role.codenames)


@pytest.mark.parametrize(
    "role", [role for role in ROLES.values() if not role.region], ids=lambda role: role.code
)
def test_an_entity_role_holds_its_codenames_at_its_entity_and_nowhere_else(catalogue, role):
    scope = scope_of(factories.person(role.code, catalogue.water))

    assert scope.region == frozenset()
    assert scope.entities == {codename: {catalogue.water.pk} for codename in role.codenames}
    assert not any(scope.has(codename, None) for codename in role.codenames)


# --- From when, until when ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "holds"), AT_THE_EDGES)
def test_a_membership_grants_from_its_first_moment_until_before_its_last(catalogue, report, at, holds):
    user = factories.UserFactory()
    factories.MembershipFactory(
        person=user, entity=catalogue.north, role="coordinator", valid_from=FROM, valid_until=UNTIL
    )

    assert scope_of(user, at=at).has("view_reports", catalogue.north.pk) is holds
    assert bool(scope_of(user, at=at).kin) is holds
    assert sees(user, report, at) is holds


@pytest.mark.parametrize(("at", "holds"), AT_THE_EDGES)
def test_a_region_membership_has_the_same_edges(report, at, holds):
    user = factories.UserFactory()
    factories.MembershipFactory(person=user, role="supervisor", valid_from=FROM, valid_until=UNTIL)

    assert sees(user, report, at) is holds


@pytest.mark.parametrize(("at", "holds"), AT_THE_EDGES)
def test_a_personal_grant_has_the_same_edges_and_reaches_children(catalogue, report, at, holds):
    user = factories.UserFactory()
    factories.grant(user, "view_reports", catalogue.municipality, valid_from=FROM, valid_until=UNTIL)

    assert scope_of(user, at=at).has("view_reports", catalogue.north.pk) is holds
    assert sees(user, report, at) is holds


def test_access_ends_at_the_next_question_after_the_end_is_set(people, report):
    assert sees(people.coordinator, report)

    Membership.objects.filter(person=people.coordinator).update(valid_until=timezone.now())

    assert not sees(people.coordinator, report)


# --- Up, down and beside -----------------------------------------------------------------------------------


def test_an_entity_role_reaches_children_and_neither_parents_nor_siblings(catalogue, people):
    south = factories.EntityFactory(parent=catalogue.municipality, calendar=catalogue.calendar)
    above, below = scope_of(people.coordinator3), scope_of(people.coordinator)

    assert above.at("handle_reports") == {catalogue.municipality.pk, catalogue.north.pk, south.pk}
    assert below.at("handle_reports") == {catalogue.north.pk}


def test_a_report_of_the_child_is_seen_from_above_and_that_of_the_parent_not_from_below(people):
    of_north = factories.submitted_report()
    of_municipality = factories.submitted_report(place="village")

    assert sees(people.coordinator3, of_north)
    assert sees(people.coordinator3, of_municipality)
    assert sees(people.coordinator, of_north)
    assert not sees(people.coordinator, of_municipality)
    assert not sees(people.coordinator2, of_north)


def test_a_report_that_nobody_has_yet_is_seen_region_wide_alone(people):
    received = factories.submitted_report(service="other", answers={})

    assert received.state == "received"
    assert who_sees(received, people) == {
        "supervisor",
        "supervisor2",
        "emirate",
        "auditor",
        "triage_confidential",
        "triage_confidential2",
    }


def test_who_returned_a_report_to_triage_sees_it_no_more(people, report_in):
    returned = report_in("received")

    assert not sees(people.coordinator, returned)
    assert sees(people.supervisor, returned)


# --- The superuser -----------------------------------------------------------------------------------------


def test_a_superuser_without_memberships_holds_nothing_and_sees_no_report(report):
    root = factories.UserFactory(is_superuser=True, is_staff=True)
    confidential = factories.submitted_report(service="abuse", answers={})

    scope = scope_of(root)

    assert (scope.region, scope.entities, scope.kin) == (frozenset(), {}, frozenset())
    assert list(Report.objects.visible_to(StaffActor(root))) == []
    assert {report.pk, confidential.pk} == set(Report.objects.values_list("pk", flat=True))


def test_being_put_into_a_roles_group_by_hand_grants_nothing(people, report):
    user = factories.UserFactory()
    user.groups.add(people.coordinator.memberships.get().group)

    assert not sees(user, report)


# --- Reports about an entity -------------------------------------------------------------------------------


def test_a_report_about_an_entity_is_hidden_from_it_and_from_below(catalogue, people):
    about_north = factories.submitted_report(service="other", answers={}, about_entity="municipality.north")
    Report.objects.filter(pk=about_north.pk).update(entity=catalogue.emirate, state="with_entity")
    emirate_coordinator = factories.person("coordinator", catalogue.emirate)
    # Each of these also holds a role at the entity that handles it, so nothing else hides it from them.
    of_north, below, parent, beside = (factories.UserFactory() for _ in range(4))
    branch = factories.EntityFactory(parent=catalogue.north, calendar=catalogue.calendar)
    for user, entity in (
        (of_north, catalogue.north),
        (below, branch),
        (parent, catalogue.municipality),
        (beside, catalogue.water),
    ):
        factories.MembershipFactory(person=user, role="leader", entity=entity)
        factories.MembershipFactory(person=user, role="coordinator", entity=catalogue.emirate)

    assert sees(emirate_coordinator, about_north)
    assert sees(beside, about_north)
    assert not sees(of_north, about_north)
    assert not sees(below, about_north)
    # The parent is where such a report goes, so whoever serves it may handle it.
    assert sees(parent, about_north)
    assert sees(people.supervisor, about_north)


def test_even_the_region_wide_lose_sight_of_reports_about_the_entity_they_serve(catalogue, people):
    about_north = factories.submitted_report(service="other", answers={}, about_entity="municipality.north")
    factories.MembershipFactory(person=people.supervisor, role="specialist", entity=catalogue.north)

    assert not sees(people.supervisor, about_north)
    assert sees(people.supervisor2, about_north)


# --- Confidential reports ----------------------------------------------------------------------------------


def test_a_confidential_report_is_seen_by_its_grantees_and_the_confidential_triage_alone(people):
    confidential = factories.submitted_report(service="abuse", answers={})

    assert confidential.entity.code == "water"
    # The second grantee is a specialist: the grant comes on top of seeing the report, and replaces nothing.
    assert who_sees(confidential, people) == {"grantee", "triage_confidential", "triage_confidential2"}


def test_a_confidential_report_is_assigned_to_grantees_alone(people):
    confidential = factories.submitted_report(service="abuse", answers={})
    key = {"actor": StaffActor(people.grantee), "version": confidential.version}

    with pytest.raises(DomainError) as refused:
        actions.assign(
            confidential.pk, people=[people.specialist2.pk], responsible=people.specialist2.pk, **key
        )
    assert (refused.value.code, refused.value.field) == (Code.NOT_FOUND, ("people",))
    assert Report.objects.get(pk=confidential.pk).state == "with_entity"

    actions.assign(confidential.pk, people=[people.grantee2.pk], responsible=people.grantee2.pk, **key)
    assert sees(people.grantee2, confidential)


def test_a_grant_at_another_entity_opens_no_confidential_report(catalogue, people):
    confidential = factories.submitted_report(service="abuse", answers={})
    factories.grant(people.coordinator2, "view_confidential", catalogue.north)

    assert not sees(people.coordinator2, confidential)


def test_an_expired_grant_closes_the_confidential_report(people):
    confidential = factories.submitted_report(service="abuse", answers={})
    assert sees(people.grantee, confidential)

    people.grantee.entityuserobjectpermission_set.update(valid_until=timezone.now())

    assert not sees(people.grantee, confidential)


# --- Specialists -------------------------------------------------------------------------------------------


def test_a_specialist_sees_what_is_assigned_to_them_and_no_other(people, report, report_in):
    mine = report_in("assigned")

    assert sees(people.specialist, mine)
    assert not sees(people.specialist_b, mine)
    assert not sees(people.specialist, report)


def test_a_specialist_loses_a_report_when_the_assignment_ends(people, report_in):
    mine = report_in("assigned")

    mine.assignments.update(until=timezone.now())

    assert not sees(people.specialist, mine)


def test_an_entity_may_let_its_specialists_see_all_and_take_it_back(catalogue, people, report):
    catalogue.north.specialists_see_all = True
    catalogue.north.save()
    assert not sees(people.specialist, report)  # Nobody reads the setting when deciding.

    refresh_entity_groups(catalogue.north)
    assert sees(people.specialist, report)
    assert not sees(people.specialist2, report)

    catalogue.north.specialists_see_all = False
    catalogue.north.save()
    refresh_entity_groups(catalogue.north)
    assert not sees(people.specialist, report)


def test_who_leads_at_one_entity_and_is_assigned_at_another_sees_both_and_no_more(
    catalogue, people, report_in
):
    both = people.specialist
    factories.MembershipFactory(person=both, role="leader", entity=catalogue.water)
    assigned = report_in("assigned")
    beside_it = factories.submitted_report()
    of_water = factories.submitted_report(service="leak", answers={})

    visible = Report.objects.visible_to(StaffActor(both))

    assert set(visible) == {assigned, of_water}
    assert beside_it not in visible
    assert set(visible.open().order_by("-pk")[:1]) == {of_water}
