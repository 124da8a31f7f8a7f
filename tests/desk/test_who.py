"""The screen that says who can see a report is for who oversees access, and for reports they see."""

import pytest
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


def page(report):
    return reverse("desk:who", args=[report.public_id])


@pytest.mark.parametrize("who", ["supervisor", "auditor"])
def test_who_oversees_access_reads_it(client_of, people, report_in, who):
    report = report_in("assigned")
    client = client_of(getattr(people, who))
    response = client.get(page(report))
    assert response.status_code == 200
    names = [sight.person for sight in response.context["seeing"]]
    assert people.coordinator in names
    assert people.coordinator2 not in names
    assert page(report) in client.get(reverse("desk:report", args=[report.public_id])).content.decode()


@pytest.mark.parametrize("who", ["coordinator", "specialist", "leader", "coordinator2", "admin", "editor"])
def test_for_others_there_is_no_such_page(client_of, people, report_in, who):
    report = report_in("assigned")
    assert client_of(getattr(people, who)).get(page(report)).status_code in (404, 302)


def test_a_confidential_report_stays_unseen(client_of, people):
    report = factories.submitted_report(service="abuse", place="town", answers={})
    assert client_of(people.supervisor).get(page(report)).status_code == 404
    assert client_of(people.triage_confidential).get(page(report)).status_code == 200
