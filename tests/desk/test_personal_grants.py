"""Naming a person for an entity beside their role: given with a reason, ended at once, both in the trail."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from cms.desk.viewsets.proposed import standing
from cms.entities.models import EntityUserObjectPermission, Membership
from cms.reports.confidential import grantees
from cms.reports.reach import Standing, reach_of
from permissions.models import AuditEvent
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def permission(people):
    from django.contrib.auth.models import Permission

    return Permission.objects.get(content_type__app_label="entities", codename="submit_on_behalf")


@pytest.fixture
def give(client_of, people, catalogue, permission):
    """`give(to, at=…)` by the administrator."""

    def given(person, at=None, by=None, **more):
        data = {
            "user": person.pk,
            "permission": permission.pk,
            "content_object": (at or catalogue.north).pk,
            "reason": "قرار ١٢",
            "valid_from": "2026-01-01 00:00",
            **more,
        }
        return client_of(by or people.admin).post(reverse("grants:add"), data)

    return given


def held():
    return EntityUserObjectPermission.objects.filter(permission__codename="submit_on_behalf")


def codes():
    rows = AuditEvent.objects.filter(code__startswith="grant_").order_by("id")
    return list(rows.values_list("code", flat=True))


def may_send(person, entity):
    return entity.pk in scope_of(person).at("submit_on_behalf")


def test_a_specialist_named_for_it_sends_from_the_next_request_on_and_is_audited(
    client_of, people, catalogue, give
):
    specialist = client_of(people.specialist)
    assert specialist.get(reverse("desk:letter")).status_code == 302
    assert give(people.specialist).status_code == 302
    row = held().get()
    assert (row.user, row.content_object) == (people.specialist, catalogue.north)
    assert (row.granted_by, row.reason, row.valid_until) == (people.admin, "قرار ١٢", None)
    assert specialist.get(reverse("desk:letter")).status_code == 200
    assert not may_send(people.specialist, catalogue.municipality)
    [event] = AuditEvent.objects.filter(code="grant_given")
    assert (event.actor, event.subject) == (people.admin, f"entityuserobjectpermission:{row.pk}")
    assert event.data["changes"]["reason"] == ["", "قرار ١٢"]
    assert "submit" not in str(event.data)
    trail = client_of(people.auditor).get(reverse("audit:index")).content.decode()
    assert "سمّى شخصًا لجهة" in trail
    assert "قرار ١٢" in trail


def test_it_is_ended_by_one_press_and_holds_no_longer(client_of, people, catalogue, give):
    give(people.specialist)
    address = reverse("grants:edit", args=[held().get().pk])
    assert client_of(people.admin).post(address, {"now": "1"}).status_code == 302
    row = held().get()
    assert row.is_ended
    assert not may_send(people.specialist, catalogue.north)
    assert client_of(people.specialist).get(reverse("desk:letter")).status_code == 302
    assert codes() == ["grant_given", "grant_ended"]
    with translation.override("en"):
        assert standing(row, "grants:confirm") == "Ended"


def test_from_and_until_are_kept_to(people, catalogue, give):
    now = timezone.localtime()
    begins, ends = now + timedelta(days=1), now + timedelta(days=3)
    give(people.specialist, valid_from=f"{begins:%Y-%m-%d %H:%M}", valid_until=f"{ends:%Y-%m-%d %H:%M}")
    person, north = people.specialist, catalogue.north.pk
    for days, holds in ((0, False), (2, True), (4, False)):
        scope = scope_of(person, at=now + timedelta(days=days))
        assert (north in scope.at("submit_on_behalf")) is holds


def test_named_above_it_reaches_the_entities_below(people, catalogue, give):
    person = factories.person("specialist", catalogue.municipality, username="above")
    give(person, at=catalogue.municipality)
    assert may_send(person, catalogue.north)
    assert not may_send(person, catalogue.water)


@pytest.mark.parametrize("login", ["supervisor", "coordinator", "leader", "auditor", "triage_confidential"])
def test_who_keeps_no_people_gives_and_ends_nothing(client_of, people, give, login):
    give(people.specialist)
    row, before = held().get(), codes()
    assert give(people.specialist_b, by=getattr(people, login)).status_code == 302
    address = reverse("grants:edit", args=[row.pk])
    assert client_of(getattr(people, login)).post(address, {"now": "1"}).status_code == 302
    assert held().get() == row
    assert not held().get().is_ended
    assert codes() == before


def refused(response):
    assert response.status_code == 200
    [said] = response.context["form"].non_field_errors()
    return said


def test_what_is_refused_says_why_and_writes_nothing(people, catalogue, give):
    factories.MembershipFactory(person=people.admin, role="specialist", entity=catalogue.north)
    assert refused(give(people.admin)) == "لا يعطي أحد نفسه صلاحية. اطلب من مسؤول آخر."
    assert refused(give(people.specialist2)) == "لا يُسمّى للجهة إلا من يعمل فيها أو في جهة فوقها."
    assert refused(give(people.coordinator)) == "لهذا الشخص ذلك هناك من قبل، بدوره."
    ended = factories.person("specialist", catalogue.north, username="left")
    Membership.objects.filter(person=ended).update(valid_until=timezone.now())
    assert refused(give(ended)) == "لا يُسمّى للجهة إلا من يعمل فيها أو في جهة فوقها."
    assert give(people.specialist, reason="").context["form"].errors.keys() == {"reason"}
    late = give(people.specialist, valid_until="2025-12-31 00:00")
    assert late.context["form"].errors.keys() == {"valid_until"}
    assert not held().exists()
    assert codes() == []


@pytest.fixture
def admin2(people):
    return factories.person("admin", username="admin2", name_ar="ماجد العمري")


@pytest.fixture
def propose(give):
    """`propose(to, "view_confidential")` by the administrator."""

    def proposed(person, codename="view_confidential", **more):
        from django.contrib.auth.models import Permission

        chosen = Permission.objects.get(content_type__app_label="entities", codename=codename)
        return give(person, permission=chosen.pk, **more)

    return proposed


def proposed_to(person):
    return EntityUserObjectPermission.objects.get(user=person)


def confirmed(client, grant):
    client.post(reverse("grants:confirm", args=[grant.pk]))
    grant.refresh_from_db()
    return grant.confirmed_by


def test_who_reads_confidential_reports_is_named_by_two(client_of, people, catalogue, propose, admin2):
    assert propose(people.specialist).status_code == 302
    grant = proposed_to(people.specialist)
    assert (grant.granted_by, grant.confirmed_at) == (people.admin, None)
    assert not scope_of(people.specialist).has("view_confidential", catalogue.north.pk)
    assert grantees(catalogue.north) == set()
    assert grant in EntityUserObjectPermission.objects.awaiting_confirmation()
    assert reach_of(people.specialist, at=timezone.now()).grants[0].standing is Standing.UNCONFIRMED
    home = client_of(admin2).get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("grants:confirm", args=[grant.pk]) in home
    confirm = reverse("grants:confirm", args=[grant.pk])
    assert confirm in client_of(admin2).get(reverse("grants:edit", args=[grant.pk])).content.decode()
    assert "قرار ١٢" in client_of(admin2).get(confirm).content.decode()

    assert confirmed(client_of(admin2), grant) == admin2

    assert scope_of(people.specialist).has("view_confidential", catalogue.north.pk)
    assert grantees(catalogue.north) == {people.specialist.pk}
    # A moment before, it did not hold.
    before = scope_of(people.specialist, at=grant.confirmed_at - timedelta(seconds=1))
    assert not before.has("view_confidential", catalogue.north.pk)
    assert codes() == ["grant_proposed", "grant_confirmed"]
    event = AuditEvent.objects.get(code="grant_confirmed")
    assert (event.actor, event.data["proposed_by"]) == (admin2, people.admin.pk)


@pytest.mark.parametrize("who", ["admin", "supervisor", "auditor", "coordinator", "triage_confidential"])
def test_neither_who_proposed_it_nor_who_keeps_no_people_confirms(client_of, people, propose, who):
    propose(people.specialist)
    assert confirmed(client_of(getattr(people, who)), proposed_to(people.specialist)) is None
    assert codes() == ["grant_proposed"]


def test_nobody_confirms_their_own_and_nothing_that_ended(client_of, people, catalogue, propose, admin2):
    factories.MembershipFactory(person=admin2, role="specialist", entity=catalogue.north)
    propose(admin2)
    assert confirmed(client_of(admin2), proposed_to(admin2)) is None
    propose(people.specialist)
    EntityUserObjectPermission.objects.filter(user=people.specialist).update(valid_until=timezone.now())
    assert confirmed(client_of(admin2), proposed_to(people.specialist)) is None
    assert codes() == ["grant_proposed", "grant_proposed"]


def test_what_two_gave_and_ended_is_confirmed_anew(client_of, people, catalogue, propose, admin2):
    propose(people.specialist)
    grant = proposed_to(people.specialist)
    confirmed(client_of(admin2), grant)
    address = reverse("grants:edit", args=[grant.pk])
    client_of(people.admin).post(address, {"now": "1"})
    assert not scope_of(people.specialist).has("view_confidential", catalogue.north.pk)
    propose(people.specialist)
    grant.refresh_from_db()
    assert (grant.confirmed_by, grant.confirmed_at, grant.valid_until) == (None, None, None)
    assert not scope_of(people.specialist).has("view_confidential", catalogue.north.pk)


def test_one_person_moves_its_end_sooner_and_never_later(client_of, people, catalogue):
    ends = timezone.now() + timedelta(days=30)
    EntityUserObjectPermission.objects.filter(user=people.grantee).update(valid_until=ends)
    address = reverse("grants:edit", args=[proposed_to(people.grantee).pk])
    client = client_of(people.admin)
    for later in ("", "2091-01-01 00:00"):
        assert client.post(address, {"valid_until": later}).status_code == 200
        assert proposed_to(people.grantee).valid_until == ends
    assert client.post(address, {"now": "1"}).status_code == 302
    assert proposed_to(people.grantee).is_ended


def test_breaking_the_glass_has_an_end_and_lets_who_serves_elsewhere_see(
    client_of, people, catalogue, propose, admin2, report
):
    assert propose(people.agent, "view_reports").context["form"].errors.keys() == {"valid_until"}
    ends = timezone.localtime() + timedelta(days=1)
    assert propose(people.agent, "view_reports", valid_until=f"{ends:%Y-%m-%d %H:%M}").status_code == 302
    page = reverse("desk:report", args=[report.public_id])
    assert client_of(people.agent).get(page).status_code != 200
    confirmed(client_of(admin2), proposed_to(people.agent))
    assert client_of(people.agent).get(page).status_code == 200
    assert scope_of(people.agent, at=ends + timedelta(minutes=1)).at("view_reports") == frozenset()


def test_what_is_of_no_single_person_is_not_offered(people, propose):
    for codename in ("triage_reports", "erase_reports", "grant_access"):
        response = propose(people.specialist, codename)
        assert response.context["form"].errors.keys() == {"permission"}
    assert codes() == []


def test_one_that_ended_is_given_anew_and_a_present_one_is_not_given_twice(people, catalogue, give):
    give(people.specialist)
    assert refused(give(people.specialist)) == "هذا الشخص مسمى لذلك من قبل: غيّر تلك الصلاحية."
    held().update(valid_until=timezone.now())
    assert give(people.specialist, reason="قرار ١٣").status_code == 302
    row = held().get()
    assert (row.reason, row.valid_until) == ("قرار ١٣", None)
    assert may_send(people.specialist, catalogue.north)
    assert codes() == ["grant_given", "grant_given"]


def test_an_end_is_moved_sooner_by_anybody_and_later_not_by_oneself(client_of, people, catalogue, give):
    admin2 = factories.person("admin", username="admin2")
    factories.MembershipFactory(person=people.admin, role="specialist", entity=catalogue.north)
    give(people.admin, by=admin2, valid_until="2090-01-01 00:00")
    row = held().get()
    address = reverse("grants:edit", args=[row.pk])
    for later in ("", "2091-01-01 00:00"):
        assert client_of(people.admin).post(address, {"valid_until": later}).status_code == 200
        assert held().get().valid_until == row.valid_until
    assert client_of(admin2).post(address, {"valid_until": "2091-01-01 00:00"}).status_code == 302
    assert client_of(people.admin).post(address, {"valid_until": "2089-01-01 00:00"}).status_code == 302
    assert held().get().valid_until == datetime(2089, 1, 1, tzinfo=timezone.get_default_timezone())
    assert codes() == ["grant_given", "grant_changed", "grant_changed"]


def test_an_ended_one_is_not_revived_by_its_end(client_of, people, give):
    give(people.specialist)
    held().update(valid_until=timezone.now())
    address = reverse("grants:edit", args=[held().get().pk])
    assert client_of(people.admin).post(address, {"valid_until": ""}).status_code == 200
    assert held().get().is_ended


def test_who_and_where_cannot_be_changed_afterwards(client_of, people, catalogue, give):
    give(people.specialist)
    row = held().get()
    data = {"user": people.specialist_b.pk, "content_object": catalogue.water.pk, "valid_until": ""}
    client_of(people.admin).post(reverse("grants:edit", args=[row.pk]), data)
    row.refresh_from_db()
    assert (row.user, row.content_object) == (people.specialist, catalogue.north)


def test_people_are_searched_by_both_names_and_their_account(client_of, people, catalogue):
    page = client_of(people.admin).get(reverse("grants:add")).content.decode()
    person = people.specialist
    assert f'data-find="{person.name_ar} {person.name_en} specialist"' in page
    assert "js/places" in page
    assert 'data-hint="اكتب اسمًا، أو افتح القائمة"' in page


def test_it_stands_in_who_sees_what(client_of, people, give):
    give(people.specialist)
    page = client_of(people.admin).get(reverse("desk:sees"), {"person": people.specialist.username})
    body = page.content.decode()
    assert "قرار ١٢" in body
    assert people.admin.name in body


def test_ending_a_membership_tells_of_what_was_given_by_name(client_of, people, give):
    give(people.specialist)
    membership = Membership.objects.get(person=people.specialist)
    client = client_of(people.admin)
    body = client.post(
        reverse("memberships:edit", args=[membership.pk]), {"valid_until": "2026-01-02 00:00"}, follow=True
    ).content.decode()
    assert f"{reverse('grants:index')}?q=specialist" in body
    other = Membership.objects.get(person=people.specialist_b)
    body = client.post(
        reverse("memberships:edit", args=[other.pk]), {"valid_until": "2026-01-02 00:00"}, follow=True
    ).content.decode()
    assert f"{reverse('grants:index')}?q=" not in body


def test_who_is_named_for_confidential_reports_is_told_of_too(client_of, people):
    membership = Membership.objects.get(person=people.grantee)
    body = (
        client_of(people.admin)
        .post(
            reverse("memberships:edit", args=[membership.pk]),
            {"valid_until": "2026-01-02 00:00"},
            follow=True,
        )
        .content.decode()
    )
    assert f"{reverse('grants:index')}?q=grantee" in body
