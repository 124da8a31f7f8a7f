"""Any life of any report: random actions by random actors, and after each step all that must always hold.

Given the people of a small region, when anybody does anything to any report at any time, then it is refused
and nothing has changed, or it is done as the table says; and the state is one that the table leads to, those
see it whom domain.md lets see it, the clock's rows add up, and every chain verifies.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.forms.models import model_to_dict
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cms.entities.models import Entity, Membership
from cms.reports import actions, deadlines
from cms.reports.actors import SYSTEM, SenderActor, StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.history import verify
from cms.reports.models import Deadline, Report
from cms.reports.policies import available_actions
from cms.reports.promises import calendar_of, spans_of
from cms.reports.workflow import OPEN, TRANSITIONS, State, Who, ways
from permissions.models import User
from permissions.roles import ROLES
from tests import factories
from tests.contracts.expected import ACTIONS, SAID_AGAIN, make_reasons, valid

pytestmark = pytest.mark.django_db

# `script/prove lives` asks for more, for other ones each time, and for the shortest that goes wrong.
ASKED = os.environ.get("SAWT_LIVES", "")
EXAMPLES = int(ASKED or 12)
STEPS = 25
# Before a Ramadan, whose hours are others.
BEGIN = datetime(2026, 2, 1, 6, tzinfo=UTC)
MOST_REPORTS = 4
SERVICES = ("lamp", "leak", "thanks", "abuse", "other")
CLOCK = ("auto_close", "auto_expire")
# Where the table leaves the next state to the action.
COMPUTED = {
    "withdraw_question": OPEN,
    "sender_reply": OPEN,
    "reopen": OPEN,
    "unmerge": OPEN,
    "promote": OPEN,
    # What one may no longer see goes to those who may: to the triage, or to a colleague of theirs.
    "set_privacy": frozenset({State.RECEIVED, State.WITH_ENTITY}),
}
AFTER = st.sampled_from([0, 5, 90, 60 * 24, 60 * 24 * 4, 60 * 24 * 20])
DRAWN: dict[str, Any] = {
    "which": st.integers(0, MOST_REPORTS - 1),
    "who": st.integers(0, 40),
    "draw": st.integers(0, 1_000),
    "after": AFTER,
}


class Lives(RuleBasedStateMachine):
    people: factories.People
    # What was done in any of the lives, so that none of this proves the lives of the idle.
    done: set[str] = set()

    @initialize()
    def begin(self) -> None:
        self.ids: list[int] = []
        self.staff = [user for name, user in vars(self.people).items() if name != "by_role"]
        self.stranger = SenderActor(sender_id=factories.SenderFactory().pk)
        self.due: dict[int, datetime] = {}
        self.told: dict[int, int] = {}
        self.step = 0
        for service in ("lamp", "abuse"):
            self.submit_one(service)

    def __init__(self) -> None:
        super().__init__()
        cache.clear()
        self.now = BEGIN
        self.travel = time_machine.travel(BEGIN, tick=False)
        self.clock = self.travel.start()
        self.block = transaction.atomic()
        self.block.__enter__()

    def teardown(self) -> None:
        self.travel.stop()
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    # --- What happens ----------------------------------------------------------------------------------

    @precondition(lambda self: len(self.ids) < MOST_REPORTS)
    @rule(service=st.sampled_from(SERVICES), after=AFTER)
    def submit(self, service: str, after: int) -> None:
        self._pass(after)
        self.submit_one(service)

    def submit_one(self, service: str) -> None:
        answers = {"since": "week"} if service == "lamp" else {}
        report = factories.submitted_report(service=service, answers=answers)
        self.ids.append(report.pk)

    @precondition(lambda self: self.ids)
    @rule(
        which=st.integers(0, MOST_REPORTS - 1),
        action=st.sampled_from(ACTIONS),
        who=st.integers(0, 40),
        after=AFTER,
        stale=st.sampled_from([0, 0, 0, 1]),
    )
    def anybody_does_anything(self, which: int, action: str, who: int, after: int, stale: int) -> None:
        self._do(self.ids[which % len(self.ids)], action, who, after, stale)

    def _does_what_they_may(self, which: int, who: int, draw: int, after: int) -> None:
        """Most of what is drawn at random is refused: this one leads further into a life."""
        report = Report.objects.get(pk=self.ids[which % len(self.ids)])
        actors = self._actors(report)
        # The first who may do anything, from this one on.
        for number in range(who, who + 12):
            actor = actors[number % len(actors)]
            if Report.objects.filter(pk=report.pk).visible_to(actor).exists():
                if given := available_actions(actor, report):
                    self._do(report.pk, given[draw % len(given)], number, after, 0)
                return

    # Thrice, so that it is done as often as the rest together.
    somebody_goes_on = precondition(lambda self: self.ids)(rule(**DRAWN)(_does_what_they_may))
    somebody_else_goes_on = precondition(lambda self: self.ids)(rule(**DRAWN)(_does_what_they_may))
    and_somebody_else = precondition(lambda self: self.ids)(rule(**DRAWN)(_does_what_they_may))

    @rule(who=st.integers(0, 40), stays=st.sampled_from([True, True, True, False]))
    def somebody_leaves_or_comes_back(self, who: int, stays: bool) -> None:
        rows = Membership.objects.filter(person=self.staff[who % len(self.staff)])
        rows.update(valid_until=None if stays else timezone.now())

    def _pass(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.clock.move_to(self.now, tick=False)

    def _actors(self, report: Report) -> list[Any]:
        return [SenderActor(report_id=report.pk), self.stranger, *map(StaffActor, self.staff)]

    def _do(self, pk: int, action: str, who: int, after: int, stale: int) -> None:
        self._pass(after)
        report = Report.objects.get(pk=pk)
        actors = self._actors(report)
        actor = SYSTEM if action in CLOCK else actors[who % len(actors)]
        if action not in actions.BY_NAME or action == "attach":
            return
        before = everything()
        seen = actor is SYSTEM or Report.objects.filter(pk=pk).visible_to(actor).exists()
        seen = seen or TRANSITIONS[action].unseen
        refusal: DomainError | None = None
        try:
            with transaction.atomic():
                if actor is SYSTEM:
                    actions.BY_NAME[action](pk)
                else:
                    self._call(report, action, actor, stale)
        except DomainError as refused:
            refusal = refused
        kind = actor.who
        if refusal is not None:
            assert everything() == before, f"{action} was refused ({refusal.code}) and changed something"
            if not seen and refusal.field is None:
                assert refusal.code is Code.NOT_FOUND
        else:
            assert seen
            assert ways(action, kind, report.state) or (action, report.state) in SAID_AGAIN
            assert not stale or not TRANSITIONS[action].version or kind is not Who.STAFF
            self.done.add(action)
        self.ids = list(Report.objects.order_by("pk").values_list("pk", flat=True))

    def _call(self, report: Report, action: str, actor: Any, stale: int) -> None:
        try:
            arguments = valid(action, report, self.people)
        except IndexError:
            # No other open report at the same entity.
            arguments = {"primary": "QS-26-0000000-0"}
        if "due_on" in arguments:
            arguments["due_on"] = timezone.localdate() + timedelta(days=3)
        if any(way.who is Who.STAFF for way in TRANSITIONS[action].ways):
            arguments["version"] = report.version - stale
        if isinstance(actor, SenderActor) and not ways(action, Who.STAFF, None):
            arguments.pop("version", None)
        if action == "reopen" and isinstance(actor, SenderActor):
            arguments.pop("version", None)
        actions.BY_NAME[action](report.pk, actor=actor, **arguments)

    # --- What always holds -----------------------------------------------------------------------------

    @invariant()
    def every_state_is_one_that_the_table_leads_to(self) -> None:
        for report in Report.objects.all():
            last = ""
            for event in report.events.order_by("sequence"):
                if event.sequence > 1:
                    assert event.from_state == last, (report.reference, event.sequence, event.code)
                    assert may_lead(event.code, event.from_state, event.to_state), event.code
                last = event.to_state
            assert last == report.state

    @invariant()
    def who_sees_is_who_domain_says(self) -> None:
        if not hasattr(self, "staff"):
            return
        self.step += 1
        reports = list(Report.objects.select_related("entity", "about_entity"))
        for offset in range(2):
            person = self.staff[(self.step * 2 + offset) % len(self.staff)]
            seen = set(Report.objects.visible_to(StaffActor(person)).values_list("pk", flat=True))
            assert seen == {report.pk for report in reports if domain_lets_see(person, report)}, person
        for report in reports:
            own = Report.objects.visible_to(SenderActor(report_id=report.pk)).filter(pk=report.pk)
            assert own.exists() is (report.erased_at is None)
        assert not Report.objects.visible_to(self.stranger).exists()

    @invariant()
    def the_clock_adds_up(self) -> None:
        for report in Report.objects.all():
            rows = list(report.deadlines.all())
            for row in rows:
                self._adds_up(row)
            held = [(row.since, row.until) for row in report.custodies.order_by("since", "pk")]
            ends = [since for since, _until in held[1:]] + [report.entity_since]
            assert [until for _since, until in held] == (ends if held else [])
            told = json.dumps(list(report.events.values_list("data", flat=True)))
            for row in rows:
                was = self.due.get(row.pk, row.due_at)
                if was != row.due_at and row.promise != Deadline.Promise.TRIAGE:
                    assert was.isoformat()[:19] in told, f"{row} moved, and no event keeps the old time"
                self.due[row.pk] = row.due_at

    def _adds_up(self, row: Deadline) -> None:
        closed = [span for span in spans_of(row) if span[1] is not None]
        assert row.due_at == deadlines.due(row.starts_at, row.minutes, calendar_of(row), closed), row
        assert (row.outcome == Deadline.Outcome.OPEN) is (row.ended_at is None)
        if row.outcome == Deadline.Outcome.OPEN:
            assert row.report.state in OPEN, row
            if row.promise == Deadline.Promise.TRIAGE:
                assert row.report.state == State.RECEIVED

    @invariant()
    def every_chain_verifies(self) -> None:
        assert list(verify()) == []


def everything() -> dict[int, tuple[Any, int]]:
    return {row.pk: (model_to_dict(row), row.events.count()) for row in Report.objects.all()}


def may_lead(action: str, before: str, after: str) -> bool:
    """Whether the table has this step. What only touches a report of a group leaves its state."""
    if before == after:
        return True
    row = TRANSITIONS[action]
    if not any(before in way.states for way in row.ways):
        return False
    if row.to is not None:
        return after == row.to
    return after in COMPUTED.get(action, frozenset())


def domain_lets_see(person: User, report: Report) -> bool:
    """'Who may do what' and 'Confidential reports', said once more in other words than the policy's."""

    def within(below: Entity | None, above: Entity | None) -> bool:
        return below is not None and above is not None and below.path.startswith(above.path)

    memberships = list(Membership.objects.valid().filter(person=person).select_related("entity"))
    if any(within(one.entity, report.about_entity) for one in memberships):
        return False
    sees = False
    for one in memberships:
        codenames = ROLES[one.role].codenames
        here = ROLES[one.role].region or within(report.entity, one.entity)
        mine = report.assignments.filter(person=person, until=None).exists()
        sees |= here and ("view_reports" in codenames or ("view_assigned_reports" in codenames and mine))
    if not sees or report.privacy == "normal":
        return sees
    if any("view_confidential" in ROLES[one.role].codenames for one in memberships):
        return True
    # Of the small region's people these two are named, at the water company.
    return person.username in ("grantee", "grantee2") and within(
        report.entity, Entity.objects.get(code="water")
    )


def test_any_life(people: factories.People) -> None:
    make_reasons()
    Lives.people = people
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not ASKED,
            database=None,
            phases=[Phase.generate, Phase.shrink] if ASKED else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    # Which lives are drawn depends on the rows too, so the floor leaves a few actions to chance.
    assert len(Lives.done) >= 15, sorted(Lives.done)
