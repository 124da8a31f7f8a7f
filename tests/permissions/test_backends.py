"""What Django and Wagtail hear when they ask for a codename."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from permissions.backends import MembershipBackend
from permissions.models import User
from tests import factories

ADMIN = "wagtailadmin.access_admin"
backend = MembershipBackend()


def fresh(user):
    """As another request would read them; a user object keeps its scope for the length of one."""
    return User.objects.get(pk=user.pk)


def test_whoever_serves_today_may_enter_the_admin(people):
    for user in (people.coordinator, people.specialist, people.leader, people.supervisor, people.auditor):
        assert user.has_perm(ADMIN)


def test_who_serves_no_more_may_not_enter(people):
    people.coordinator.memberships.update(valid_until=timezone.now())

    assert not fresh(people.coordinator).has_perm(ADMIN)


def test_who_never_served_may_not_enter(db):
    assert not factories.UserFactory().has_perm(ADMIN)
    assert not backend.has_perm(AnonymousUser(), ADMIN)


def test_an_inactive_person_holds_nothing(people):
    User.objects.filter(pk=people.admin.pk).update(is_active=False)

    assert not fresh(people.admin).has_perm(ADMIN)
    assert not fresh(people.admin).has_perm("entities.manage_people")


@pytest.mark.parametrize(
    ("role", "codename", "holds"),
    [
        ("supervisor", "manage_catalogue", True),
        ("supervisor", "manage_people", False),
        ("admin", "manage_people", True),
        ("admin", "view_reports", False),
        ("auditor", "view_audit", True),
        ("agent", "take_reports", True),
        ("coordinator", "view_reports", False),
    ],
)
def test_a_codename_without_an_object_means_region_wide(people, role, codename, holds):
    assert people.by_role[role].has_perm(f"entities.{codename}") is holds


def test_it_says_nothing_about_one_object_nor_about_other_apps(catalogue, people):
    assert not backend.has_perm(people.supervisor, "entities.view_reports", catalogue.water)
    assert not backend.has_perm(people.supervisor, "reports.view_reports")


def test_it_gives_a_superuser_no_codename(db):
    root = factories.UserFactory(is_superuser=True)

    assert not backend.has_perm(root, "entities.view_reports")
    assert not backend.has_perm(root, ADMIN)


def test_it_asks_once_for_one_user_object(people, django_assert_num_queries):
    user = fresh(people.supervisor)

    with django_assert_num_queries(1):
        for codename in ("manage_catalogue", "manage_people", "view_audit"):
            backend.has_perm(user, f"entities.{codename}")
