"""A handover of an entity: what it refuses, what it moves, and that nothing is moved twice."""

from collections import Counter
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms.entities import routing
from cms.entities.models import Entity, Handover, Membership, RoutingRule
from cms.entities.snapshot import catalogue as present
from cms.entities.snapshot import renew
from cms.outbox.models import Effect
from cms.reports import actions
from cms.reports.actors import EntitySender, StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.handover import begin, running
from cms.reports.handover.outlook import outlook
from cms.reports.history import verify
from cms.reports.models import Custody, Report
from cms.reports.sight import who_follows
from cms.reports.workflow import OPEN
from permissions.models import AuditEvent
from permissions.policy import scope_of
from tests import factories

pytestmark = pytest.mark.django_db
WHY = "أُدمجت البلدية الشمالية بقرار."


def planned(people: Any, entity: Entity, target: Entity | None, kind: str = "close", **more: Any) -> Handover:
    return begin.plan(kind=kind, entity=entity, target=target, by=people.admin, **more)


def confirmed(people: Any, handover: Handover) -> Handover:
    seen = outlook(handover, at=timezone.now()).seen()
    return begin.confirm(handover.pk, by=people.admin, reason=WHY, seen=seen)


def handed(people: Any, entity: Entity, target: Entity | None, kind: str = "close", **more: Any) -> Handover:
    handover = confirmed(people, planned(people, entity, target, kind, **more))
    running.run(handover.pk)
    handover.refresh_from_db()
    return handover


def outcomes(handover: Handover, what: str = "report") -> dict[str, int]:
    return dict(Counter(handover.steps.filter(what=what).values_list("outcome", flat=True)))


def test_an_entity_closes_and_its_open_reports_go_on_elsewhere(catalogue, people, report_in):
    open_ones = [report_in(state) for state in sorted(OPEN - {"received"})]
    past = [report_in("answered"), report_in("closed"), report_in("rejected")]
    told = Effect.objects.filter(kind="sender_sms", payload__event="transfer").count()
    handover = handed(people, catalogue.north, catalogue.municipality)
    assert (handover.state, outcomes(handover)) == ("done", {"moved": len(open_ones)})
    for report in open_ones:
        was = report.state
        report.refresh_from_db()
        last = report.events.latest("sequence")
        assert (report.state, report.entity, report.responsible) == (
            "with_entity",
            catalogue.municipality,
            None,
        )
        assert (last.code, last.actor_kind, last.from_state) == ("transfer", "system", was)
        assert last.data["handover"] == handover.pk
        assert last.body.text == WHY
        assert not report.assignments.filter(until=None).exists()
        assert Custody.objects.filter(report=report, entity=catalogue.north).count() == 1
        assert report.routing_reason_en == "The work of North branch went to it."
    # Each sender is told as of any transfer.
    assert Effect.objects.filter(kind="sender_sms", payload__event="transfer").count() == told + len(
        open_ones
    )
    for report in past:
        state = report.state
        report.refresh_from_db()
        assert (report.state, report.entity) == (state, catalogue.north)
    assert list(verify()) == []


def test_the_closed_entity_receives_nothing_any_more(catalogue, people):
    rule = RoutingRule.objects.get(service=catalogue.lamp, place=catalogue.town)
    handed(people, catalogue.north, catalogue.municipality)
    assert routing.route(catalogue.lamp, catalogue.safra, present()).entity == catalogue.municipality
    rule.refresh_from_db()
    assert (rule.entity, rule.version) == (catalogue.municipality, 2)
    assert present().entity("municipality.north") is None
    report = factories.submitted_report(service="leak", answers={})
    with pytest.raises(DomainError) as refused:
        actions.transfer(
            report.pk,
            actor=StaffActor(people.supervisor),
            version=report.version,
            entity="municipality.north",
            reason=factories.ReasonFactory(used_for="transfer", code="other").code,
        )
    assert (refused.value.code, refused.value.field) == (Code.NOT_FOUND, ("entity",))
    assert set(catalogue.municipality.jurisdiction.all()) == {catalogue.region, catalogue.town}


