"""What a sender thought of the answer, as the desk reads it."""

import pytest
from django.urls import reverse

from cms.reports import actions
from tests import factories

pytestmark = pytest.mark.django_db


def page(report):
    return reverse("desk:report", args=[report.public_id])


def test_a_closed_reports_facts_show_the_rating(client_of, people, report_in):
    report = report_in("closed")
    before = client_of(people.coordinator).get(page(report)).content.decode()
    actions.rate(report.pk, actor=factories.as_sender(report), score=4, comment="شكرًا لكم")
    after = client_of(people.coordinator).get(page(report)).content.decode()
    assert "<dt>التقييم</dt>" not in before
    assert '<dt>التقييم</dt><dd>4 من 5 <small dir="auto">شكرًا لكم</small></dd>' in after


@pytest.mark.parametrize("comment", ["", "شكرًا لكم"])
def test_the_conversation_shows_the_score(client_of, people, report_in, comment):
    report = report_in("closed")
    actions.rate(report.pk, actor=factories.as_sender(report), score=4, comment=comment)
    said = client_of(people.coordinator).get(page(report)).context["conversation"]
    [rated] = [one for one in said if one.label.endswith(": 4 من 5")]
    assert (rated.ours, rated.text) == (False, comment)
