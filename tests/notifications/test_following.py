"""Who follows somebody else's report is told that it was answered and that it ended, and nothing of it."""

from __future__ import annotations

import pytest

from cms.notifications.models import SentMessage
from cms.outbox.models import Effect
from cms.reports import actions, following
from cms.reports.actors import StaffActor
from cms.reports.models import Follower, Report
from tests import factories

from .conftest import riyadh

pytestmark = pytest.mark.usefixtures("texts", "people")


@pytest.fixture
def followed(people, report_in):
    """(report in work, who follows it in English)."""
    report = report_in("in_progress", at=riyadh("09:00"))
    sender = factories.SenderFactory()
    following.follow(report.public_id, sender=sender, language="en", at=riyadh("09:10"))
    return report, sender


def answered(report, people, at):
    return actions.answer(
        report.pk,
        actor=StaffActor(people.coordinator),
        version=Report.objects.get(pk=report.pk).version,
        text="أصلح.",
        at=at,
    )


def told(sender):
    return list(SentMessage.objects.filter(to=sender.phone, state="sent").order_by("id"))


def test_the_public_steps_are_told_without_the_report(relayed, people, followed):
    report, sender = followed
    answered(report, people, riyadh("10:00"))
    relayed(riyadh("10:01"))
    actions.accept(report.pk, actor=factories.as_sender(report), at=riyadh("11:00"))
    relayed(riyadh("11:01"))
    assert [row.event for row in told(sender)] == ["followed_answered", "followed_ended"]
    first = told(sender)[0]
    assert first.report_id is None
    assert report.reference not in first.screen_text
    assert first.screen_text.startswith("Sawt: a report you follow was answered http")
    assert first.screen_text.endswith("/en/my/")


def test_who_follows_a_member_hears_of_the_primary_once(relayed, people, report_in, followed):
    report, sender = followed
    primary = report_in("in_progress", at=riyadh("09:20"))
    following.follow(primary.public_id, sender=sender, language="en", at=riyadh("09:30"))
    actions.merge(
        report.pk,
        actor=StaffActor(people.coordinator),
        version=report.version,
        primary=primary.reference,
        at=riyadh("09:40"),
    )
    answered(primary, people, riyadh("10:00"))
    relayed(riyadh("10:01"))
    assert [row.event for row in told(sender)] == ["followed_answered"]


@pytest.mark.parametrize("change", ["left", "confidential", "reopened", "retired"])
def test_what_came_in_between_is_not_told(relayed, people, followed, change):
    report, sender = followed
    answered(report, people, riyadh("10:00"))
    if change == "left":
        Follower.objects.all().delete()
    elif change == "confidential":
        Report.objects.filter(pk=report.pk).update(privacy="confidential")
    elif change == "reopened":
        actions.reopen(
            report.pk, actor=factories.as_sender(report), reason_code="", text="لم يُصلح.", at=riyadh("10:00")
        )
    else:
        type(sender).objects.filter(pk=sender.pk).update(phone_verified_at=None)
    relayed(riyadh("10:01"))
    assert told(sender) == []
    assert Effect.objects.get(kind="follower_sms").state == "cancelled"


def test_the_night_is_waited_for(relayed, people, followed):
    report, sender = followed
    answered(report, people, riyadh("23:00"))
    relayed(riyadh("23:01"))
    assert told(sender) == []
    relayed(riyadh("08:01", 23))
    assert [row.event for row in told(sender)] == ["followed_answered"]


def test_a_report_that_nobody_follows_costs_no_row(people, report_in):
    answered(report_in("in_progress", at=riyadh("09:00")), people, riyadh("10:00"))
    assert not Effect.objects.filter(kind="follower_sms").exists()
