"""What one person can see, and through what; whoever asks learns nothing that they do not see themselves."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cms.entities.models import Membership
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from cms.reports.reach import Standing, reach_of
from cms.reports.sight import sight_of, who_can_see
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client_of):
    def asked(asker, person, reference=""):
        address = reverse("desk:sees")
        return client_of(asker).get(address, {"person": person.username, "reference": reference})

    return asked


def counted(response):
    context = response.context
    return {c.label: c.shown for c in context["by_state"]}, {c.label: c.shown for c in context["by_entity"]}


# --- Who may open it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["supervisor", "auditor", "admin", "triage_confidential"])
def test_who_answers_for_access_opens_it_and_finds_it_in_the_menu(client_of, people, who):
    client = client_of(getattr(people, who))
    assert client.get(reverse("desk:sees")).status_code == 200
    assert reverse("desk:sees") in client.get(reverse("wagtailadmin_home")).content.decode()


@pytest.mark.parametrize("who", ["coordinator", "specialist", "leader", "emirate", "agent", "editor"])
def test_nobody_else_opens_it(client_of, people, who):
    client = client_of(getattr(people, who))
    response = client.get(reverse("desk:sees"), headers={"X-Requested-With": "XMLHttpRequest"})
    assert response.status_code == 403
    assert reverse("desk:sees") not in client.get(reverse("wagtailadmin_home")).content.decode()


# --- Through what ------------------------------------------------------------------------------------------


def test_what_is_shown_is_what_the_policy_counts_with(people, catalogue):
    grantor = people.coordinator3
    factories.MembershipFactory(person=grantor, role="leader", entity=catalogue.water)
    factories.MembershipFactory(person=grantor, role="auditor")
    factories.grant(grantor, "view_confidential", catalogue.municipality)
    for person in [user for name, user in vars(people).items() if name != "by_role"]:
        region, entities = set(), {}
        for source in reach_of(person, at=timezone.now()).in_force:
            for code in source.codenames:
                if source.entity is None:
                    region.add(code)
                else:
                    here = {source.entity.pk, *(one.pk for one in source.below)}
                    entities[code] = entities.get(code, frozenset()) | here
        scope = scope_of(person)
        assert (region, entities) == (scope.region, scope.entities), person


def test_each_standing_is_named_and_only_what_is_in_force_holds(people, catalogue):
    now = timezone.now()
    person = factories.UserFactory()
    day = timedelta(days=1)
    for role, dates in {
        "coordinator": {"valid_from": now + day},
        "leader": {"valid_until": now - day},
        "specialist": {},
    }.items():
        factories.MembershipFactory(person=person, role=role, entity=catalogue.north, **dates)
    Membership.objects.create(person=person, role="triage-confidential", valid_from=now - day)
    factories.grant(person, "view_confidential", catalogue.water, valid_until=now - day)

    reach = reach_of(person, at=now)

    found = {one.row.role: one.standing for one in reach.memberships}
    assert found == {
        "coordinator": Standing.NOT_YET,
        "leader": Standing.ENDED,
        "specialist": Standing.IN_FORCE,
        "triage-confidential": Standing.UNCONFIRMED,
    }
    assert [one.standing for one in reach.grants] == [Standing.ENDED]
    assert [one.row.role for one in reach.in_force] == ["specialist"]


def test_the_page_tells_from_until_and_which_entity_grants_what_to_which(ask, people, catalogue):
    ends = datetime(2031, 5, 2, 9, tzinfo=UTC)
    Membership.objects.filter(person=people.coordinator3).update(valid_until=ends)
    factories.grant(
        people.coordinator3, "view_confidential", catalogue.water, granted_by=people.admin, reason="قرار ٧"
    )
    body = ask(people.auditor, people.coordinator3).content.decode()
    for said in ("منسق الجهة", "أمانة المنطقة", "البلدية الشمالية", "2031", "قرار ٧", people.admin.name):
        assert said in body, said
    assert "يشمل جهة واحدة دونها" in body


def test_it_costs_no_more_when_there_is_more(client_of, people, catalogue, django_assert_max_num_queries):
    for _ in range(12):
        entity = factories.EntityFactory(parent=catalogue.municipality, calendar=catalogue.calendar)
        factories.MembershipFactory(person=people.coordinator3, role="leader", entity=entity)
        factories.submitted_report()
    client = client_of(people.supervisor)
    client.get(reverse("desk:queue"))
    with django_assert_max_num_queries(30):
        client.get(reverse("desk:sees"), {"person": people.coordinator3.username})


# --- How many ----------------------------------------------------------------------------------------------


def test_counts_are_those_of_the_rule_by_state_and_entity(ask, people, report_in):
    for state in ("with_entity", "assigned", "answered"):
        report_in(state)
    report_in("received")
    factories.submitted_report(service="leak", answers={})
    assert counted(ask(people.supervisor, people.coordinator)) == (
        {"لدى الجهة": "1", "مسند": "1", "تم الرد": "1"},
        {"البلدية الشمالية": "3"},
    )
    assert counted(ask(people.supervisor, people.specialist))[1] == {"البلدية الشمالية": "2"}
    assert counted(ask(people.supervisor, people.auditor))[1] == {
        "في الفرز، بلا جهة": "1",
        "البلدية الشمالية": "3",
        "شركة المياه": "1",
    }
    assert counted(ask(people.supervisor, people.editor)) == ({}, {})


def test_confidential_ones_are_counted_for_who_sees_them_alone(ask, people):
    factories.submitted_report(service="abuse", place="town", answers={})
    assert counted(ask(people.supervisor, people.triage_confidential)) == ({}, {})
    assert counted(ask(people.auditor, people.grantee)) == ({}, {})
    assert counted(ask(people.triage_confidential, people.grantee))[1] == {"شركة المياه": "1"}


def test_who_sees_no_report_is_told_no_count_and_asks_about_none(ask, people, report):
    response = ask(people.admin, people.coordinator, report.reference)
    body = response.content.decode()
    assert response.context["by_state"] == []
    assert response.context["asked"] is None
    assert 'name="reference"' not in body
    assert report.reference not in body


# --- One number --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who", ["coordinator", "coordinator2", "coordinator3", "specialist", "auditor", "admin"]
)
def test_the_answer_about_one_number_is_the_rules(ask, people, report_in, who):
    report, person = report_in("assigned"), getattr(people, who)
    asked = ask(people.supervisor, person, report.reference.lower()).context["asked"]
    assert asked.report == report
    assert asked.sight.sees is Report.objects.visible_to(StaffActor(person)).exists()
    assert asked.sight.sees is bool(asked.sight.because)
    assert asked.sight.sees is not bool(asked.sight.in_spite)


def test_it_says_why_not(people, catalogue, report_in):
    now = timezone.now()
    report, triaged = report_in("with_entity"), report_in("received")
    about = factories.submitted_report()
    Report.objects.filter(pk=about.pk).update(about_entity=catalogue.north)
    about.refresh_from_db()
    gone = factories.person("coordinator", catalogue.north, is_active=False)

    def why(person, of):
        return sight_of(person, of, at=now).in_spite

    assert why(people.specialist, report) == ["لا يرى هذا الدور إلا ما أُسند إلى صاحبه."]
    assert why(people.coordinator2, report) == ["لا دور لهذا الشخص يصل إلى جهة البلاغ."]
    assert why(people.coordinator, triaged) == ["البلاغ في الفرز، ولا يراه إلا من يعمل للمنطقة كلها."]
    assert why(people.coordinator, about) == ["البلاغ عن جهة يعمل فيها هذا الشخص."]
    assert why(gone, report) == ["هذا الحساب مغلق."]


def test_a_broken_glass_is_named_among_those_who_see_it(people, catalogue, report):
    person = factories.UserFactory()
    factories.grant(person, "view_reports", catalogue.municipality)
    found = {sight.person: sight for sight in who_can_see(report, at=timezone.now())}
    assert found[person].sees
    assert found[person].because == ["مسمى لبلاغات أمانة المنطقة"]


@pytest.mark.parametrize("typed", ["QS-26-0000000-0", "لاحرف", "QS-26"])
def test_a_hidden_number_answers_as_one_that_is_not_there(ask, people, typed):
    hidden = factories.submitted_report(service="abuse", place="town", answers={})
    missing = ask(people.supervisor, people.grantee, typed)
    found = ask(people.supervisor, people.grantee, hidden.reference)
    assert found.context["asked"].report is None
    assert "لا ترى بلاغًا بهذا الرقم." in found.content.decode()
    said = [
        re.sub(r'TOKEN": "\w+"|value="\w{64}"', "", page.content.decode().replace(number, "…"))
        for page, number in ((found, hidden.reference), (missing, typed))
    ]
    assert said[0] == said[1]


def test_one_reads_it_from_the_report_and_from_the_person(client_of, people, report):
    who = client_of(people.supervisor).get(reverse("desk:who", args=[report.public_id])).content.decode()
    link = f"{reverse('desk:sees')}?person={people.coordinator.username}"
    assert f"{link}&amp;reference={report.reference}" in who
    form = client_of(people.admin).get(reverse("people:edit", args=[people.coordinator.pk])).content.decode()
    assert link in form
