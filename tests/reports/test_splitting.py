"""Split reports: what a part carries, who may split, and what an open part holds up."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, DomainError, Invalid
from cms.reports.history import verify
from cms.reports.models import Custody, Deadline, Report
from cms.reports.policies import available_actions
from cms.reports.timeline import sender_timeline
from tests import factories

from .groups import HOUR, SUNDAY, answered, as_it_is, fresh, merged, recomputed, unmerged

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reasons(db: Any) -> None:
    for used_for, code in (
        ("split", "several_subjects"),
        ("reject", "private_dispute"),
        ("set_privacy", "fear_of_harm"),
        ("unmerge", "merged_by_mistake"),
        ("transfer", "other_jurisdiction"),
    ):
        factories.ReasonFactory(used_for=used_for, code=code)


def parts(*entities: str, services: tuple[str, ...] = ("lamp", "leak")) -> list[actions.Part]:
    given = entities or ("", "")
    return [
        actions.Part(title=f"الجزء رقم {number}", service=services[number % len(services)], entity=entity)
        for number, entity in enumerate(given)
    ]


def split(
    report: Report, user: Any, given: list[actions.Part] | None = None, *, at: datetime | None = None
) -> Report:
    return actions.split(
        report.pk,
        actor=StaffActor(user),
        version=report.version,
        reason="several_subjects",
        parts=parts() if given is None else given,
        text="للموظفين وحدهم.",
        at=at,
    )


def parts_of(report: Report) -> list[Report]:
    return list(report.children.order_by("pk"))


def outcome(call: Any) -> Code | None:
    try:
        call()
    except DomainError as error:
        return error.code
    return None


# --- what a part is ---------------------------------------------------------------------------


def test_a_part_carries_sender_time_words_and_promises_and_starts_with_the_entity(people, report_in):
    # given
    report = report_in("in_progress", at=SUNDAY)
    # when
    done = split(report, people.coordinator, at=SUNDAY + HOUR)
    # then
    assert (done.state, done.version, done.responsible_id) == (
        "in_progress",
        report.version + 1,
        people.specialist.pk,
    )
    first, second = parts_of(done)
    for part in (first, second):
        assert (part.state, part.entity, part.parent_id) == ("with_entity", report.entity, report.pk)
        assert (part.sender_id, part.submitted_at) == (report.sender_id, report.submitted_at)
        assert (part.text, part.place, part.language) == (report.text, report.place, report.language)
        assert (part.version, part.revision, part.event_count, part.responsible_id) == (1, 1, 1, None)
        assert (part.first_reply_due_at, part.resolution_due_at, part.next_due_at) == (
            report.first_reply_due_at,
            report.resolution_due_at,
            report.next_due_at,
        )
        assert part.entity_since == SUNDAY + HOUR
    assert (first.title, first.service.code, first.answers) == ("الجزء رقم 0", "lamp", report.answers)
    # Answers to another service's questions are not this one's.
    assert (second.title, second.service.code, second.answers) == ("الجزء رقم 1", "leak", {})
    assert first.reference != second.reference != report.reference
    assert list(verify()) == []


def test_the_promises_of_a_part_are_rows_of_its_own(people, report_in):
    report = report_in("in_progress", at=SUNDAY)
    actions.update_sender(
        report.pk, actor=StaffActor(people.specialist), text="وصلنا بلاغكم.", at=SUNDAY + HOUR
    )
    split(fresh(report), people.coordinator, at=SUNDAY + 2 * HOUR)
    keys = ("promise", "round", "starts_at", "minutes", "due_at", "outcome", "ended_at")
    before = set(report.deadlines.values_list(*keys))
    assert len(before) == 2
    for part in parts_of(report):
        assert set(part.deadlines.values_list(*keys)) == before
    first = parts_of(report)[0]
    answered(first, people, at=SUNDAY + 3 * HOUR)
    open_ones = Deadline.objects.filter(outcome="open").values_list("report_id", flat=True)
    assert set(open_ones) == {report.pk, parts_of(report)[1].pk}


def test_the_reason_and_the_remark_are_not_the_senders(people, report_in):
    done = split(report_in("with_entity"), people.coordinator)
    entries = sender_timeline(done)
    assert [(entry.code, entry.text) for entry in entries] == [("submit", ""), ("split", "")]
    part = parts_of(done)[0]
    assert [(entry.code, str(entry.state)) for entry in sender_timeline(part)] == [("split", "with_entity")]
    event = done.events.latest("sequence")
    assert event.data == {
        "reason": "several_subjects",
        "parts": [one.pk for one in parts_of(done)],
        "round": 1,
    }


def test_out_of_triage_each_part_goes_where_it_belongs(people, report_in):
    report = report_in("received", at=SUNDAY)
    done = split(report, people.supervisor, parts("municipality", "water"), at=SUNDAY + HOUR)
    assert (done.state, done.entity) == ("received", None)
    one, two = parts_of(done)
    assert (one.entity.code, two.entity.code) == ("municipality", "water")
    assert {row.promise for row in two.deadlines.all()} == {"first_reply", "resolution"}
    for row in two.deadlines.all():
        assert recomputed(row) == row.due_at
    assert not Custody.objects.filter(report__in=(one, two)).exists()


def test_a_part_of_another_calendar_goes_on_by_it(people, catalogue, report_in):
    around = factories.CalendarFactory(
        code="around", hours={"mode": "around_the_clock", "timezone": "Asia/Riyadh"}
    )
    catalogue.water.calendar = around
    catalogue.water.save()
    report = report_in("with_entity", at=SUNDAY)
    split(report, people.supervisor, parts("municipality.north", "water"), at=SUNDAY + HOUR)
    stays, goes = parts_of(report)
    assert stays.resolution_due_at == report.resolution_due_at
    row = goes.deadlines.get(promise="resolution")
    assert (row.calendar_id, row.starts_at) == (around.pk, SUNDAY + HOUR)
    assert goes.resolution_due_at == row.due_at == recomputed(row) != report.resolution_due_at
    moved = goes.events.get(code="split").data["moved"]
    assert {each["promise"] for each in moved} == {"first_reply", "resolution"}


def test_a_part_that_is_thanks_is_promised_nothing(people, report_in):
    report = report_in("with_entity")
    split(report, people.supervisor, parts(services=("lamp", "thanks")))
    assert parts_of(report)[1].deadlines.count() == 0
    assert parts_of(report)[1].next_due_at is None


def test_parts_of_a_confidential_report_are_confidential(people):
    report = factories.submitted_report(service="abuse", place="town", answers={})
    done = split(report, people.grantee, parts(services=("lamp", "abuse")))
    assert {part.privacy for part in parts_of(done)} == {"confidential"}
    assert not Report.objects.filter(parent=report).visible_to(StaffActor(people.supervisor)).exists()


# --- who may, and into what -------------------------------------------------------------------


def test_a_coordinator_keeps_the_parts_and_a_supervisor_gives_them_away(people, report):
    with pytest.raises(Invalid) as refused:
        split(report, people.coordinator, parts("", "water"))
    assert [(error.code, error.field) for error in refused.value.errors] == [
        (Code.DENIED, ("parts", "1", "entity"))
    ]
    assert (fresh(report).event_count, report.children.count()) == (1, 0)
    split(report, people.supervisor, parts("", "water"))
    assert [part.entity.code for part in parts_of(report)] == ["municipality.north", "water"]


def test_every_wrong_field_is_named_at_once_and_nothing_is_made(people, report):
    given = [
        actions.Part(title="", service="lamp"),
        actions.Part(title="جزء", service="nowhere"),
        actions.Part(title="جزء", service="abuse"),
        actions.Part(title="جزء", service="thanks"),
        actions.Part(title="جزء", service="lamp", entity="nobody"),
    ]
    before = as_it_is(report), Report.objects.count()
    with pytest.raises(Invalid) as refused:
        split(report, people.coordinator, given)
    assert [(error.code, error.field) for error in refused.value.errors] == [
        (Code.REQUIRED, ("parts", "0", "title")),
        (Code.NOT_FOUND, ("parts", "1", "service")),
        (Code.INVALID, ("parts", "2", "service")),
        (Code.DENIED, ("parts", "3", "service")),
        (Code.NOT_FOUND, ("parts", "4", "entity")),
    ]
    assert (as_it_is(report), Report.objects.count()) == before


@pytest.mark.parametrize("count", [0, 1, 11])
def test_two_to_ten_parts(people, report, count):
    with pytest.raises(DomainError) as refused:
        split(report, people.coordinator, parts(*[""] * count) if count else [])
    assert (refused.value.code, refused.value.field) == (Code.INVALID, ("parts",))
    assert report.children.count() == 0


def test_ten_parts(people, report):
    split(report, people.coordinator, parts(*[""] * 10))
    assert report.children.count() == 10


def test_whom_it_is_about_gets_no_part(people, catalogue, report_in):
    report = report_in("received")
    report.about_entity = catalogue.water
    report.save()
    with pytest.raises(Invalid) as refused:
        split(report, people.supervisor, parts("municipality", "water"))
    assert [(error.code, error.field) for error in refused.value.errors] == [
        (Code.ABOUT_ENTITY, ("parts", "1", "entity"))
    ]
    split(report, people.supervisor, parts("municipality", "emirate"))
    assert {part.about_entity for part in parts_of(report)} == {catalogue.water}


def test_a_confidential_part_goes_only_where_enough_may_see_it(people):
    report = factories.submitted_report(service="abuse", place="town", answers={})
    with pytest.raises(Invalid) as refused:
        split(report, people.triage_confidential, parts("", "municipality", services=("abuse",)))
    assert [error.code for error in refused.value.errors] == [Code.TOO_FEW_GRANTEES]


def test_a_part_is_not_split_again(people, report):
    split(report, people.coordinator)
    part = parts_of(report)[0]
    assert "split" not in available_actions(StaffActor(people.coordinator), part)
    assert outcome(lambda: split(part, people.coordinator)) is Code.NOT_AVAILABLE


def test_who_rejected_it_does_not_get_round_the_appeal_by_splitting(people, report_in):
    report = report_in("received")
    actions.reject(
        report.pk,
        actor=StaffActor(people.supervisor),
        version=report.version,
        reason="private_dispute",
        text="نزاع خاص.",
    )
    report = actions.appeal(report.pk, actor=factories.as_sender(report), text="أعيدوا النظر.")
    given = parts("municipality", "water")
    assert outcome(lambda: split(report, people.supervisor, given)) is Code.APPEAL_OTHER_PERSON
    assert split(report, people.supervisor2, given).children.count() == 2


# --- what an open part holds up ---------------------------------------------------------------


def test_the_report_is_answered_or_rejected_only_after_its_parts(people, report_in):
    report = split(report_in("with_entity"), people.coordinator)
    lead = StaffActor(people.coordinator)
    before = as_it_is(report)
    assert {"answer", "reject"}.isdisjoint(available_actions(lead, report))
    assert outcome(lambda: answered(report, people)) is Code.WRONG_STATE
    rejecting = {"version": report.version, "reason": "private_dispute", "text": "نزاع خاص."}
    assert outcome(lambda: actions.reject(report.pk, actor=lead, **rejecting)) is Code.WRONG_STATE
    assert as_it_is(report) == before
    first, second = parts_of(report)
    answered(first, people)
    assert outcome(lambda: answered(report, people)) is Code.WRONG_STATE
    answered(second, people)
    assert {"answer", "reject"} <= set(available_actions(lead, fresh(report)))
    assert answered(report, people).state == "answered"


def test_thanks_are_acknowledged_only_after_their_parts(people):
    report = factories.submitted_report(service="thanks", place="village", answers={})
    split(report, people.supervisor, parts("", "", services=("thanks", "lamp")))
    lead = StaffActor(people.coordinator3)

    def acknowledge() -> None:
        actions.acknowledge(report.pk, actor=lead, version=fresh(report).version)

    assert outcome(acknowledge) is Code.WRONG_STATE
    for part in parts_of(report):
        actions.withdraw(part.pk, actor=factories.as_sender(report))
    assert outcome(acknowledge) is None


def test_withdrawing_the_report_withdraws_what_is_open_of_it(people, report_in):
    # given
    report = split(report_in("with_entity"), people.coordinator, parts("", "", ""))
    done, working, _waiting = parts_of(report)
    answered(done, people)
    factories.report_in(
        "in_progress", coordinator=people.coordinator, specialist=people.specialist, report=working
    )
    directed = actions.direct(
        working.pk,
        actor=StaffActor(people.emirate),
        text="يُعالج اليوم.",
        due_on=timezone.localdate() + timedelta(days=2),
    )
    # when
    actions.withdraw(report.pk, actor=factories.as_sender(report), text="انتهى الأمر.")
    # then
    assert [part.state for part in parts_of(report)] == ["answered", "withdrawn", "withdrawn"]
    working = fresh(working)
    assert (working.responsible, working.next_due_at, working.version) == (None, None, directed.version + 1)
    assert working.directives.get().outcome == "overtaken"
    assert working.events.latest("sequence").actor_kind == "sender"
    assert "open" not in set(working.deadlines.values_list("outcome", flat=True))
    assert list(verify()) == []


def test_a_part_that_others_follow_hands_its_place_over_when_the_report_is_withdrawn(people, report_in):
    other = report_in("with_entity")
    report = split(report_in("with_entity"), people.coordinator)
    part = parts_of(report)[0]
    merged(other, part, people.coordinator)
    actions.withdraw(report.pk, actor=factories.as_sender(report))
    assert (fresh(part).state, fresh(other).state) == ("withdrawn", "with_entity")
    assert fresh(other).merged_into_id is None


def test_a_part_that_follows_another_report_is_withdrawn_too(people, report_in):
    other = report_in("with_entity")
    report = split(report_in("with_entity"), people.coordinator)
    part = parts_of(report)[0]
    merged(part, other, people.coordinator)
    actions.withdraw(report.pk, actor=factories.as_sender(report))
    assert (fresh(part).state, fresh(part).merged_into_id, fresh(other).state) == (
        "withdrawn",
        None,
        "with_entity",
    )


def test_a_part_and_its_report_are_not_merged(people, report):
    report = split(report, people.coordinator)
    part = parts_of(report)[0]
    for one, other in ((part, report), (report, part)):
        assert outcome(lambda one=one, other=other: merged(one, other, people.coordinator)) is Code.INVALID
    # Two parts that turn out to be one matter are.
    assert merged(part, parts_of(report)[1], people.coordinator).state == "merged"


# --- privacy ----------------------------------------------------------------------------------


def raised(report: Report, user: Any, privacy: str = "confidential") -> Report:
    return actions.set_privacy(
        report.pk,
        actor=StaffActor(user),
        version=fresh(report).version,
        privacy=privacy,
        reason="fear_of_harm",
        text="خوف.",
    )


def test_a_part_has_its_reports_privacy_always(people, report):
    report = split(report, people.supervisor, parts("", "water"))
    here, there = parts_of(report)
    assert outcome(lambda: raised(there, people.supervisor)) is Code.NOT_AVAILABLE
    raised(report, people.supervisor)
    # Nobody at the north branch may see it now; two at the water company may.
    assert [(p.privacy, p.state, p.entity and p.entity.code) for p in map(fresh, (report, here, there))] == [
        ("confidential", "received", None),
        ("confidential", "received", None),
        ("confidential", "with_entity", "water"),
    ]
    assert there.events.latest("sequence").audiences == 8  # audit alone
    assert (fresh(here).version, fresh(there).version) == (here.version + 1, there.version)
    # A grantee of one entity alone does not open what lies at another one.
    assert outcome(lambda: raised(report, people.grantee, "normal")) is Code.NOT_FOUND
    raised(report, people.triage_confidential, "normal")
    assert {fresh(p).privacy for p in (report, here, there)} == {"normal"}
    assert list(verify()) == []


def test_a_merged_part_is_parted_before_the_report_is_hidden(people, report_in):
    other = report_in("with_entity")
    report = split(report_in("with_entity"), people.coordinator)
    part = merged(parts_of(report)[0], other, people.coordinator)
    assert outcome(lambda: raised(report, people.supervisor)) is Code.WRONG_STATE
    assert (fresh(report).privacy, fresh(part).privacy) == ("normal", "normal")
    unmerged(part, people.coordinator)
    raised(report, people.supervisor)
    assert {fresh(p).privacy for p in (report, part)} == {"confidential"}
