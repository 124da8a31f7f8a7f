"""The sender of a merged report: what they may do, and what they read of the primary."""

from typing import Any

import pytest

from cms.reports import actions
from cms.reports.actors import SenderActor, StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.timeline import answer_of, conversation, sender_timeline
from tests import factories

from .groups import DAY, HOUR, PRIMARY_TEXT, PRIMARY_WORDS, SUNDAY, answered, fresh, merged, unmerged

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reasons(db: Any) -> None:
    factories.ReasonFactory(used_for="unmerge", code="merged_by_mistake", label_ar="دُمج بالخطأ")
    factories.ReasonFactory(used_for="reject", code="private_dispute", label_ar="نزاع خاص")
    factories.ReasonFactory(used_for="transfer", code="other_jurisdiction", label_ar="اختصاص جهة أخرى")


# --- what the member's sender does ------------------------------------------------------------


@pytest.fixture
def group(people, report_in):
    """(member, primary): merged, the primary worked on and asked about."""
    member = report_in("with_entity", at=SUNDAY)
    primary = report_in("in_progress", at=SUNDAY, text=PRIMARY_TEXT)
    merged(member, primary, people.coordinator, at=SUNDAY + HOUR)
    return fresh(member), fresh(primary)


def test_withdrawing_leaves_the_group(group):
    member, primary = group
    done = actions.withdraw(member.pk, actor=factories.as_sender(member))
    assert (done.state, done.merged_into, done.merged_at) == ("withdrawn", None, None)
    assert not fresh(primary).members.exists()


def test_a_member_rates_once_and_only_what_was_answered(people, group):
    member, primary = group
    me = factories.as_sender(member)
    with pytest.raises(DomainError) as early:
        actions.rate(member.pk, actor=me, score=5)
    assert early.value.code is Code.WRONG_STATE
    answered(primary, people)
    assert actions.rate(member.pk, actor=me, score=2).ratings.get().score == 2
    assert not primary.ratings.exists()
    with pytest.raises(DomainError) as again:
        actions.rate(member.pk, actor=me, score=5)
    assert again.value.code is Code.ALREADY_RATED


def test_reopening_takes_ones_own_report_to_the_primarys_entity(people, report):
    elsewhere = factories.submitted_report(service="leak", place="town", answers={})
    merged(report, elsewhere, people.supervisor)
    me = factories.as_sender(report)
    with pytest.raises(DomainError) as early:
        actions.reopen(report.pk, actor=me, text="لم يتغير شيء.")
    assert early.value.code is Code.WRONG_STATE
    actions.answer(
        elsewhere.pk, actor=StaffActor(people.coordinator2), version=fresh(elsewhere).version, text="أصلح."
    )
    done = actions.reopen(report.pk, actor=me, text="لم يتغير شيء.")
    assert (done.state, done.entity.code, done.round, done.merged_into) == ("with_entity", "water", 2, None)
    assert done.custodies.get().entity.code == "municipality.north"
    assert done.deadlines.get(promise="resolution", round=2).outcome == "open"
    assert fresh(elsewhere).state == "answered"
    # What was told stays told.
    assert [entry.code for entry in sender_timeline(done)] == ["submit", "merge", "answer", "reopen"]


def test_after_the_primarys_window_it_stays(people, group):
    member, primary = group
    primary = answered(primary, people, at=SUNDAY + DAY)
    with pytest.raises(DomainError) as refused:
        actions.reopen(
            member.pk, actor=factories.as_sender(member), text="متأخر.", at=primary.reopen_until + HOUR
        )
    assert refused.value.code is Code.WINDOW_PASSED
    staff = StaffActor(people.supervisor)
    done = actions.reopen(
        member.pk, actor=staff, version=member.version, text="يعاد.", at=primary.reopen_until + HOUR
    )
    assert done.state == "with_entity"


# --- what the member's sender reads -----------------------------------------------------------


