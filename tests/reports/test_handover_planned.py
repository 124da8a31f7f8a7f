"""A handover before it is confirmed: what is refused, who may, and what a move in the tree would change."""

import pytest
from django.utils import timezone

from cms.entities.models import Entity, Handover
from cms.entities.snapshot import catalogue as present
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.handover import begin, running
from cms.reports.handover.outlook import outlook
from cms.reports.models import Report
from permissions.models import AuditEvent
from permissions.policy import scope_of
from tests import factories

from .test_handover import WHY, confirmed, handed, planned

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "entity", "target", "code", "field"),
    [
        ("close", "north", None, "required", "target"),
        ("close", "north", "north", "invalid", "target"),
        ("merge", "municipality", "north", "invalid", "target"),
        ("move", "municipality", "north", "invalid", "target"),
        ("move", "north", "municipality", "invalid", "target"),
        ("move", "municipality", None, "invalid", "target"),
        ("close", "municipality", "water", "wrong_state", "entity"),
        ("close", "emirate", "water", "not_available", "entity"),
        ("move", "emirate", "water", "not_available", "entity"),
        ("vanish", "north", "water", "required", "kind"),
    ],
)
def test_what_is_refused_before_anything_happens(catalogue, people, kind, entity, target, code, field):
    with pytest.raises(DomainError) as refused:
        planned(people, getattr(catalogue, entity), getattr(catalogue, target) if target else None, kind)
    assert (refused.value.code, refused.value.field) == (code, (field,))
    assert not Handover.objects.exists()
    assert not AuditEvent.objects.filter(code__startswith="handover").exists()


def test_a_closed_entity_is_neither_handed_over_nor_a_target(catalogue, people):
    handed(people, catalogue.north, catalogue.municipality)
    north = Entity.objects.get(code="municipality.north")
    for entity, target, field in ((north, catalogue.water, "entity"), (catalogue.water, north, "target")):
        with pytest.raises(DomainError) as refused:
            planned(people, entity, target)
        assert (refused.value.code, refused.value.field) == (Code.WRONG_STATE, (field,))


def test_two_handovers_of_one_entity(catalogue, people, report):
    first, second = (
        planned(people, catalogue.north, target) for target in (catalogue.municipality, catalogue.water)
    )
    onward = planned(people, catalogue.water, catalogue.emirate, confidential_to_triage=True)
    confirmed(people, second)
    for handover in (first, onward):
        # The one is closed; to the other something is still on its way.
        with pytest.raises(DomainError) as refused:
            confirmed(people, handover)
        assert (refused.value.code, refused.value.field) == (Code.WRONG_STATE, ("entity",))
        handover.refresh_from_db()
        assert handover.state == "planned"
    running.run(second.pk)
    assert confirmed(people, onward).state == "running"
    assert Entity.objects.get(code="municipality.north").continued_by == catalogue.emirate


def test_lists_that_have_changed_are_read_again(catalogue, people, report):
    handover = planned(people, catalogue.north, catalogue.municipality)
    seen = outlook(handover, at=timezone.now()).seen()
    factories.person("specialist", catalogue.north)
    with pytest.raises(DomainError) as refused:
        begin.confirm(handover.pk, by=people.admin, reason=WHY, seen=seen)
    assert refused.value.code is Code.CONFLICT
    assert Entity.objects.get(code="municipality.north").is_active
    # What comes and goes with the day's work is no reason to begin again.
    seen = outlook(handover, at=timezone.now()).seen()
    factories.submitted_report()
    assert begin.confirm(handover.pk, by=people.admin, reason=WHY, seen=seen).state == "running"


@pytest.mark.parametrize(
    "role", ["coordinator", "specialist", "leader", "emirate", "auditor", "agent", "editor"]
)
def test_who_may_not_learns_nothing(catalogue, people, role):
    handover = planned(people, catalogue.north, catalogue.municipality)
    by = people.by_role[role]
    for attempt in (
        lambda: begin.plan(kind="close", entity=catalogue.north, target=catalogue.water, by=by),
        lambda: begin.confirm(handover.pk, by=by, reason=WHY, seen=""),
        lambda: begin.withdraw(handover.pk, by=by),
        lambda: begin.resume(handover.pk, by=by),
    ):
        with pytest.raises(DomainError) as refused:
            attempt()
        assert refused.value.code is Code.NOT_FOUND
    assert Handover.objects.get().state == "planned"


def test_a_supervisor_plans_and_does_not_confirm(catalogue, people):
    handover = begin.plan(
        kind="close", entity=catalogue.north, target=catalogue.municipality, by=people.supervisor
    )
    for attempt in (
        lambda: begin.confirm(handover.pk, by=people.supervisor, reason=WHY, seen=""),
        lambda: begin.resume(handover.pk, by=people.supervisor),
    ):
        with pytest.raises(DomainError) as refused:
            attempt()
        assert refused.value.code is Code.DENIED
    begin.withdraw(handover.pk, by=people.supervisor)
    with pytest.raises(DomainError) as refused:
        confirmed(people, handover)
    assert refused.value.code is Code.WRONG_STATE
    assert Entity.objects.get(code="municipality.north").is_active
    assert list(
        AuditEvent.objects.filter(code__startswith="handover").order_by("pk").values_list("code", flat=True)
    ) == [
        "handover_planned",
        "handover_withdrawn",
    ]


def test_a_move_in_the_tree_says_who_gains_and_loses(catalogue, people, report):
    handover = planned(people, catalogue.north, catalogue.water, "move")
    changes = outlook(handover, at=timezone.now()).changes
    told = {(one.person.username, one.entity.code, one.gains) for one in changes}
    assert told == {
        ("coordinator3", "municipality", False),
        ("coordinator2", "water", True),
        ("specialist2", "water", True),
        ("leader2", "water", True),
        ("grantee", "water", True),
        ("grantee2", "water", True),
    }
    above, beside = StaffActor(people.coordinator3), StaffActor(people.coordinator2)
    assert [Report.objects.visible_to(actor).count() for actor in (above, beside)] == [1, 0]
    assert confirmed(people, handover).state == "done"
    north = Entity.objects.get(code="municipality.north")
    assert north.get_parent() == catalogue.water
    assert north.is_active
    assert not Report.objects.visible_to(above).exists()
    assert Report.objects.visible_to(beside).get() == report
    assert Report.objects.get(pk=report.pk).entity == north
    assert present().is_at_or_below(present().entity("municipality.north"), present().entity("water"))


def test_a_move_to_the_top(catalogue, people):
    confirmed(people, planned(people, catalogue.north, None, "move"))
    assert Entity.objects.get(code="municipality.north").get_parent() is None
    assert scope_of(people.coordinator3).at("view_reports") == {catalogue.municipality.pk}


def test_nobody_moves_an_entity_below_their_own(catalogue, people, report):
    factories.MembershipFactory(person=people.admin, role="coordinator", entity=catalogue.water)
    with pytest.raises(DomainError) as refused:
        confirmed(people, planned(people, catalogue.north, catalogue.water, "move"))
    assert refused.value.code is Code.SECOND_PERSON
    assert Entity.objects.get(code="municipality.north").get_parent() == catalogue.municipality


def test_a_report_about_the_new_parent_hinders_the_move(catalogue, people, report):
    Report.objects.filter(pk=report.pk).update(about_entity=catalogue.water)
    with pytest.raises(DomainError) as refused:
        planned(people, catalogue.north, catalogue.water, "move")
    assert (refused.value.code, refused.value.field) == (Code.ABOUT_ENTITY, ("target",))
