"""Every role × every action × every state, generated from the table and the roles.

Given a report in a state, when somebody of a role tries an action with valid arguments, then exactly the
expected code comes back; and a refusal changed nothing: no event, no version, no column.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from cms.reports import actions
from cms.reports.actors import SYSTEM, EntitySender, SenderActor, StaffActor
from cms.reports.errors import Code, DomainError
from cms.reports.models import Attachment, Reason, Report
from cms.reports.policies import available_actions
from cms.reports.workflow import ALL, OPEN, TRANSITIONS, State, Who
from permissions.roles import ROLES
from tests import factories

pytestmark = pytest.mark.django_db

STATES = sorted(ALL)
# An open directive is on every report that can have one.
DIRECTED = OPEN | {State.ANSWERED}
ACTIONS = sorted(set(TRANSITIONS) - {"submit"})
# A sender who says the same again gets the report, not an error, and nothing is written.
SAID_AGAIN = {("withdraw", State.WITHDRAWN), ("accept", State.CLOSED)}
TEXT = "نص يكفي لكل إجراء يطلب نصًا."


def _valid(action: str, report: Report, people: Any) -> dict[str, Any]:
    if action == "merge":
        # Another open report of the same entity, and of none where this one is in triage.
        return {
            "primary": Report.objects.open()
            .filter(entity=report.entity_id)
            .exclude(pk=report.pk)[0]
            .reference
        }
    parts = [
        actions.Part(title="الجزء الأول", service="lamp", entity="" if report.entity else "municipality"),
        actions.Part(title="الجزء الثاني", service="leak", entity="" if report.entity else "water"),
    ]
    arguments: dict[str, dict[str, Any]] = {
        "split": {"reason": "several_subjects", "parts": parts},
        "route": {"entity": "municipality"},
        "return": {"reason": "wrong_entity", "text": TEXT},
        "assign": {"people": [people.specialist.pk], "responsible": people.specialist.pk},
        "ask_sender": {"text": TEXT},
        "sender_reply": {"text": TEXT},
        "add_information": {"text": TEXT},
        "update_sender": {"text": TEXT},
        "draft_reply": {"text": TEXT},
        "send_back": {"reason": "tone", "text": TEXT},
        "answer": {"text": TEXT},
        "rate": {"score": 4},
        "reopen": {"text": TEXT},
        "appeal": {"text": TEXT},
        "reject": {"reason": "private_dispute", "text": TEXT},
        "note": {"text": TEXT},
        "transfer": {"entity": "water", "reason": "other_jurisdiction", "text": TEXT},
        "reassign": {"people": [people.specialist_b.pk], "responsible": people.specialist_b.pk},
        "direct": {"text": TEXT, "due_on": timezone.localdate() + timedelta(days=3)},
        "unmerge": {"reason": "merged_by_mistake"},
        "set_priority": {"priority": "urgent", "text": TEXT},
        "set_place": {"place": "town", "text": TEXT},
        "set_privacy": {"privacy": "confidential", "reason": "fear_of_harm", "text": TEXT},
        "set_service": {"service": "leak", "text": TEXT},
    }
    if action in ("directive_done", "directive_decline"):
        directive = report.directives.first()
        return {
            "directive": directive.pk if directive else 0,
            **({"reason": "not_possible", "text": TEXT} if action == "directive_decline" else {}),
        }
    return arguments.get(action, {})


def _sees(role: str, state: State, *, assigned: bool) -> bool:
    """domain.md: a report in triage has no entity, so only what is held region-wide reaches it."""
    codenames = ROLES[role].codenames
    if "view_reports" in codenames:
        return ROLES[role].region or state != State.RECEIVED
    return assigned and "view_assigned_reports" in codenames


def _expected(action: str, role: str, state: State, *, assigned: bool) -> Code | None:
    row = TRANSITIONS[action]
    unseen = row.unseen and any(way.codename in ROLES[role].codenames for way in row.ways)
    if not _sees(role, state, assigned=assigned) and not unseen:
        return Code.NOT_FOUND
    if not row.built:
        return Code.NOT_AVAILABLE
    codenames = ROLES[role].codenames
    reaches = ROLES[role].region or state != State.RECEIVED

    def held(way: Any) -> bool:
        # Every report here is of normal privacy.
        if way.privacy == "confidential":
            return False
        return reaches and (way.codename in codenames or (assigned and way.assigned in codenames))

    staff_ways = [way for way in row.ways if way.who is Who.STAFF]
    if not any(held(way) for way in staff_ways):
        return Code.DENIED
    here = [way for way in staff_ways if state in way.states]
    if not here:
        return Code.WRONG_STATE
    if not any(held(way) for way in here):
        return Code.DENIED
    if action == "acknowledge":
        return Code.NOT_AVAILABLE
    if action == "erase":
        # Nobody has proposed it.
        return Code.SECOND_PERSON
    if action in ("directive_done", "directive_decline") and state not in DIRECTED:
        return Code.NOT_AVAILABLE
    # The specialist of this report is responsible for it already, and nobody is absent.
    return None


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


def _uploaded(owner: str) -> Any:
    """A file of this person's that waits to be attached, without the work of drawing one anew."""
    at = timezone.now()
    row = Attachment.objects.create(
        owner=owner,
        name="a.jpg",
        content_type="image/jpeg",
        size=1,
        scan="unscanned",
        created_at=at,
        expires_at=at + timedelta(hours=1),
        is_stored=True,
    )
    return factories.files_of(row, owner=owner)