def test_access_of_its_people_ends_with_the_confirmation(catalogue, people, report_in):
    report = report_in("assigned")
    grant = factories.grant(people.coordinator, "view_confidential", catalogue.north)
    handover = confirmed(people, planned(people, catalogue.north, catalogue.municipality))
    for person in (people.coordinator, people.specialist, people.leader):
        assert scope_of(person).entities == {}
        assert not Report.objects.visible_to(StaffActor(person)).exists()
    grant.refresh_from_db()
    assert grant.valid_until == handover.confirmed_at
    assert outcomes(handover, "membership") == {"ended": 4}
    assert outcomes(handover, "grant") == {"ended": 1}
    # Who is above it sees its past still, and what has not gone on yet.
    assert Report.objects.visible_to(StaffActor(people.coordinator3)).get() == report


def test_what_the_successor_may_read_of_the_past(catalogue, people, report_in):
    past, present_one = report_in("answered"), report_in("in_progress")
    handed(people, catalogue.north, catalogue.water, "merge", people_move=True)
    water = Report.objects.visible_to(StaffActor(people.coordinator2))
    assert list(water) == [Report.objects.get(pk=present_one.pk)]
    # Not even those who answered it, now that they serve the other one.
    assert list(Report.objects.visible_to(StaffActor(people.coordinator))) == list(water)
    again = actions.reopen(past.pk, actor=factories.as_sender(past), text="لم يُحل شيء.")
    assert (again.state, again.entity) == ("with_entity", catalogue.water)
    assert Report.objects.visible_to(StaffActor(people.coordinator2)).filter(pk=past.pk).exists()


def test_people_go_along_in_their_roles(catalogue, people):
    factories.MembershipFactory(person=people.specialist, role="specialist", entity=catalogue.water)
    own = factories.MembershipFactory(person=people.admin, role="leader", entity=catalogue.north)
    handover = handed(people, catalogue.north, catalogue.water, "merge", people_move=True)
    there = Membership.objects.valid().filter(entity=catalogue.water, valid_from=handover.confirmed_at)
    assert set(there.values_list("person__username", "role")) == {
        ("coordinator", "coordinator"),
        ("specialist-b", "specialist"),
        ("leader", "leader"),
    }
    assert not Membership.objects.valid().filter(entity=catalogue.north).exists()
    # Nobody gives themselves a role, by this way either.
    step = handover.steps.get(what="membership", row=own.pk)
    assert (step.outcome, step.code) == ("ended", "second_person")


def test_what_the_successor_may_not_have_goes_to_triage(catalogue, people):
    ordinary = factories.submitted_report()
    about = factories.submitted_report()
    Report.objects.filter(pk=about.pk).update(about_entity=catalogue.water)
    letter = factories.letter(people.coordinator2, to="municipality.north")
    about_it = factories.submitted_report(service="leak", answers={})
    Report.objects.filter(pk=about_it.pk).update(about_entity=catalogue.north)
    handover = handed(people, catalogue.north, catalogue.water, "merge")
    steps = {step.row: (step.outcome, step.code) for step in handover.steps.filter(what="report")}
    assert steps == {
        ordinary.pk: ("moved", ""),
        about.pk: ("to_triage", "about_entity"),
        letter.pk: ("to_triage", "own_entity"),
        about_it.pk: ("to_triage", "about_entity"),
    }
    for pk in (about.pk, letter.pk, about_it.pk):
        report = Report.objects.get(pk=pk)
        last = report.events.latest("sequence")
        assert (report.state, report.entity, last.code) == ("received", None, "return")
        assert last.data["refused"] == steps[pk][1]
    # A complaint about the one is from now on a complaint about the other.
    seen = Report.objects.visible_to(StaffActor(people.coordinator2))
    assert set(seen) == {Report.objects.get(pk=ordinary.pk)}
    assert list(verify()) == []


def test_confidential_reports_go_where_they_may(catalogue, people):
    for person in (people.coordinator, people.leader):
        factories.grant(person, "view_confidential", catalogue.north)
    report = factories.submitted_report(service="abuse", answers={})
    Report.objects.filter(pk=report.pk).update(entity=catalogue.north)
    with pytest.raises(DomainError) as refused:
        planned(people, catalogue.north, catalogue.municipality)
    assert (refused.value.code, refused.value.field) == (Code.TOO_FEW_GRANTEES, ("target",))
    assert not Handover.objects.exists()
    handover = handed(people, catalogue.north, catalogue.municipality, confidential_to_triage=True)
    assert (outcomes(handover), outcomes(handover, "confidential")) == ({}, {"to_triage": 1})
    report.refresh_from_db()
    assert (report.state, report.entity) == ("received", None)
    assert Report.objects.visible_to(StaffActor(people.triage_confidential)).get() == report
    assert handover.before["counts"]["reports"] == 0


