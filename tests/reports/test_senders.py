"""Signing in with a number: whose reports it opens."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cms.reports import actions, senders
from cms.reports.actors import SenderActor
from cms.reports.models import Report, Sender
from tests import factories

pytestmark = pytest.mark.django_db
PHONE = "+966500000777"


def mine(sender: Sender) -> list[int]:
    return list(
        Report.objects.visible_to(SenderActor(sender_id=sender.pk))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def test_a_report_with_an_unverified_number_joins_its_owner_who_gives_the_code(people: Any) -> None:
    report = factories.submitted_report(contact=actions.Contact(name="سارة", phone="0500000777"))
    assert report.sender.phone_verified_at is None

    sender = senders.sign_in(PHONE, language="ar")

    assert mine(sender) == [report.pk]
    assert (sender.name, senders.sign_in(PHONE, language="ar").pk) == ("سارة", sender.pk)


def test_a_number_not_seen_for_half_a_year_opens_nothing_of_before(people: Any) -> None:
    now = timezone.now()
    first = senders.sign_in(PHONE, language="ar", at=now - timedelta(days=200))
    factories.submitted_report(sender=first, at=now - timedelta(days=200))
    token, _ = senders.issue_token(first, at=now)

    second = senders.sign_in(PHONE, language="ar", at=now)

    assert second.pk != first.pk
    assert mine(second) == []
    assert senders.sender_of_token(token, at=now) is None


def test_confidential_reports_are_not_listed(people: Any) -> None:
    sender = senders.sign_in(PHONE, language="ar")
    factories.submitted_report(service="abuse", answers={}, sender=sender)
    assert mine(sender) == []


def test_a_token_ends_when_it_is_revoked_or_expires(people: Any) -> None:
    sender = senders.sign_in(PHONE, language="ar")
    token, expires = senders.issue_token(sender)
    assert senders.sender_of_token(token) == sender
    assert senders.sender_of_token(token, at=expires) is None
    senders.revoke_token(token)
    assert senders.sender_of_token(token) is None
