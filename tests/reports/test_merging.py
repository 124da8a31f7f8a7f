"""Merge, unmerge and promote: who follows whom, and what the clock says."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.history import verify
from cms.reports.models import Report
from cms.reports.policies import available_actions
from tests import factories

from .groups import (
    DAY,
    HOUR,
    SUNDAY,
    answered,
    as_it_is,
    fresh,
    merged,
    recomputed,
    unmerged,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reasons(db: Any) -> None:
    factories.ReasonFactory(used_for="unmerge", code="merged_by_mistake", label_ar="دُمج بالخطأ")
    factories.ReasonFactory(used_for="reject", code="private_dispute", label_ar="نزاع خاص")
    factories.ReasonFactory(used_for="transfer", code="other_jurisdiction", label_ar="اختصاص جهة أخرى")


# --- merge ------------------------------------------------------------------------------------


def test_a_member_stops_and_follows(people, report_in):
    # given
    member, primary = report_in("in_progress", at=SUNDAY), report_in("with_entity", at=SUNDAY)
    # when
    done = merged(member, primary, people.coordinator, at=SUNDAY + HOUR)
    # then
    assert (done.state, done.state_before, done.merged_into_id) == ("merged", "in_progress", primary.pk)
    assert (done.merged_at, done.responsible, done.next_due_at) == (SUNDAY + HOUR, None, None)
    assert not done.assignments.filter(until=None).exists()
    assert set(done.deadlines.values_list("outcome", flat=True)) == {"ended"}
    beside = fresh(primary)
    assert (beside.version, beside.revision) == (primary.version, primary.revision + 1)
    assert beside.events.latest("sequence").audiences == 6  # entity and leadership, not the sender
    assert done.version == member.version + 1
    assert list(verify()) == []


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("answered", Code.WRONG_STATE),
        ("closed", Code.WRONG_STATE),
        ("merged", Code.WRONG_STATE),
        ("withdrawn", Code.WRONG_STATE),
    ],
)
def test_a_primary_that_is_not_open_is_refused(people, report_in, state, code):
    member, primary = report_in("with_entity"), report_in(state)
    before = as_it_is(member), as_it_is(primary)
    with pytest.raises(DomainError) as refused:
        merged(member, primary, people.coordinator)
    assert (refused.value.code, refused.value.field) == (code, ("primary",))
    assert (as_it_is(member), as_it_is(primary)) == before


@pytest.mark.parametrize(
    ("reference", "code"),
    [("", Code.REQUIRED), ("nonsense", Code.REFERENCE_MALFORMED), (None, Code.INVALID)],
    ids=["none", "no reference", "itself"],
)
def test_a_reference_that_leads_nowhere_is_refused(people, report, reference, code):
    before = as_it_is(report)
    with pytest.raises(DomainError) as refused:
        actions.merge(
            report.pk,
            actor=StaffActor(people.coordinator),
            version=report.version,
            primary=report.reference if reference is None else reference,
        )
    assert (refused.value.code, refused.value.field) == (code, ("primary",))
    assert as_it_is(report) == before


def test_a_report_of_another_entity_is_not_there_for_a_coordinator_and_free_for_a_supervisor(people, report):
    elsewhere = factories.submitted_report(service="leak", place="town", answers={})
    assert elsewhere.entity.code == "water"
    with pytest.raises(DomainError) as hidden:
        merged(report, elsewhere, people.coordinator)
    assert (hidden.value.code, hidden.value.field) == (Code.NOT_FOUND, ("primary",))
    done = merged(report, elsewhere, people.supervisor)
    assert (done.merged_into_id, done.entity.code) == (elsewhere.pk, "municipality.north")


def test_who_sees_both_entities_but_assigns_in_one_is_refused_by_name(people, report):
    above = factories.submitted_report(place="village")
    assert above.entity.code == "municipality"
    with pytest.raises(DomainError) as refused:
        merged(report, above, people.coordinator3)
    assert (refused.value.code, refused.value.field) == (Code.DENIED, ("primary",))
    assert fresh(report).event_count == report.event_count


def test_privacy_must_be_the_same(people, report):
    secret = factories.submitted_report(service="abuse", place="town", answers={})
    with pytest.raises(DomainError) as refused:
        merged(report, secret, people.triage_confidential)
    assert (refused.value.code, refused.value.field) == (Code.INVALID, ("primary",))


def test_a_primary_that_is_merged_takes_its_members_along(people, report_in):
    one, two, three = (report_in("with_entity") for _ in range(3))
    merged(one, two, people.coordinator)
    merged(fresh(two), three, people.coordinator)
    assert [fresh(each).merged_into_id for each in (one, two)] == [three.pk, three.pk]
    assert not Report.objects.filter(merged_into__merged_into__isnull=False).exists()
    assert list(verify()) == []


def test_a_conflict_names_what_was_done_to_the_report_itself(people, report_in):
    member, primary = report_in("with_entity"), report_in("assigned")
    merged(member, primary, people.coordinator)
    with pytest.raises(DomainError) as refused:
        actions.start(primary.pk, actor=StaffActor(people.specialist), version=1)
    assert refused.value.code is Code.CONFLICT
    assert "دمج" not in refused.value.message


# --- unmerge ----------------------------------------------------------------------------------


def test_undone_it_is_as_it_was_and_the_merged_time_was_a_pause(people, report_in):
    member, primary = report_in("in_progress", at=SUNDAY), report_in("with_entity", at=SUNDAY)
    was = {row.promise: row for row in member.deadlines.all()}
    member = merged(member, primary, people.coordinator, at=SUNDAY + HOUR)
    back = unmerged(member, people.coordinator, at=SUNDAY + HOUR + DAY)
    assert (back.state, back.merged_into, back.merged_at, back.state_before) == (
        "in_progress",
        None,
        None,
        "",
    )
    assert back.responsible == people.specialist
    assert back.assignments.get(until=None).since == SUNDAY + HOUR + DAY
    for row in back.deadlines.filter(outcome="open"):
        # One working day of the calendar is the pause, and the promise ends that much later.
        assert row.due_at == recomputed(row)
        assert row.due_at - was[row.promise].due_at == DAY
        assert row.minutes == was[row.promise].minutes
    assert back.next_due_at == back.deadlines.get(promise="resolution").due_at
    assert back.deadlines.filter(outcome="open").count() == len(was)
    assert list(verify()) == []


def test_a_question_waits_as_much_longer(people, report_in):
    member, primary = report_in("awaiting_sender", at=SUNDAY), report_in("with_entity", at=SUNDAY)
    until = member.question_until
    member = merged(member, primary, people.coordinator, at=SUNDAY + HOUR)
    back = unmerged(member, people.coordinator, at=SUNDAY + 3 * DAY)
    assert (back.state, back.question_until) == ("awaiting_sender", until + 3 * DAY - HOUR)
    assert (back.next_due_at, back.deadlines.get(promise="resolution").paused_since) == (None, SUNDAY)
    replied = actions.sender_reply(
        back.pk, actor=factories.as_sender(back), text="الثالث.", at=SUNDAY + 4 * DAY
    )
    row = replied.deadlines.get(promise="resolution")
    assert (replied.state, row.due_at) == ("in_progress", recomputed(row))


def test_a_directive_goes_on_with_its_report(people, report_in):
    member, primary = report_in("with_entity", at=SUNDAY), report_in("with_entity", at=SUNDAY)
    member = actions.direct(
        member.pk,
        actor=StaffActor(people.emirate),
        text="أفيدونا عاجلًا.",
        due_on=(SUNDAY + DAY).date(),
        at=SUNDAY,
    )
    member = merged(member, primary, people.coordinator, at=SUNDAY + HOUR)
    assert member.directives.get().outcome == "overtaken"
    back = unmerged(member, people.coordinator, at=SUNDAY + DAY)
    assert (back.directives.get().outcome, back.directives.get().ended_at) == ("open", None)


def test_after_seven_days_a_merge_stands(people, report_in):
    member, primary = report_in("with_entity", at=SUNDAY), report_in("with_entity", at=SUNDAY)
    member = merged(member, primary, people.coordinator, at=SUNDAY)
    before = as_it_is(member)
    with pytest.raises(DomainError) as refused:
        unmerged(member, people.coordinator, at=SUNDAY + 7 * DAY + timedelta(seconds=1))
    assert refused.value.code is Code.WINDOW_PASSED
    assert as_it_is(member) == before
    assert unmerged(member, people.coordinator, at=SUNDAY + 7 * DAY).state == "with_entity"


def test_what_a_supervisor_joined_across_entities_a_supervisor_parts(people, report):
    elsewhere = factories.submitted_report(service="leak", place="town", answers={})
    member = merged(report, elsewhere, people.supervisor)
    assert "unmerge" not in available_actions(StaffActor(people.coordinator), member)
    with pytest.raises(DomainError) as refused:
        unmerged(member, people.coordinator)
    assert refused.value.code is Code.DENIED
    assert "unmerge" in available_actions(StaffActor(people.supervisor), member)
    assert unmerged(member, people.supervisor).state == "with_entity"


# --- promote ----------------------------------------------------------------------------------


def ended(how: str, primary: Report, people: Any, at: datetime) -> Report:
    if how == "withdraw":
        return actions.withdraw(primary.pk, actor=factories.as_sender(primary), at=at)
    return actions.reject(
        primary.pk,
        actor=StaffActor(people.coordinator),
        version=fresh(primary).version,
        reason="private_dispute",
        text="نزاع خاص.",
        at=at,
    )


@pytest.mark.parametrize("how", ["withdraw", "reject"])
def test_the_oldest_member_takes_the_place_of_a_primary_that_ends_early(people, report_in, how):
    young = report_in("with_entity", at=SUNDAY + HOUR)
    old = report_in("with_entity", at=SUNDAY)
    due = old.resolution_due_at
    primary = report_in("assigned", at=SUNDAY)
    for member in (young, old):
        merged(member, primary, people.coordinator, at=SUNDAY + 2 * HOUR)

    gone = ended(how, primary, people, SUNDAY + DAY)

    heir = fresh(old)
    assert gone.state in ("withdrawn", "rejected")
    assert (heir.state, heir.merged_into, heir.merged_at) == ("assigned", None, None)
    assert (heir.responsible, heir.entity) == (people.specialist, primary.entity)
    assert heir.assignments.get(until=None).person == people.specialist
    row = heir.deadlines.get(promise="resolution")
    assert (row.outcome, row.due_at, heir.next_due_at, recomputed(row)) == ("open", due, due, due)
    assert heir.version == old.version + 2
    assert (fresh(young).merged_into_id, fresh(young).state) == (heir.pk, "merged")
    event = heir.events.latest("sequence")
    assert (event.code, event.actor_kind, event.at) == ("promote", "system", SUNDAY + DAY)
    assert list(verify()) == []


def test_a_question_to_the_primarys_sender_is_not_the_heirs(people, report_in):
    member, primary = report_in("with_entity"), report_in("awaiting_sender")
    merged(member, primary, people.coordinator)
    ended("withdraw", primary, people, None)
    heir = fresh(member)
    assert (heir.state, heir.left_state, heir.question_until) == ("in_progress", "", None)
    assert heir.next_due_at == heir.resolution_due_at


def test_a_heir_of_another_entity_goes_where_the_primary_was(people, report):
    elsewhere = factories.submitted_report(service="leak", place="town", answers={})
    merged(report, elsewhere, people.supervisor)
    ended("withdraw", elsewhere, people, None)
    heir = fresh(report)
    assert (heir.state, heir.entity.code) == ("with_entity", "water")
    assert heir.custodies.get().entity.code == "municipality.north"


def test_a_primary_that_closes_keeps_its_members(people, report_in):
    member, primary = report_in("with_entity"), report_in("assigned")
    merged(member, primary, people.coordinator)
    answered(primary, people)
    actions.accept(primary.pk, actor=factories.as_sender(primary))
    assert (fresh(member).state, fresh(member).merged_into_id) == ("merged", primary.pk)


@pytest.mark.parametrize(("state", "allowed"), [("assigned", True), ("answered", False)])
def test_a_primary_that_becomes_confidential_is_read_by_no_other_sender(people, report_in, state, allowed):
    factories.ReasonFactory(used_for="set_privacy", code="fear_of_harm", label_ar="خشية الضرر")
    member, primary = report_in("with_entity"), report_in("with_entity")
    merged(member, primary, people.coordinator)
    primary = report_in(state, report=fresh(primary))
    before = as_it_is(primary)

    def raise_it() -> Report:
        return actions.set_privacy(
            primary.pk,
            actor=StaffActor(people.triage_confidential),
            version=primary.version,
            privacy="confidential",
            reason="fear_of_harm",
        )

    if allowed:
        assert raise_it().privacy == "confidential"
        assert (fresh(member).state, fresh(member).merged_into) == (state, None)
    else:
        with pytest.raises(DomainError) as refused:
            raise_it()
        assert refused.value.code is Code.WRONG_STATE
        assert as_it_is(primary) == before
