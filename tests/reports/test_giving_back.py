"""Where too few may see confidential reports any more, the open ones go to the region's triage group."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms.entities.models import EntityUserObjectPermission
from cms.reports import actions, tasks
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.history import verify
from cms.reports.models import Report
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(people):
    """A confidential report that is with water, where two are named."""
    report = factories.submitted_report(service="abuse", place="town", answers={})
    assert report.entity.code == "water"
    return report


def end(person):
    EntityUserObjectPermission.objects.filter(user=person).update(valid_until=timezone.now())


def test_nothing_moves_while_two_are_named(secret):
    assert tasks.give_back() == 0
    secret.refresh_from_db()
    assert (secret.state, secret.version) == ("with_entity", 1)


@pytest.mark.parametrize("how", ["ended", "expired", "account closed"])
def test_it_goes_to_the_triage_group_when_one_is_left(people, secret, how):
    other = factories.submitted_report(service="leak", place="town", answers={})
    if how == "ended":
        end(people.grantee)
    elif how == "expired":
        past = timezone.now() - timedelta(seconds=1)
        EntityUserObjectPermission.objects.filter(user=people.grantee).update(valid_until=past)
    else:
        people.grantee.is_active = False
        people.grantee.save()

    assert tasks.give_back() == 1

    secret.refresh_from_db()
    assert (secret.state, secret.entity, secret.responsible, secret.version) == ("received", None, None, 2)
    assert secret.deadlines.filter(promise="triage", outcome="open").exists()
    event = secret.events.latest("sequence")
    assert (event.code, event.actor_kind, event.entity.code) == ("return", "system", "water")
    assert event.data["refused"] == "too_few_grantees"
    seen = Report.objects.filter(pk=secret.pk)
    assert seen.visible_to(StaffActor(people.triage_confidential)).exists()
    assert not seen.visible_to(StaffActor(people.grantee2)).exists()
    assert list(verify(Report.objects.filter(pk=secret.pk))) == []
    other.refresh_from_db()
    assert (other.state, other.version) == ("with_entity", 1)
    # Once.
    assert tasks.give_back() == 0


def test_what_has_ended_stays_where_it_was(people, secret):
    Report.objects.filter(pk=secret.pk).update(state="closed")
    end(people.grantee)
    assert tasks.give_back() == 0
    secret.refresh_from_db()
    assert (secret.state, secret.entity.code) == ("closed", "water")


def test_a_question_is_withdrawn_with_it_and_its_pause_ends(people, secret):
    Report.objects.filter(pk=secret.pk).update(state="awaiting_sender", left_state="with_entity")
    end(people.grantee)
    assert tasks.give_back() == 1
    secret.refresh_from_db()
    assert (secret.state, secret.left_state, secret.question_until) == ("received", "", None)


def test_it_is_asked_again_after_the_lock(people, secret):
    with pytest.raises(DomainError) as refused:
        actions.give_back(secret.pk)
    assert refused.value.code is Code.WRONG_STATE
    secret.refresh_from_db()
    assert (secret.state, secret.event_count) == ("with_entity", 1)
