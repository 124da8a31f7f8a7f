"""The sender of a split report hears of it once, and of every part under the number that they know."""

import pytest

from cms.notifications.models import SentMessage
from cms.notifications.subscribers import recording_the_past
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import AccessLink
from tests import factories

from .conftest import riyadh

pytestmark = pytest.mark.usefixtures("texts", "people")


def told(*reports):
    rows = SentMessage.objects.filter(report__in=reports, state="sent").order_by("id")
    return [row.event for row in rows]


def test_one_message_tells_of_all_parts(relayed, people):
    report = factories.submitted_report(at=riyadh("09:00"), language="en")
    parts = factories.split_report(report, people.coordinator, "", "", "", at=riyadh("10:00"))
    relayed(riyadh("10:01"))
    assert told(report, *parts) == ["submit", "split"]
    message = SentMessage.objects.get(event="split")
    begins = f"Your report {report.reference} became 3 reports: "
    assert message.screen_text.startswith(begins)
    assert set(AccessLink.objects.values_list("report_id", flat=True)) == {report.pk}


def test_news_of_a_part_goes_by_the_number_and_the_page_of_the_whole(relayed, people):
    report = factories.submitted_report(at=riyadh("09:00"), language="en")
    part, _other = factories.split_report(report, people.coordinator, at=riyadh("10:00"))
    actions.answer(
        part.pk, actor=StaffActor(people.coordinator), version=part.version, text="أصلح.", at=riyadh("10:30")
    )
    relayed(riyadh("10:31"))
    message = SentMessage.objects.get(event="answer")
    assert report.reference in message.screen_text
    assert part.reference not in message.screen_text
    assert not AccessLink.objects.filter(report=part).exists()


def test_withdrawing_the_whole_is_told_once(relayed, people):
    report = factories.submitted_report(at=riyadh("09:00"))
    parts = factories.split_report(report, people.coordinator, at=riyadh("10:00"))
    actions.withdraw(report.pk, actor=factories.as_sender(report), at=riyadh("10:30"))
    relayed(riyadh("10:31"))
    assert told(report, *parts).count("withdraw") == 1


def test_a_part_that_ends_by_the_clock_says_nothing_once_the_whole_is_closed(relayed, people):
    """The sender knows one number, and closed it."""
    report = factories.submitted_report(at=riyadh("09:00", day=1))
    part, other = factories.split_report(report, people.coordinator, at=riyadh("10:00", day=1))
    staff = StaffActor(people.coordinator)
    for each in (part, other):
        actions.answer(each.pk, actor=staff, version=each.version, text="أصلح.", at=riyadh("10:30", day=1))
    actions.auto_close(part.pk, at=riyadh("10:31", day=20))
    report.refresh_from_db()
    actions.answer(
        report.pk, actor=staff, version=report.version, text="أصلح كله.", at=riyadh("10:40", day=20)
    )
    actions.accept(report.pk, actor=factories.as_sender(report), score=5, at=riyadh("10:50", day=20))
    actions.auto_close(other.pk, at=riyadh("11:00", day=20))
    relayed(riyadh("11:01", day=20))
    assert told(part).count("auto_close") == 1
    assert "auto_close" not in told(other)
    other.refresh_from_db()
    assert other.state == "closed"


def test_what_the_night_still_holds_back_is_no_past(people):
    with recording_the_past(until=riyadh("23:30")):
        report = factories.submitted_report(at=riyadh("09:00"), language="en")
        actions.update_sender(
            report.pk,
            actor=StaffActor(people.coordinator),
            version=report.version,
            text="نعمل عليه.",
            at=riyadh("23:00"),
        )
    assert told(report) == ["submit"]


def test_of_a_confidential_one_nothing_is_told(relayed, people):
    report = factories.submitted_report(service="abuse", place="town", answers={}, at=riyadh("09:00"))
    parts = factories.split_report(report, people.triage_confidential, "water", "water", at=riyadh("10:00"))
    relayed(riyadh("10:01"))
    assert told(report, *parts) == []


def test_a_loaded_history_records_it(people):
    with recording_the_past():
        report = factories.submitted_report(at=riyadh("09:00"), language="en")
        parts = factories.split_report(report, people.coordinator, at=riyadh("10:00"))
    assert told(report, *parts) == ["submit", "split"]
    assert f"{report.reference} became 2 reports" in SentMessage.objects.get(event="split").text