def test_confidential_reports_go_to_who_is_named_there(catalogue, people):
    report = factories.submitted_report(service="abuse", answers={})
    Report.objects.filter(pk=report.pk).update(entity=catalogue.north)
    handed(people, catalogue.north, catalogue.water)
    report.refresh_from_db()
    assert report.entity == catalogue.water
    assert Report.objects.visible_to(StaffActor(people.grantee)).get() == report


def test_letters_of_the_closed_entity_are_followed_by_its_successor(catalogue, people):
    letter = factories.letter(people.coordinator, sender="municipality.north", to="water")
    elsewhere = Report.objects.visible_to(EntitySender(people.coordinator3)).filter(pk=letter.pk)
    handed(people, catalogue.north, catalogue.emirate)
    heir = factories.person("coordinator", catalogue.emirate)
    assert Report.objects.visible_to(EntitySender(heir)).get() == letter
    assert not Report.objects.visible_to(EntitySender(people.coordinator)).exists()
    assert elsewhere.exists()
    assert heir in {sight.person for sight in who_follows(Report.objects.get(), at=timezone.now())}
    # They follow what was sent, and nobody sends in that name any more.
    with pytest.raises(DomainError):
        factories.letter(heir, sender="municipality.north", to="water")


def test_a_run_that_breaks_in_the_middle_goes_on_where_it_was(catalogue, people, monkeypatch):
    reports = [factories.submitted_report() for _ in range(5)]
    handover = confirmed(people, planned(people, catalogue.north, catalogue.municipality))
    real, calls = running.hand_on, []

    def breaks(report_id, **given):
        calls.append(report_id)
        moved = real(report_id, **given)
        if len(calls) == 3:
            raise OperationalError("the server closed the connection")
        return moved

    monkeypatch.setattr(running, "hand_on", breaks)
    with pytest.raises(OperationalError):
        running.run(handover.pk)
    assert outcomes(handover) == {"moved": 2, "waiting": 3}
    assert Report.objects.filter(entity=catalogue.north).count() == 3
    # Its lease has not passed: nobody else begins yet.
    assert running.run(handover.pk) == 0
    begin.resume(handover.pk, by=people.admin)
    assert running.run(handover.pk) == 3
    handover.refresh_from_db()
    assert (handover.state, outcomes(handover)) == ("done", {"moved": 5})
    for report in reports:
        assert report.events.filter(code="transfer").count() == 1
    assert list(verify()) == []


def test_one_that_breaks_keeps_nobody_waiting_and_is_tried_again(catalogue, people, monkeypatch):
    bad, good = factories.submitted_report(), factories.submitted_report()
    handover = confirmed(people, planned(people, catalogue.north, catalogue.municipality))
    real = running.hand_on

    def breaks(report_id, **given):
        if report_id == bad.pk:
            raise ValueError("something nobody thought of")
        return real(report_id, **given)

    with monkeypatch.context() as patched:
        patched.setattr(running, "hand_on", breaks)
        running.run(handover.pk)
    handover.refresh_from_db()
    assert (handover.state, outcomes(handover)) == ("stopped", {"moved": 1, "failed": 1})
    assert handover.pk not in running.waiting()
    begin.resume(handover.pk, by=people.admin)
    assert running.waiting() == [handover.pk]
    running.run(handover.pk)
    handover.refresh_from_db()
    assert (handover.state, outcomes(handover)) == ("done", {"moved": 2})
    assert good.events.filter(code="transfer").count() == 1


def test_what_arrives_late_goes_on_too(catalogue, people):
    handover = handed(people, catalogue.north, catalogue.municipality)
    assert running.waiting() == []
    late = factories.submitted_report()
    # It was routed by a process that had not heard yet.
    Report.objects.filter(pk=late.pk).update(entity=catalogue.north)
    assert running.waiting() == [handover.pk]
    running.run(handover.pk)
    late.refresh_from_db()
    assert late.entity == catalogue.municipality
    assert running.waiting() == []


