"""The agent × what they entered: every role, every action, every state, every page of the desk.

Given a report that an agent entered, then the agent alone finds its number and its sender's state, in the
list of what they entered and nowhere else: no page, no action and no address opens it for them; and neither
another agent nor any other role finds it there.
"""

import uuid
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from cms.desk import urls as desk_urls
from cms.reports import actions
from cms.reports.actions.acting import acting
from cms.reports.actors import StaffActor
from cms.reports.entered import earlier_of, entered_by
from cms.reports.errors import Code, DomainError
from cms.reports.models import Report
from cms.reports.policies import available_actions
from cms.reports.workflow import ALL, TRANSITIONS
from permissions.policy import scope_of
from permissions.roles import ROLES
from tests import factories

pytestmark = pytest.mark.django_db

STATES = sorted(ALL)
# The agent's own; every other address of the desk is closed to them.
OWN = {"centre", "centre_done", "centre_entered"}
OWN |= {"inbox", "inbox_count", "inbox_read", "inbox_choices", "live"}


def entered(user: Any, **kwargs: Any) -> Report:
    given = factories.submission(
        client=f"centre:{user.pk}",
        channel="phone",
        sender_id=factories.SenderFactory(name="سارة").pk,
        **kwargs,
    )
    return actions.submit(given, actor=StaffActor(user)).report


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_takes_reports_submits_for_others_and_nobody_else(role: str, people: Any) -> None:
    user = people.by_role[role]
    if "take_reports" in ROLES[role].codenames:
        assert entered(user).entered_by == user
        return
    with pytest.raises(DomainError) as refused:
        entered(user)
    assert refused.value.code is Code.DENIED
    assert Report.objects.count() == 0


@pytest.mark.parametrize("state", STATES)
def test_the_agent_finds_it_in_the_list_and_nowhere_else(state: str, people: Any, report_in: Any) -> None:
    report = report_in(state, report=entered(people.agent))
    other = factories.person("agent", username="agent2")
    for role, user in [*people.by_role.items(), ("another agent", other)]:
        listed = entered_by(scope_of(user)).filter(pk=report.pk).exists()
        assert listed is (user == people.agent), role
    assert not Report.objects.visible_to(StaffActor(people.agent)).exists()
    events = report.events.count()
    for action in sorted(set(TRANSITIONS) - {"submit"}):
        # The frame that every action begins with.
        begun = acting(report.pk, action, actor=StaffActor(people.agent), at=None, version=report.version)
        with pytest.raises(DomainError) as refused, transaction.atomic(), begun:
            raise AssertionError(f"{action} was let in")
        assert refused.value.code is Code.NOT_FOUND, action
    assert Report.objects.get(pk=report.pk).events.count() == events
    assert available_actions(StaffActor(people.agent), report) == []


def test_nobody_lists_what_somebody_of_another_role_entered_before(people: Any) -> None:
    """The rule asks for the codename each time, and for the person, and never for a role's name."""
    report = entered(people.agent)
    Report.objects.filter(pk=report.pk).update(entered_by=people.coordinator)
    assert not entered_by(scope_of(people.coordinator)).exists()
    assert not entered_by(scope_of(people.agent)).exists()


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_callers_earlier_reports_are_for_who_takes_reports(role: str, people: Any, sender: Any) -> None:
    normal = factories.submitted_report(sender=sender)
    factories.submitted_report(sender=sender, service="abuse", answers={})
    factories.submitted_report()
    expected = [normal] if "take_reports" in ROLES[role].codenames else []
    assert list(earlier_of(sender, scope_of(people.by_role[role]))) == expected


def addresses(report: Report) -> dict[str, str]:
    """Every address of the desk, from the configuration: name → address, this report's where it names one."""
    values = {"public_id": report.public_id, "action": "note", "reference": report.reference}
    values |= {
        "pk": 1,
        "handover": 1,
        "postponement": 1,
        "ladder": 1,
        "workbook": "places",
        "token": "none",
        "webhook": 1,
    }
    found: dict[str, str] = {}

    def walk(patterns: list[Any]) -> None:
        for one in patterns:
            if isinstance(one, URLResolver):
                walk(one.url_patterns)
            elif isinstance(one, URLPattern):
                wanted = one.pattern.regex.groupindex
                unknown = [name for name in wanted if name not in values]
                assert not unknown, f"{one.name}: say here what {unknown} is"
                found[str(one.name)] = reverse(f"desk:{one.name}", kwargs={n: values[n] for n in wanted})

    walk(desk_urls.urlpatterns)
    return found


def test_a_stolen_session_of_an_agent_opens_no_other_page(people: Any, client_of_agent: Client) -> None:
    report = entered(people.agent)
    checked = set()
    for name, address in addresses(report).items():
        if name in OWN:
            continue
        checked.add(name)
        for method in (client_of_agent.get, client_of_agent.post):
            response = method(address, headers={"X-Requested-With": "XMLHttpRequest"})
            assert response.status_code in (403, 404, 405), (name, response.status_code)
            body = response.content.decode()
            assert report.reference not in body
            assert "سارة" not in body
    assert {"queue", "report", "act", "reveal", "who", "bulk", "fresh"} <= checked
    assert report.events.count() == 1


def test_a_report_that_is_not_there_answers_as_one_that_they_entered(
    people: Any, client_of_agent: Client
) -> None:
    report = entered(people.agent)
    found = client_of_agent.get(reverse("desk:report", args=[report.public_id]))
    missing = client_of_agent.get(reverse("desk:report", args=[uuid.uuid4()]))
    assert (found.status_code, missing.status_code) == (404, 404)


@pytest.fixture
def client_of_agent(people: Any) -> Client:
    client = Client()
    client.force_login(people.agent, backend="django.contrib.auth.backends.ModelBackend")
    return client
