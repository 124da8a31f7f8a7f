"""Who gives a role: nobody to themselves; two people where it opens confidential reports."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.entities import grants
from cms.entities.models import Membership
from permissions.models import AuditEvent, User
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin2(people):
    return factories.person("admin", username="admin2", name_ar="ماجد العمري")


@pytest.fixture
def newcomer(db):
    return factories.UserFactory(username="newcomer")


def propose(client, person, role="triage-confidential", **data):
    return client.post(
        reverse("memberships:add"),
        {"person": person.pk, "role": role, "valid_from": "2026-01-01 00:00", **data},
    )


def confirm(client, membership):
    return client.post(reverse("memberships:confirm", args=[membership.pk]), follow=True)


def codes():
    """What was done to memberships, in order."""
    rows = AuditEvent.objects.filter(code__startswith="membership_").order_by("id")
    return list(rows.values_list("code", flat=True))


def test_a_role_that_reads_confidential_reports_holds_once_a_second_one_confirms(
    client_of, people, admin2, newcomer
):
    report = factories.submitted_report(service="abuse", answers={})
    address = reverse("desk:report", args=[report.public_id])
    assert propose(client_of(people.admin), newcomer).status_code == 302
    membership = Membership.objects.get(person=newcomer)
    assert membership.proposed_by == people.admin
    assert membership not in Membership.objects.valid()
    assert membership in Membership.objects.awaiting_confirmation()
    assert scope_of(newcomer).region == frozenset()
    assert client_of(newcomer).get(address).status_code == 302
    assert codes() == ["membership_proposed"]

    page = client_of(admin2).get(reverse("memberships:confirm", args=[membership.pk])).content.decode()
    assert "(newcomer)" in page
    # Its name says less than it holds: it acts on every report.
    assert "إرسال الرد الرسمي، إعادة البلاغات إلى الفرز، رفض البلاغات" in page
    assert "(admin)" in page
    confirm(client_of(admin2), membership)

    membership.refresh_from_db()
    assert membership.confirmed_by == admin2
    assert membership in Membership.objects.valid()
    assert membership not in Membership.objects.awaiting_confirmation()
    assert scope_of(newcomer).everywhere("view_confidential")
    # A moment before, it did not hold.
    assert scope_of(newcomer, at=membership.confirmed_at - timedelta(seconds=1)).region == frozenset()
    event = AuditEvent.objects.get(code="membership_confirmed")
    assert event.actor == admin2
    assert event.subject == f"membership:{membership.pk}"
    assert event.data["proposed_by"] == people.admin.pk


def refused(client, membership):
    """The answer says why, and nothing changed."""
    events = AuditEvent.objects.filter(code="membership_confirmed").count()
    response = confirm(client, membership)
    membership.refresh_from_db()
    assert membership.confirmed_at is None
    assert membership.confirmed_by is None
    assert AuditEvent.objects.filter(code="membership_confirmed").count() == events
    return response.content.decode()


def test_who_proposed_it_does_not_confirm_it(client_of, people, admin2, newcomer):
    propose(client_of(people.admin), newcomer)
    membership = Membership.objects.get(person=newcomer)
    body = refused(client_of(people.admin), membership)
    assert "Confirm the membership" not in body
    assert not scope_of(newcomer).everywhere("view_confidential")


def test_nobody_confirms_their_own(client_of, people, admin2):
    propose(client_of(people.admin), admin2)
    membership = Membership.objects.get(person=admin2, role="triage-confidential")
    refused(client_of(admin2), membership)
    assert not scope_of(admin2).everywhere("view_confidential")


@pytest.mark.parametrize("login", ["supervisor", "auditor", "coordinator", "triage_confidential"])
def test_who_keeps_no_people_confirms_nothing(client_of, people, admin2, newcomer, login):
    propose(client_of(people.admin), newcomer)
    membership = Membership.objects.get(person=newcomer)
    refused(client_of(getattr(people, login)), membership)


@pytest.mark.parametrize("role", ["triage-confidential", "supervisor", "coordinator", "admin"])
def test_nobody_gives_themselves_a_role(client_of, people, catalogue, role):
    before = Membership.objects.count()
    entity = {"entity": catalogue.north.pk} if role == "coordinator" else {}
    response = propose(client_of(people.admin), people.admin, role, **entity)
    assert response.status_code == 200
    assert response.context["form"].non_field_errors()
    assert Membership.objects.count() == before
    assert codes() == []


def test_a_second_administrator_is_not_made_by_one_person(client_of, people, newcomer):
    propose(client_of(people.admin), newcomer, "admin")
    assert scope_of(newcomer).region == frozenset()
    assert Membership.objects.get(person=newcomer).is_pending


def test_nobody_is_given_a_role_that_they_hold_at_that_time(client_of, people, catalogue, newcomer):
    client, held = client_of(people.admin), {"role": "specialist", "entity": catalogue.north.pk}
    first = {**held, "valid_from": "2026-01-01 00:00", "valid_until": "2026-02-01 00:00"}
    assert propose(client, newcomer, **first).status_code == 302
    again = propose(client, newcomer, **{**held, "valid_from": "2026-01-31 00:00"})
    assert (again.status_code, Membership.objects.filter(person=newcomer).count()) == (200, 1)
    assert "في هذا الدور هناك أصلًا" in again.content.decode()
    before = {**held, "valid_from": "2025-12-01 00:00", "valid_until": "2026-01-01 00:00"}
    after = {**held, "valid_from": "2026-02-01 00:00"}
    elsewhere = {**first, "entity": catalogue.water.pk}
    for given in (before, after, elsewhere):
        assert propose(client, newcomer, **given).status_code == 302
    assert Membership.objects.filter(person=newcomer).count() == 4


def test_an_ended_proposal_is_not_confirmed(client_of, people, admin2, newcomer):
    propose(client_of(people.admin), newcomer, valid_until="2026-01-02 00:00")
    membership = Membership.objects.get(person=newcomer)
    refused(client_of(admin2), membership)
    assert membership not in Membership.objects.awaiting_confirmation()


def test_a_confirmed_one_that_ended_is_not_revived_by_one_person(client_of, people, admin2):
    membership = Membership.objects.get(person=people.triage_confidential)
    client = client_of(people.admin)
    address = reverse("memberships:edit", args=[membership.pk])
    assert client.post(address, {"valid_until": "2026-01-02 00:00"}).status_code == 302
    membership.refresh_from_db()
    ended = membership.valid_until
    assert not scope_of(people.triage_confidential).everywhere("view_confidential")
    for later in ("", "2099-01-01 00:00"):
        assert client.post(address, {"valid_until": later}).status_code == 200
        membership.refresh_from_db()
        assert membership.valid_until == ended
    # Sooner is always allowed.
    assert client.post(address, {"valid_until": "2026-01-01 12:00"}).status_code == 302


def test_nobody_lengthens_their_own(client_of, people):
    membership = Membership.objects.get(person=people.admin)
    Membership.objects.filter(pk=membership.pk).update(valid_until=timezone.now() + timedelta(days=3))
    address = reverse("memberships:edit", args=[membership.pk])
    assert client_of(people.admin).post(address, {"valid_until": ""}).status_code == 200
    membership.refresh_from_db()
    assert membership.valid_until is not None


def test_the_rule_is_asked_where_the_thing_happens(people, admin2, newcomer):
    membership = factories.MembershipFactory(
        person=newcomer, role="triage-confidential", confirmed_at=None, proposed_by=people.admin
    )
    Membership.objects.filter(person=admin2).update(valid_until=timezone.now())
    with pytest.raises(grants.Refused):
        grants.confirm(membership, by=admin2)
    membership.refresh_from_db()
    assert membership.confirmed_at is None


def test_no_one_person_takes_over_the_account_of_who_reads_confidential_reports(client_of, people):
    """Otherwise a new password would be worth a membership."""
    for person in (people.triage_confidential, people.grantee):
        client_of(people.admin).post(
            reverse("people:edit", args=[person.pk]),
            {
                "username": person.username,
                "name_ar": person.name_ar,
                "email": "mine@example.org",
                "new_password": "a-long-and-rare-phrase",
                "is_active": "on",
            },
        )
        kept = User.objects.get(pk=person.pk)
        assert kept.check_password(factories.PASSWORD)
        assert kept.email == person.email
    client_of(people.admin).post(
        reverse("people:edit", args=[people.agent.pk]),
        {"username": "agent", "name_ar": "م", "new_password": "a-long-and-rare-phrase", "is_active": "on"},
    )
    assert User.objects.get(pk=people.agent.pk).check_password("a-long-and-rare-phrase")


def test_people_are_listed_and_chosen_by_name(client_of, people):
    User.objects.filter(pk=people.agent.pk).update(name_ar="أمل الحربي")
    client = client_of(people.admin)
    body = client.get(reverse("memberships:index"), {"q": "أمل"}).content.decode()
    assert "أمل الحربي \u2066(agent)\u2069" in body
    assert "(coordinator)" not in body
    form = client.get(reverse("memberships:add")).context["form"]
    labels = [label for value, label in form.fields["person"].choices if value]
    # Before every «موظف».
    assert labels[0] == "أمل الحربي \u2066(agent)\u2069"
    assert len(labels) == User.objects.filter(is_active=True).count()