def test_what_was_merged_and_is_parted_later_goes_on_too(catalogue, people, report_in):
    merged = report_in("merged")
    handover = handed(people, catalogue.north, catalogue.municipality)
    assert outcomes(handover) == {"moved": 1}
    merged.refresh_from_db()
    assert (merged.state, merged.entity) == ("merged", catalogue.north)
    parted = actions.unmerge(
        merged.pk,
        actor=StaffActor(people.supervisor),
        version=merged.version,
        reason=factories.ReasonFactory(used_for="unmerge", code="other_matter").code,
    )
    assert (parted.state, parted.entity) == ("assigned", catalogue.north)
    assert running.waiting() == [handover.pk]
    running.run(handover.pk)
    parted.refresh_from_db()
    assert (parted.state, parted.entity) == ("with_entity", catalogue.municipality)
    assert list(verify()) == []


def test_an_entity_that_works_again_goes_on_with_its_own(catalogue, people):
    letter = factories.letter(people.coordinator, sender="municipality.north", to="water")
    handed(people, catalogue.north, catalogue.emirate)
    heir = factories.person("coordinator", catalogue.emirate)
    about = factories.submitted_report(service="leak", answers={})
    Report.objects.filter(pk=about.pk).update(about_entity=catalogue.north)
    assert scope_of(heir).kin == {catalogue.emirate.pk, catalogue.north.pk}
    Entity.objects.filter(pk=catalogue.north.pk).update(is_active=True)
    assert scope_of(heir).kin == {catalogue.emirate.pk}
    assert not Report.objects.visible_to(EntitySender(heir)).filter(pk=letter.pk).exists()


def test_each_report_costs_the_same_however_many_there_are(catalogue, people):
    def cost(number):
        for _ in range(number):
            factories.submitted_report()
        confirm = planned(people, catalogue.north, catalogue.municipality)
        confirmed(people, confirm)
        with CaptureQueriesContext(connection) as queries:
            running.run(confirm.pk)
        Entity.objects.filter(pk=catalogue.north.pk).update(is_active=True, continued_by=None)
        RoutingRule.objects.filter(service=catalogue.lamp, place=catalogue.town).update(
            entity=catalogue.north
        )
        renew()
        return len(queries)

    few, many = cost(2), cost(6)
    # Lock, authorise, write, promises, custody, event, text, message, step; and one list for the batch.
    assert (many - few) / 4 <= 22


def test_what_is_no_longer_open_when_its_turn_comes_is_left(catalogue, people, report):
    handover = confirmed(people, planned(people, catalogue.north, catalogue.municipality))
    running._list_more(handover)
    actions.withdraw(report.pk, actor=factories.as_sender(report))
    running.run(handover.pk)
    assert outcomes(handover) == {"gone": 1}
    report.refresh_from_db()
    assert (report.state, report.entity) == ("withdrawn", catalogue.north)


def test_every_step_of_it_is_audited(catalogue, people, report):
    handover = handed(people, catalogue.north, catalogue.municipality)
    told = AuditEvent.objects.filter(subject=f"handover:{handover.pk}").order_by("pk")
    assert list(told.values_list("code", "actor__username")) == [
        ("handover_planned", "admin"),
        ("handover_confirmed", "admin"),
        ("handover_done", None),
    ]
    assert told[1].data["reason"] == WHY
    assert {name: told[1].data[name] for name in ("reports", "rules", "memberships", "grants")} == {
        "reports": 1,
        "rules": 1,
        "memberships": 4,
        "grants": 0,
    }
    assert told[2].data["moved"] == 1
    assert AuditEvent.objects.filter(code="membership_revoked").count() == 4
    rule = RoutingRule.objects.get(service=catalogue.lamp, place=catalogue.town)
    changed = AuditEvent.objects.get(code="configuration_changed", subject=f"routingrule:{rule.pk}")
    assert changed.data["changes"] == {"entity": ["municipality.north", "municipality"]}


def test_the_lists_cost_the_same_however_many_reports(catalogue, people, django_assert_num_queries):
    factories.submitted_report()
    handover = planned(people, catalogue.north, catalogue.municipality)
    for _ in range(3):
        with django_assert_num_queries(11):
            outlook(handover, at=timezone.now())
        factories.submitted_report()
