"""The lists of a handover, before and after, as rows of words.

Whoever reads them sees a report's number only where they see that report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms.entities.models import (
    Entity,
    EntityUserObjectPermission,
    Handover,
    HandoverStep,
    Membership,
    RoutingRule,
)
from cms.reports.actors import StaffActor
from cms.reports.errors import MESSAGES, Code
from cms.reports.models import Report
from cms.reports.reach import CODENAMES
from cms.reports.workflow import State
from permissions.models import User
from permissions.policy import Scope
from permissions.roles import ROLES

from ..viewsets.proposed import named

AT_ONCE = 50
Outcome, What = HandoverStep.Outcome, HandoverStep.What

FAILED = _("Something went wrong here; the log says what. It is tried again when the handover is resumed.")


def why(code: str) -> str:
    """The sentence of a coded refusal; '' where there is none."""
    if not code:
        return ""
    return str(MESSAGES[Code(code)] if code in set(Code) else FAILED)


@dataclass(frozen=True)
class ReportRow:
    """`report` only where the reader sees it."""

    pk: int
    report: Report | None
    was: str
    person: User | None
    outcome: str
    label: str
    why: str
    at: Any


@dataclass(frozen=True)
class Line:
    """What became of a rule, a membership or a grant."""

    text: str
    note: str
    label: str
    why: str


def report_rows(
    handover: Handover, outcome: str, after: int, actor: StaffActor, scope: Scope
) -> tuple[list[ReportRow], int | None]:
    """A page of them, and from which row the next one goes on. Three statements."""
    steps = handover.steps.filter(what=What.REPORT, pk__gt=after).order_by("pk")
    if outcome:
        steps = steps.filter(outcome=outcome)
    found = list(steps[: AT_ONCE + 1])
    page = found[:AT_ONCE]
    seen = Report.objects.visible_to(actor, scope).only("reference", "public_id")
    reports = seen.in_bulk([step.row for step in page])
    people = User.objects.in_bulk({step.was["responsible"] for step in page if step.was.get("responsible")})
    rows = [
        ReportRow(
            step.pk,
            reports.get(step.row),
            str(State(step.was["state"]).label),
            people.get(step.was.get("responsible")),
            step.outcome,
            str(Outcome(step.outcome).label),
            why(step.code),
            step.at,
        )
        for step in page
    ]
    return rows, page[-1].pk if len(found) > AT_ONCE else None


def other_lines(handover: Handover) -> dict[str, list[Line]]:
    """Rules, memberships and grants by what they are; four statements."""
    steps: dict[str, list[HandoverStep]] = {}
    for step in handover.steps.exclude(what__in=(What.REPORT, What.CONFIDENTIAL)).order_by("pk"):
        steps.setdefault(step.what, []).append(step)
    rules = _rows(RoutingRule.objects.select_related("service", "category", "place"), steps, What.RULE)
    members = _rows(Membership.objects.select_related("person"), steps, What.MEMBERSHIP)
    grants = _rows(EntityUserObjectPermission.objects.select_related("user", "permission"), steps, What.GRANT)
    lines: dict[str, list[Line]] = {}
    for step in steps.get(What.RULE, ()):
        rule = rules.get(step.row)
        text = rule_words(rule) if rule else (step.was["subject"], step.was["place"])
        lines.setdefault("rules", []).append(_line(step, *text))
    for step in steps.get(What.MEMBERSHIP, ()):
        row = members.get(step.row)
        person = named(row.person) if row else ""
        lines.setdefault("memberships", []).append(_line(step, person, str(ROLES[step.was["role"]].label)))
    for step in steps.get(What.GRANT, ()):
        grant = grants.get(step.row)
        person = named(grant.user) if grant else ""
        lines.setdefault("grants", []).append(_line(step, person, str(CODENAMES[step.was["codename"]])))
    return lines


def _rows(queryset: Any, steps: dict[str, list[HandoverStep]], what: str) -> dict[int, Any]:
    wanted = [step.row for step in steps.get(what, ())]
    found: dict[int, Any] = queryset.in_bulk(wanted) if wanted else {}
    return found


def _line(step: HandoverStep, text: str, note: str) -> Line:
    return Line(text, note, str(Outcome(step.outcome).label), why(step.code))


def rule_words(rule: RoutingRule) -> tuple[str, str]:
    subject = rule.service or rule.category
    return (subject.name if subject else "", rule.place.name)


@dataclass(frozen=True)
class Count:
    code: str
    label: Promise | str
    n: int


def outcome_counts(progress: dict[str, int]) -> list[Count]:
    """Those that there are, in the order in which a report passes them."""
    return [Count(one.value, one.label, progress[one.value]) for one in Outcome if one.value in progress]


@dataclass(frozen=True)
class Kept:
    """Of the lists before, what was written down: the counts by state and person, and who gained or lost."""

    reports: list[tuple[str, User | None, int]]
    changes: list[tuple[User | None, Entity | None, bool, list[Promise]]]
    before: dict[str, Any]


def kept_lists(handover: Handover) -> Kept:
    before = handover.before or {}
    counted, changed = before.get("reports", ()), before.get("changes", ())
    people = User.objects.in_bulk(_ids((row[1] for row in counted), (row[0] for row in changed)))
    entities = Entity.objects.in_bulk(_ids(row[1] for row in changed))
    return Kept(
        [(str(State(state).label), people.get(person), n) for state, person, n in counted],
        [
            (people.get(person), entities.get(where), gains, [CODENAMES[code] for code in codes])
            for person, where, gains, codes in changed
        ],
        before,
    )


def _ids(*columns: Iterable[int | None]) -> set[int]:
    return {pk for column in columns for pk in column if pk is not None}
