"""A sender's identity: masked, shown for a reason, and never without an audit event."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from cms.reports.models import Report
from permissions.models import AuditEvent
from tests import factories

pytestmark = pytest.mark.django_db

NAME, PHONE = "نورة الشمري", "+966500000777"


@pytest.fixture
def named(people):
    factories.ReasonFactory(used_for="reveal", code="field_visit", label_ar="زيارة ميدانية")
    factories.ReasonFactory(used_for="reveal", code="contact_failed", needs_text=True)
    return factories.submitted_report(sender=factories.SenderFactory(name=NAME, phone=PHONE))


def page(report):
    return reverse("desk:report", args=[report.public_id])


def door(report):
    return reverse("desk:reveal", args=[report.public_id])


def shows(client, report):
    html = client.get(page(report)).content.decode()
    return NAME in html and PHONE in html


def test_it_is_masked_until_a_reason_is_given_and_again_after_ten_minutes(client_of, people, named):
    client = client_of(people.coordinator)
    assert not shows(client, named)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert client.post(door(named), {"reason": "field_visit"}).status_code == 302
        assert shows(client, named)
        clock.shift(timedelta(minutes=10, seconds=1))
        assert not shows(client, named)
    event = AuditEvent.objects.get(code="sender_revealed")
    assert (event.actor, event.subject) == (people.coordinator, f"report:{named.pk}")
    assert event.data == {"reason": "field_visit", "text": ""}


def test_it_is_shown_for_that_report_alone(client_of, people, named):
    other = factories.submitted_report(sender=named.sender)
    client = client_of(people.coordinator)
    client.post(door(named), {"reason": "field_visit"})
    assert shows(client, named)
    assert not shows(client, other)


@pytest.mark.parametrize("given", [{}, {"reason": "curiosity"}, {"reason": "contact_failed", "text": " "}])
def test_without_a_good_reason_nothing_is_shown(client_of, people, named, given):
    client = client_of(people.coordinator)
    client.post(door(named), given)
    assert not shows(client, named)
    assert not AuditEvent.objects.filter(code="sender_revealed").exists()


@pytest.mark.parametrize("who", ["leader", "auditor", "emirate"])
def test_who_may_not_see_senders_is_offered_nothing_and_refused(client_of, people, named, who):
    client = client_of(getattr(people, who))
    assert door(named) not in client.get(page(named)).content.decode()
    client.post(door(named), {"reason": "field_visit"})
    assert not shows(client, named)
    assert not AuditEvent.objects.filter(code="sender_revealed").exists()


def test_for_who_does_not_see_the_report_there_is_no_door(client_of, people, named):
    assert client_of(people.coordinator2).post(door(named), {"reason": "field_visit"}).status_code == 404


def test_an_anonymous_report_has_nobody_to_show(client_of, people):
    factories.ReasonFactory(used_for="reveal", code="field_visit")
    report = factories.submitted_report(service="thanks", place="town", answers={}, anonymous=True)
    client = client_of(people.coordinator3)
    assert door(report) not in client.get(page(report)).content.decode()
    client.post(door(report), {"reason": "field_visit"})
    assert not AuditEvent.objects.filter(code="sender_revealed").exists()
    assert Report.objects.get(pk=report.pk).sender is None
