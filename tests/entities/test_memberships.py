"""Groups per entity and role, and who belongs to them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils import timezone

from cms.entities.memberships import group_for, people_of, refresh_entity_groups
from cms.entities.models import EntityGroupObjectPermission, Membership
from permissions.models import User
from permissions.roles import ROLES
from tests import factories


def codenames_of(group):
    rows = EntityGroupObjectPermission.objects.filter(group=group)
    return {(row.content_object.code, row.permission.codename) for row in rows}


def test_a_membership_finds_its_group_and_puts_nobody_into_it(catalogue):
    user = factories.person("coordinator", catalogue.north)
    membership = user.memberships.get()

    assert membership.group.name == f"entity:{catalogue.north.pk}:coordinator"
    assert codenames_of(membership.group) == {
        ("municipality.north", codename) for codename in ROLES["coordinator"].codenames
    }
    assert user.groups.count() == 0


def test_a_region_roles_group_holds_its_codenames_without_an_object(db):
    group = group_for("supervisor", None)

    assert group.name == "region:supervisor"
    assert set(group.permissions.values_list("codename", flat=True)) == ROLES["supervisor"].codenames
    assert codenames_of(group) == set()


def test_the_group_is_made_once(catalogue):
    assert group_for("leader", catalogue.water) == group_for("leader", catalogue.water)
    assert Group.objects.filter(name=f"entity:{catalogue.water.pk}:leader").count() == 1


def test_moving_a_membership_moves_its_group(catalogue):
    membership = factories.MembershipFactory(entity=catalogue.north)

    membership.entity = catalogue.water
    membership.save()

    assert membership.group.name == f"entity:{catalogue.water.pk}:coordinator"


def test_the_entitys_settings_add_to_its_specialists_and_take_away_again(catalogue, people):
    north = catalogue.north
    group = group_for("specialist", north)
    plain = codenames_of(group)

    north.specialists_see_all = north.specialists_reply = True
    refresh_entity_groups(north)
    assert codenames_of(group) - plain == {
        ("municipality.north", "view_reports"),
        ("municipality.north", "reply_to_sender"),
    }
    assert codenames_of(group_for("coordinator", north)) == {
        ("municipality.north", codename) for codename in ROLES["coordinator"].codenames
    }

    north.specialists_see_all = north.specialists_reply = False
    refresh_entity_groups(north)
    assert codenames_of(group) == plain


def test_people_of_an_entity_are_its_own_active_members_of_now(catalogue, people):
    now = timezone.now()
    late, early, left = (factories.UserFactory() for _ in range(3))
    for user, valid_from, valid_until in (
        (late, factories.LONG_AGO, now - timedelta(seconds=1)),
        (early, now + timedelta(hours=1), None),
        (left, factories.LONG_AGO, None),
    ):
        factories.MembershipFactory(
            person=user,
            role="specialist",
            entity=catalogue.north,
            valid_from=valid_from,
            valid_until=valid_until,
        )
    User.objects.filter(pk=left.pk).update(is_active=False)
    factories.person("specialist", catalogue.municipality)

    assert set(people_of(catalogue.north, "handle_assigned_reports")) == {
        people.specialist,
        people.specialist_b,
    }
    assert set(people_of(catalogue.north, "assign_reports")) == {people.coordinator}


def test_who_serves_twice_is_listed_once(catalogue, people):
    factories.MembershipFactory(person=people.specialist, role="specialist", entity=catalogue.north)

    assert list(people_of(catalogue.north, "handle_assigned_reports")).count(people.specialist) == 1


@pytest.mark.parametrize(("role", "somewhere"), [("coordinator", False), ("supervisor", True)])
def test_a_region_role_has_no_entity_and_an_entity_role_has_one(catalogue, role, somewhere):
    membership = Membership(
        person=factories.UserFactory(), role=role, entity=catalogue.north if somewhere else None
    )

    with pytest.raises(ValidationError) as refused:
        membership.clean()

    assert "entity" in refused.value.message_dict


def test_a_membership_ends_after_it_begins(catalogue):
    now = timezone.now()
    membership = Membership(
        person=factories.UserFactory(),
        role="coordinator",
        entity=catalogue.north,
        valid_from=now,
        valid_until=now,
    )

    with pytest.raises(ValidationError) as refused:
        membership.clean()

    assert "valid_until" in refused.value.message_dict