def test_nobody_reads_anothers_words(people, group):
    member, primary = group
    lead, worker = StaffActor(people.coordinator), StaffActor(people.specialist)
    other = factories.as_sender(primary)
    actions.update_sender(primary.pk, actor=worker, text="فريقنا في الطريق.", at=SUNDAY + 2 * HOUR)
    asked = actions.ask_sender(
        primary.pk,
        actor=worker,
        version=primary.version,
        text="ما رقم هويتك المكتوب؟",
        at=SUNDAY + 3 * HOUR,
    )
    assert [entry.state for entry in sender_timeline(fresh(member))][-1] == "in_progress"
    actions.sender_reply(primary.pk, actor=other, text=PRIMARY_WORDS, at=SUNDAY + 4 * HOUR)
    actions.note(primary.pk, actor=lead, text="المقدم معروف لدينا.", at=SUNDAY + 4 * HOUR)
    answered(primary, people, text="أُصلح العمود الرابع اليوم.", at=SUNDAY + 5 * HOUR)
    actions.accept(primary.pk, actor=other, score=1, comment="خدمة سيئة جدًا.", at=SUNDAY + 6 * HOUR)
    assert asked.state == "awaiting_sender"

    member = fresh(member)
    entries = sender_timeline(member)
    assert [(entry.code, str(entry.state), entry.common) for entry in entries] == [
        ("submit", "with_entity", False),
        ("merge", "in_progress", False),
        ("update_sender", "in_progress", True),
        ("answer", "answered", True),
        ("start", "closed", True),
    ]
    said = [message.text for message in conversation(member)]
    answer = answer_of(member)
    assert said == ["فريقنا في الطريق."]
    assert (answer.text, answer.common) == ("أُصلح العمود الرابع اليوم.", True)
    everything = f"{entries} {said} {answer}"
    hidden = (PRIMARY_WORDS, PRIMARY_TEXT, primary.reference, "ما رقم هويتك", "المقدم معروف", "خدمة سيئة")
    assert [words for words in hidden if words in everything] == []
    assert entries[-1].actor_kind == "system"
    # And the other way round: the primary's sender knows of no member.
    assert "merge" not in [entry.code for entry in sender_timeline(fresh(primary))]


def test_what_came_before_the_merge_is_not_theirs(people, report_in):
    member, primary = report_in("with_entity"), report_in("in_progress")
    actions.update_sender(primary.pk, actor=StaffActor(people.specialist), text="قبل الدمج.")
    member = merged(member, primary, people.coordinator)
    assert conversation(member) == []
    assert [entry.code for entry in sender_timeline(member)] == ["submit", "merge"]


def test_the_words_of_each_primary_that_was_followed_stay(people, report_in):
    one, two, three = (report_in("in_progress") for _ in range(3))
    worker = StaffActor(people.specialist)
    merged(one, two, people.coordinator)
    actions.update_sender(two.pk, actor=worker, text="من الثاني.")
    merged(fresh(two), three, people.coordinator)
    actions.update_sender(three.pk, actor=worker, text="من الثالث.")
    unmerged(fresh(two), people.coordinator)
    actions.update_sender(two.pk, actor=worker, text="من الثاني بعد الفصل.")
    assert [m.text for m in conversation(fresh(one))] == ["من الثاني.", "من الثالث."]
    assert [m.text for m in conversation(fresh(two))] == ["من الثاني.", "من الثالث.", "من الثاني بعد الفصل."]


def test_added_information_stays_on_the_member(people, group):
    member, primary = group
    done = actions.add_information(member.pk, actor=factories.as_sender(member), text="وعندنا أيضًا.")
    assert done.events.latest("sequence").from_state == "merged"
    assert fresh(primary).event_count == primary.event_count
    assert [message.text for message in conversation(done)] == ["وعندنا أيضًا."]
    assert "وعندنا أيضًا." not in str(conversation(fresh(primary)))


def test_a_stranger_reaches_neither(group):
    member, primary = group
    stranger = SenderActor(sender_id=factories.SenderFactory().pk)
    for one, who in ((member, stranger), (primary, factories.as_sender(member))):
        with pytest.raises(DomainError) as refused:
            actions.withdraw(one.pk, actor=who)
        assert refused.value.code is Code.NOT_FOUND
