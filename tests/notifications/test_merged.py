"""The senders of merged reports hear what their primary's sender hears, each of their own report."""

import pytest

from cms.notifications.models import SentMessage
from cms.notifications.subscribers import recording_the_past
from cms.outbox.models import Effect
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from tests import factories

from .conftest import riyadh

pytestmark = pytest.mark.usefixtures("texts", "people")


@pytest.fixture
def group(people, report_in):
    """(member in English, primary); both arrived and were told so long ago."""
    at = riyadh("09:00")
    member = report_in("with_entity", at=at, language="en")
    primary = report_in("in_progress", at=at)
    actions.merge(
        member.pk,
        actor=StaffActor(people.coordinator),
        version=member.version,
        primary=primary.reference,
        at=at,
    )
    return Report.objects.get(pk=member.pk), Report.objects.get(pk=primary.pk)


def told(report):
    rows = SentMessage.objects.filter(report=report, state="sent").order_by("id")
    return [row.event for row in rows]


def test_the_merge_is_told_without_the_others_number(relayed, group):
    member, primary = group
    relayed(riyadh("10:00"))
    message = SentMessage.objects.get(report=member, event="merge")
    assert message.screen_text == (
        f"Your report {member.reference} was joined to a similar report; you get its updates."
    )
    assert told(primary) == ["submit"]
    assert not SentMessage.objects.filter(report=member, screen_text__contains=primary.reference).exists()


def test_every_update_goes_to_each_with_their_own_number_link_and_language(relayed, people, group):
    member, primary = group
    worker = StaffActor(people.specialist)
    actions.update_sender(primary.pk, actor=worker, text="فريقنا في الطريق.", at=riyadh("10:00"))
    actions.answer(
        primary.pk,
        actor=StaffActor(people.coordinator),
        version=primary.version,
        text="أصلح.",
        at=riyadh("10:30"),
    )
    relayed(riyadh("11:00"))
    assert told(primary) == ["submit", "update_sender", "answer"]
    assert told(member) == ["submit", "merge", "update_sender", "answer"]
    mine = SentMessage.objects.get(report=member, event="answer")
    theirs = SentMessage.objects.get(report=primary, event="answer")
    assert mine.screen_text.startswith(f"Your report {member.reference} has been answered.")
    assert theirs.screen_text.startswith(f"تم الرد على {primary.reference} ")
    assert mine.screen_text.split()[-1] != theirs.screen_text.split()[-1]


def test_a_question_and_what_the_primarys_sender_does_is_told_to_nobody_else(relayed, people, group):
    member, primary = group
    worker = StaffActor(people.specialist)
    relayed(riyadh("09:30"))
    actions.ask_sender(primary.pk, actor=worker, version=primary.version, text="أي عمود؟", at=riyadh("10:00"))
    actions.withdraw(primary.pk, actor=factories.as_sender(primary), at=riyadh("10:10"))
    relayed(riyadh("11:00"))
    assert told(member) == ["submit", "merge"]


def test_who_wants_no_message_gets_none(people, group):
    member, primary = group
    Report.objects.filter(pk=member.pk).update(contact_preference="never")
    Effect.objects.all().delete()
    actions.update_sender(primary.pk, actor=StaffActor(people.specialist), text="فريقنا في الطريق.")
    assert [effect.payload["report"] for effect in Effect.objects.filter(kind="sender_sms")] == [primary.pk]


def test_a_loaded_history_records_one_message_for_each(people, group):
    member, primary = group
    SentMessage.objects.all().delete()
    with recording_the_past():
        actions.update_sender(
            primary.pk, actor=StaffActor(people.specialist), text="فريقنا في الطريق.", at=riyadh("10:00")
        )
    assert (told(primary), told(member)) == (["update_sender"], ["update_sender"])
