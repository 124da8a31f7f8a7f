"""Which of the ladders that are written holds for a promise: service, priority, entity, region, built in."""

import pytest

from cms.entities.escalation import Ladders, built_in
from cms.entities.models import Escalation, EscalationStep

pytestmark = pytest.mark.django_db
PROMISE = ("resolution", "normal")


def written(position, **subject):
    made = Escalation.objects.create(promise="resolution", privacy="normal", **subject)
    EscalationStep.objects.create(
        escalation=made, position=position, audience="coordinator", channel="inbox", event="deadline_near"
    )
    return made


def position(ladders, service=None, priority="normal", entity=None, promise=PROMISE):
    """The one position of the ladder that holds; None where it is built in."""
    found = ladders.steps(*promise, service=service, priority=priority, entity=entity)
    return found[0].position if len(found) == 1 else None


def read():
    return Ladders(Escalation.objects.prefetch_related("steps"))


def test_the_nearest_ladder_holds(catalogue):
    lamp, north = catalogue.lamp.pk, catalogue.north.pk
    written(10, service=catalogue.lamp)
    written(20, priority="low")
    written(30, entity=catalogue.north)
    without_region = read()
    # where nothing is written what is built in holds
    assert position(without_region) is None
    assert without_region.steps(*PROMISE, service=None, priority="", entity=None) == built_in(*PROMISE)
    written(40)
    ladders = read()
    assert position(ladders, lamp, "low", north) == 10
    assert position(ladders, None, "low", north) == 20
    assert position(ladders, None, "normal", north) == 30
    assert position(ladders) == 40
    assert position(ladders, lamp + 1000, "high", north + 1000) == 40
    # of another promise, or of a confidential report, none of them
    for promise in (("first_reply", "normal"), ("resolution", "confidential")):
        assert ladders.steps(*promise, service=lamp, priority="low", entity=north) == built_in(*promise)


def test_a_ladder_of_one_entity_is_nobody_else_s(catalogue):
    assert not read().differ_by_entity
    written(20, priority="low")
    assert not read().differ_by_entity
    written(30, entity=catalogue.north)
    ladders = read()
    assert ladders.differ_by_entity
    assert position(ladders, entity=catalogue.water.pk) is None


def test_what_is_urgent_says_so_unless_a_ladder_of_the_region_is_written():
    urgent = built_in(*PROMISE, "urgent")
    assert {step.event for step in urgent if step.is_late} == {"deadline_due_urgent"}
    assert {step.event for step in built_in(*PROMISE, "high") if step.is_late} == {"deadline_due"}
    assert built_in("first_reply", "normal", "urgent") == built_in("first_reply", "normal")
    assert built_in("resolution", "confidential", "urgent") == built_in("resolution", "confidential")
    before = read().in_use()
    assert set(urgent) <= before
    written(40)
    after = read().in_use()
    assert not set(urgent) & after - set(built_in("first_reply", "normal"))
    assert {step.position for step in after - before} == {40}


def test_a_ladder_of_one_service_leaves_the_built_in_in_use(catalogue):
    written(10, service=catalogue.lamp)
    assert read().in_use() > set(built_in(*PROMISE))
