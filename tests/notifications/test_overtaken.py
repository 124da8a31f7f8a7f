"""A message that was held through the night, and that a later event of the same report has made untrue."""

import pytest
from django.urls import reverse
from django.utils import translation

from cms.notifications.models import SentMessage
from cms.notifications.subscribers import MADE_UNTRUE_BY, TO_SENDER
from cms.outbox.models import Effect
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.workflow import TRANSITIONS
from tests import factories

from .conftest import riyadh

pytestmark = pytest.mark.usefixtures("texts", "people")
NIGHT, MORNING = riyadh("22:30"), riyadh("08:00", day=23)


@pytest.fixture
def answered(report_in, people, relayed):
    """A report whose answer was given at night; its message is held until the morning."""
    report = report_in("in_progress", at=riyadh("15:00"))
    relayed(riyadh("15:00"))
    SentMessage.objects.all().delete()
    report = actions.answer(
        report.pk,
        actor=StaffActor(people.coordinator),
        text="أصلحنا العمود اليوم.",
        version=report.version,
        at=NIGHT,
    )
    relayed(NIGHT)
    assert list(SentMessage.objects.values_list("event", "state")) == [("answer", "held")]
    return report


def messages():
    return {row.event: row for row in SentMessage.objects.all()}


def test_a_held_answer_is_not_sent_after_its_report_was_reopened(answered, relayed):
    # given the sender who read the answer on the site and reopened the report, which they are told at once
    actions.reopen(answered.pk, actor=factories.as_sender(answered), text="ما زال مطفأ.", at=riyadh("22:40"))
    relayed(riyadh("22:40"))
    assert messages()["reopen"].state == "sent"

    # when the morning comes
    relayed(MORNING)

    # then the old answer stays unsent, and the outbox says why
    row = messages()["answer"]
    assert (row.state, row.error, row.sent_at, row.held_until, row.screen_text) == (
        "obsolete",
        "reopen",
        None,
        None,
        "",
    )
    with translation.override("ar"):
        assert row.reason == "لم تُرسل: جاءت بعدها خطوة «إعادة فتح البلاغ»."
    with translation.override("en"):
        assert row.reason == "Not sent: “Reopen” came in between."
    assert not Effect.objects.filter(line="", state="pending").exists()


def test_nor_after_it_was_accepted(answered, relayed):
    actions.accept(answered.pk, actor=factories.as_sender(answered), at=riyadh("22:40"))
    relayed(MORNING)
    assert (messages()["answer"].state, messages()["answer"].error) == ("obsolete", "accept")


def test_an_answer_that_still_holds_is_sent_in_the_morning(answered, relayed):
    relayed(MORNING)
    row = messages()["answer"]
    assert (row.state, row.sent_at, row.reason) == ("sent", MORNING, "")


def test_what_came_later_and_leaves_it_true_stops_nothing(answered, relayed):
    actions.rate(answered.pk, actor=factories.as_sender(answered), score=5, at=riyadh("22:40"))
    relayed(MORNING)
    assert messages()["answer"].state == "sent"


def test_the_next_rounds_answer_is_sent(answered, people, relayed):
    # given an answer, reopened at night, and answered again before the morning
    report = actions.reopen(
        answered.pk, actor=factories.as_sender(answered), text="ما زال مطفأ.", at=riyadh("22:40")
    )
    actions.answer(
        report.pk,
        actor=StaffActor(people.coordinator),
        text="أصلحناه الآن.",
        version=report.version,
        at=riyadh("23:30"),
    )
    relayed(riyadh("23:30"))
    relayed(MORNING)

    # then of the two answers only the second goes out
    rows = SentMessage.objects.filter(event="answer").order_by("id")
    assert [row.state for row in rows] == ["obsolete", "sent"]


def test_the_outbox_shows_it_with_its_reason(answered, relayed, people, client):
    actions.accept(answered.pk, actor=factories.as_sender(answered), at=riyadh("22:40"))
    relayed(MORNING)
    client.force_login(people.admin)
    page = client.get(reverse("outbox:index")).content.decode()
    assert "لم تعد صحيحة" in page
    assert "لم تُرسل: جاءت بعدها خطوة" in page


def test_the_rule_names_events_that_there_are():
    assert set(MADE_UNTRUE_BY) <= set(TO_SENDER)
    assert {code for codes in MADE_UNTRUE_BY.values() for code in codes} <= set(TRANSITIONS)
