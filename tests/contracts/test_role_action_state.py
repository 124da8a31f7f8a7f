"""Every role × every action × every state, generated from the table and the roles.

Given a report in a state, when somebody of a role tries an action with valid arguments, then exactly the
expected code comes back; and a refusal changed nothing: no event, no version, no column.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.forms.models import model_to_dict

from cms.reports import actions
from cms.reports.actors import SYSTEM, EntitySender, SenderActor, StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.models import Report
from cms.reports.policies import available_actions
from cms.reports.workflow import TRANSITIONS, State, Who
from permissions.roles import ROLES
from tests import factories

from .expected import (
    ACTIONS,
    SAID_AGAIN,
    STATES,
    expected_code,
    make_reasons,
    ready,
    uploaded,
    valid,
)

pytestmark = pytest.mark.django_db


def _attempt(report: Report, action: str, actor: Any, arguments: dict[str, Any]) -> Code | None:
    """The refusal's code, or None; what was written is rolled back either way."""
    before, events = model_to_dict(report), report.events.count()
    outcome: Code | None = None
    with transaction.atomic():
        point = transaction.savepoint()
        try:
            function = actions.BY_NAME.get(action)
            if function is None:
                # Not built: the frame itself refuses, as it would for a door that offered it.
                from cms.reports.actions.acting import acting

                with acting(report.pk, action, actor=actor, at=None, version=report.version):
                    raise AssertionError("an action that is not built was let in")
            if action in ("auto_close", "auto_expire"):
                function(report.pk)
            else:
                function(report.pk, actor=actor, **arguments)
        except DomainError as error:
            outcome = error.code
            fresh = Report.objects.get(pk=report.pk)
            assert model_to_dict(fresh) == before
            assert fresh.events.count() == events
        else:
            assert Report.objects.get(pk=report.pk).events.count() > events
        transaction.savepoint_rollback(point)
    return outcome


@pytest.fixture
def reasons(db: Any) -> None:
    make_reasons()


@pytest.mark.parametrize("state", STATES)
def test_staff(state: str, people: Any, report_in: Callable[..., Report], reasons: None) -> None:
    report = ready(report_in(state), people, report_in)
    assigned_to = set(report.assignments.filter(until=None).values_list("person_id", flat=True))
    wrong = []
    for role, user in people.by_role.items():
        actor = StaffActor(user)
        assigned = user.pk in assigned_to
        offered = (
            available_actions(actor, report)
            if Report.objects.filter(pk=report.pk).visible_to(actor).exists()
            else []
        )
        for action in ACTIONS:
            arguments = valid(action, report, people)
            if any(way.who is Who.STAFF for way in TRANSITIONS[action].ways) and action in actions.BY_NAME:
                arguments["version"] = report.version
            elif action in actions.BY_NAME:
                arguments.pop("version", None)
            if action in ("auto_close", "auto_expire"):
                continue
            if action == "attach":
                arguments["files"] = uploaded(f"staff:{user.pk}")
            expected = expected_code(action, role, State(state), assigned=assigned)
            got = _attempt(report, action, actor, arguments)
            if got != expected:
                wrong.append(f"{role} {action}: expected {expected}, got {got}")
            if (action in offered) != (expected is None):
                wrong.append(f"{role} {action}: offered {action in offered}, expected {expected}")
    assert wrong == []


@pytest.mark.parametrize("state", STATES)
def test_sender(state: str, people: Any, report_in: Callable[..., Report], reasons: None) -> None:
    report = ready(report_in(state), people, report_in)
    stranger = SenderActor(sender_id=factories.SenderFactory().pk)
    assert _as_sender(report, people, SenderActor(report_id=report.pk), [stranger]) == []


@pytest.mark.parametrize("state", STATES)
def test_entity_sender(state: str, people: Any, report_in: Callable[..., Report], reasons: None) -> None:
    """What the water company sent to the north branch: its people do what a sender does, and no one else."""
    report = ready(report_in(state, report=factories.letter(people.coordinator2)), people, report_in)
    strangers = [
        # Who has the report now; of its own entity without the codename; with it, and only as staff.
        EntitySender(people.coordinator),
        EntitySender(people.specialist2),
        StaffActor(people.leader2),
    ]
    assert _as_sender(report, people, EntitySender(people.coordinator2), strangers) == []
    assert available_actions(EntitySender(people.leader2), report) == [
        action
        for action, row in TRANSITIONS.items()
        if any(way.who is Who.SENDER and state in way.states for way in row.ways)
    ]
    for user in people.by_role.values():
        assert not Report.objects.visible_to(EntitySender(user)).filter(pk=report.pk).exists()


@pytest.mark.parametrize("role", sorted(ROLES))
def test_who_sends_in_an_entitys_name(role: str, people: Any) -> None:
    user = people.by_role[role]
    if not ROLES[role].region and "submit_on_behalf" in ROLES[role].codenames:
        assert factories.letter(user, sender="municipality.north", to="water").state == "with_entity"
        return
    with pytest.raises(DomainError) as refused:
        factories.letter(user, sender="municipality.north", to="water")
    assert refused.value.code is Code.DENIED
    assert Report.objects.count() == 0


def _as_sender(report: Report, people: Any, actor: Any, strangers: list[Any]) -> list[str]:
    """What is wrong: every action by the sender, and by those who are none."""
    state = State(report.state)
    wrong = []
    for action in ACTIONS:
        if action not in actions.BY_NAME or action in ("auto_close", "auto_expire"):
            continue
        row = TRANSITIONS[action]
        ways = [way for way in row.ways if way.who is Who.SENDER]
        arguments = valid(action, report, people)
        if action == "attach":
            arguments["files"] = uploaded("staff:0")
        if not ways:
            expected: Code | None = Code.DENIED
            arguments["version"] = report.version
        elif (action, state) in SAID_AGAIN or any(state in way.states for way in ways):
            expected = None
        else:
            expected = Code.WRONG_STATE
        if (action, state) in SAID_AGAIN:
            again = actions.BY_NAME[action](report.pk, actor=actor)
            assert (again.version, again.event_count) == (report.version, report.event_count)
        else:
            got = _attempt(report, action, actor, arguments)
            if got != expected:
                wrong.append(f"{action}: expected {expected}, got {got}")
        for stranger in strangers:
            got = _attempt(report, action, stranger, arguments)
            if got is not Code.NOT_FOUND:
                wrong.append(f"{stranger}: {action}: {got}")
    return wrong


@pytest.mark.parametrize("state", STATES)
def test_the_clock_only_ends_what_is_due(
    state: str, people: Any, report_in: Callable[..., Report], reasons: None
) -> None:
    report = report_in(state)
    for action in ("auto_close", "auto_expire"):
        # Nothing is due yet, in any state.
        assert _attempt(report, action, SYSTEM, {}) is Code.WRONG_STATE
    due = report.reopen_until or report.question_until
    ends = {"answered": actions.auto_close, "awaiting_sender": actions.auto_expire}.get(state)
    if ends is not None:
        assert ends(report.pk, at=due).state == State.CLOSED
