"""The shared fixtures say what they promise."""

import re
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from cms.entities.memberships import people_of
from cms.entities.phone import to_e164
from cms.reports import triggers
from cms.reports.models import Event
from cms.reports.workflow import State
from permissions.policy import scope_of

from .reports import PHONES


def test_the_coordinator_above_reaches_down_and_the_one_beside_does_not(catalogue, people):
    assert scope_of(people.coordinator3).has("assign_reports", catalogue.north.pk)
    assert not scope_of(people.coordinator2).has("assign_reports", catalogue.north.pk)


def test_two_grantees_may_see_the_confidential_reports_of_water(catalogue, people):
    holders = [
        user
        for user in (people.grantee, people.grantee2, people.coordinator2)
        if scope_of(user).has("view_confidential", catalogue.water.pk)
    ]
    assert holders == [people.grantee, people.grantee2]


def test_the_branch_has_two_specialists_to_assign_to(catalogue, people):
    assert set(people_of(catalogue.north, "handle_assigned_reports")) == {
        people.specialist,
        people.specialist_b,
    }


def test_the_senders_number_is_one_that_the_site_takes(sender):
    assert to_e164(sender.phone) == sender.phone


def test_no_test_writes_by_hand_a_number_that_the_factory_may_give():
    ours = Path(__file__).parents[1]
    by_hand = re.compile(r"(\+966|\b0)" + PHONES.removeprefix("+966") + r"\d{7}\b")
    assert [path for path in ours.rglob("*.py") if by_hand.search(path.read_text())] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_a_transactional_test_begins_with_no_history_and_with_its_guard(report, time):
    """Twice: the flush after the first one must have emptied the tables and left the triggers standing."""
    assert Event.objects.count() == 1
    assert triggers.missing() == []

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.update(code="answer")


@pytest.mark.parametrize("state", sorted(State))
def test_a_report_can_be_had_in_every_state_that_is_built(report_in, state):
    assert report_in(state).state == state