@pytest.fixture
def reasons(db: Any) -> None:
    for used_for, code in (
        ("return", "wrong_entity"),
        ("reject", "private_dispute"),
        ("send_back", "tone"),
        ("transfer", "other_jurisdiction"),
        ("decline", "not_possible"),
        ("set_privacy", "fear_of_harm"),
        ("unmerge", "merged_by_mistake"),
        ("split", "several_subjects"),
    ):
        Reason.objects.get_or_create(
            used_for=used_for, code=code, defaults={"label_ar": "سبب", "label_en": "Reason"}
        )


def _ready(report: Report, people: Any, report_in: Callable[..., Report]) -> Report:
    """With what its actions need beside it: a report to merge with, the primary's answer, a directive."""
    report_in("received" if report.entity_id is None else "with_entity")
    if report.merged_into is not None:
        report_in("answered", report=report.merged_into)
        return Report.objects.get(pk=report.pk)
    return _directed(report, people)


def _directed(report: Report, people: Any) -> Report:
    """With a directive of an emirate leader on it, where the table lets one be written."""
    if report.state in DIRECTED:
        leader = StaffActor(people.by_role["emirate"])
        day = timezone.localdate() + timedelta(days=2)
        return actions.direct(report.pk, actor=leader, text=TEXT, due_on=day)
    return report


@pytest.mark.parametrize("state", STATES)
def test_staff(state: str, people: Any, report_in: Callable[..., Report], reasons: None) -> None:
    report = _ready(report_in(state), people, report_in)
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
            arguments = _valid(action, report, people)
            if any(way.who is Who.STAFF for way in TRANSITIONS[action].ways) and action in actions.BY_NAME:
                arguments["version"] = report.version
            elif action in actions.BY_NAME:
                arguments.pop("version", None)
            if action in ("auto_close", "auto_expire"):
                continue
            if action == "attach":
                arguments["files"] = _uploaded(f"staff:{user.pk}")
            expected = _expected(action, role, State(state), assigned=assigned)
            got = _attempt(report, action, actor, arguments)
            if got != expected:
                wrong.append(f"{role} {action}: expected {expected}, got {got}")
            if (action in offered) != (expected is None):
                wrong.append(f"{role} {action}: offered {action in offered}, expected {expected}")
    assert wrong == []


@pytest.mark.parametrize("state", STATES)
def test_sender(state: str, people: Any, report_in: Callable[..., Report], reasons: None) -> None:
    report = _ready(report_in(state), people, report_in)
    stranger = SenderActor(sender_id=factories.SenderFactory().pk)
    assert _as_sender(report, people, SenderActor(report_id=report.pk), [stranger]) == []


@pytest.mark.parametrize("state", STATES)
def test_entity_sender(state: str, people: Any, report_in: Callable[..., Report], reasons: None) -> None:
    """What the water company sent to the north branch: its people do what a sender does, and no one else."""
    report = _ready(report_in(state, report=factories.letter(people.coordinator2)), people, report_in)
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
        arguments = _valid(action, report, people)
        if action == "attach":
            arguments["files"] = _uploaded("staff:0")
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
