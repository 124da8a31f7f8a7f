"""The policy's arithmetic, rule by rule: what mutation testing found that no other test would notice."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from cms.entities.memberships import refresh_entity_groups
from cms.entities.models import Membership
from cms.reports import policies
from cms.reports.actors import EntitySender, SenderActor, StaffActor
from cms.reports.models import Assignment, Report
from permissions.policy import NOBODY, Scope
from tests import factories

HERE, THERE = 1, 2


def holding(codename: str, *entities: int, everywhere: bool = False) -> Scope:
    return Scope(
        user_id=1,
        region=frozenset({codename} if everywhere else ()),
        entities={codename: frozenset(entities)} if entities else {},
    )


def at(entity_id: int | None, **facts: Any) -> Any:
    return SimpleNamespace(entity_id=entity_id, **facts)


@pytest.mark.parametrize(
    ("scope", "anywhere"),
    [
        (NOBODY, False),
        (holding("note", HERE), True),
        (holding("note", everywhere=True), True),
        (holding("other", HERE), False),
        (holding("other", everywhere=True), False),
    ],
)
def test_what_is_held_at_one_entity_or_region_wide_is_held_somewhere(scope: Scope, anywhere: bool) -> None:
    assert scope.anywhere("note") is anywhere


def test_who_triages_at_one_entity_alone_triages_there_and_nowhere_else() -> None:
    scope = holding("triage_reports", HERE)
    here, there, nowhere = at(HERE), at(THERE), at(None)
    assert policies.may_merge(scope, here, here)
    assert not policies.may_merge(scope, here, there)
    assert not policies.may_merge(scope, nowhere, nowhere)
    assert policies.may_split(scope, here, SimpleNamespace(pk=THERE))  # type: ignore[arg-type]
    assert not policies.may_split(scope, there, SimpleNamespace(pk=HERE))  # type: ignore[arg-type]
    other_sort = SimpleNamespace(kind="thanks", privacy="normal")
    for report, may in ((here, True), (there, False), (nowhere, False)):
        report.kind, report.privacy = "complaint", "normal"
        assert policies.may_set_service(scope, report, other_sort) is may  # type: ignore[arg-type]


def test_who_signed_in_and_opened_anothers_report_sees_both_until_they_are_erased(people: Any) -> None:
    sender = factories.SenderFactory()
    own = factories.submitted_report(sender=sender)
    opened, beside = factories.submitted_report(), factories.submitted_report()
    actor = SenderActor(report_id=opened.pk, sender_id=sender.pk)
    assert set(Report.objects.visible_to(actor)) == {own, opened}
    assert set(Report.objects.visible_to(SenderActor(sender_id=beside.sender_id))) == {beside}
    assert not Report.objects.visible_to(SenderActor()).exists()

    Report.objects.filter(pk=own.pk).update(erased_at=timezone.now())
    assert set(Report.objects.visible_to(actor)) == {opened}


def test_nobody_sees_what_an_entity_sent_however_much_a_scope_says(catalogue: Any, people: Any) -> None:
    scope = Scope(user_id=None, entities={"submit_on_behalf": frozenset({catalogue.north.pk})})
    factories.submitted_report()
    Report.objects.update(sender=None, sender_entity=catalogue.north)
    assert not Report.objects.visible_to(EntitySender(people.coordinator), scope).exists()
    own = Scope(user_id=people.coordinator.pk, entities=scope.entities)
    assert Report.objects.visible_to(EntitySender(people.coordinator), own).exists()


def test_absence_is_asked_of_the_responsible_person_at_the_reports_entity_and_moment(
    people: Any, report_in: Any
) -> None:
    report, now = report_in("assigned"), timezone.now()
    Membership.objects.filter(person=report.responsible_id).update(
        absent_from=now, absent_until=now + timedelta(days=1)
    )
    assert policies.responsible_is_absent(report, now)
    assert not policies.responsible_is_absent(report, now - timedelta(hours=1))
    assert not policies.responsible_is_absent(report, now + timedelta(days=2))
    report.responsible_id = None
    assert policies.responsible_is_absent(report, now) is False
    report.refresh_from_db()
    report.entity_id = None
    assert policies.responsible_is_absent(report, now) is False


def test_what_is_offered_is_what_the_given_scope_allows_and_never_to_submit(
    catalogue: Any, people: Any, report_in: Any
) -> None:
    report = report_in("assigned")
    for actor in (StaffActor(people.coordinator), StaffActor(people.agent), factories.as_sender(report)):
        assert "submit" not in policies.available_actions(actor, report)
    assert "start" in policies.available_actions(StaffActor(people.coordinator), report)
    assert policies.available_actions(StaffActor(people.coordinator), report, NOBODY) == []


def test_who_may_see_all_but_is_not_assigned_is_offered_no_work(
    catalogue: Any, people: Any, report_in: Any
) -> None:
    report = report_in("assigned")
    catalogue.north.specialists_see_all = True
    catalogue.north.save()
    refresh_entity_groups(catalogue.north)
    assert "start" in policies.available_actions(StaffActor(people.specialist), report)
    assert "start" not in policies.available_actions(StaffActor(people.specialist_b), report)


@pytest.mark.django_db
def test_of_a_handful_one_sees_what_one_sees_of_all(people: factories.People, catalogue: Any) -> None:
    """Who leads one entity and is assigned to reports of another, which are two rules in one."""
    factories.MembershipFactory(person=people.leader, entity=catalogue.water, role="specialist")
    north = factories.submitted_report()
    leaks = [factories.submitted_report(service="leak", answers={}) for _ in range(3)]
    now = timezone.now()
    for leak, until in ((leaks[0], None), (leaks[1], now)):
        Assignment.objects.create(
            report=leak, person=people.leader, entity=catalogue.water, since=now, until=until
        )
    actor, every = StaffActor(people.leader), [north.pk, *(leak.pk for leak in leaks)]
    assert set(Report.objects.visible_to(actor)) == {north, leaks[0]}
    few = Report.objects.filter(pk__in=every)
    assert set(few.visible_to(actor, few=True)) == {north, leaks[0]}
    assert "UNION" not in str(few.visible_to(actor, few=True).query)
    assert set(few.filter(pk=leaks[2].pk).visible_to(actor, few=True)) == set()
