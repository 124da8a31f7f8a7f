"""What the table and the roles say must happen, and the arguments to try it with: for every door alike."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.errors import Code
from cms.reports.models import Attachment, Reason, Report
from cms.reports.workflow import ALL, OPEN, TRANSITIONS, State, Who
from permissions.roles import ROLES
from tests import factories

STATES = sorted(ALL)
# An open directive is on every report that can have one.
DIRECTED = OPEN | {State.ANSWERED}
ACTIONS = sorted(set(TRANSITIONS) - {"submit"})
# A sender who says the same again gets the report, not an error, and nothing is written.
SAID_AGAIN = {("withdraw", State.WITHDRAWN), ("accept", State.CLOSED)}
TEXT = "نص يكفي لكل إجراء يطلب نصًا."


def valid(action: str, report: Report, people: Any) -> dict[str, Any]:
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


def sees(role: str, state: State, *, assigned: bool) -> bool:
    """domain.md: a report in triage has no entity, so only what is held region-wide reaches it."""
    codenames = ROLES[role].codenames
    if "view_reports" in codenames:
        return ROLES[role].region or state != State.RECEIVED
    return assigned and "view_assigned_reports" in codenames


def expected_code(action: str, role: str, state: State, *, assigned: bool) -> Code | None:
    row = TRANSITIONS[action]
    unseen = row.unseen and any(way.codename in ROLES[role].codenames for way in row.ways)
    if not sees(role, state, assigned=assigned) and not unseen:
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


def uploaded(owner: str) -> Any:
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


def make_reasons() -> None:
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


def ready(report: Report, people: Any, report_in: Callable[..., Report]) -> Report:
    """With what its actions need beside it: a report to merge with, the primary's answer, a directive."""
    report_in("received" if report.entity_id is None else "with_entity")
    if report.merged_into is not None:
        report_in("answered", report=report.merged_into)
        return Report.objects.get(pk=report.pk)
    return directed(report, people)


def directed(report: Report, people: Any) -> Report:
    """With a directive of an emirate leader on it, where the table lets one be written."""
    if report.state in DIRECTED:
        leader = StaffActor(people.by_role["emirate"])
        day = timezone.localdate() + timedelta(days=2)
        return actions.direct(report.pk, actor=leader, text=TEXT, due_on=day)
    return report
