"""Reports of one event: merge, unmerge, and what becomes of the members when their primary ends early.

A member follows its primary and never another member. What it followed, from which event of the primary's
chain until which, stands in its own events (`primary`, `since`, `until`); `cms.reports.merging` reads it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .. import promises
from ..actors import Actor
from ..errors import Code, DomainError
from ..models import Assignment, Directive, Report
from ..policies import may_merge
from ..reasons import reason_with_text
from ..reference import parse
from ..texts import clean_text
from ..workflow import INSIDE, OPEN, State
from .acting import Act, Beside, acting
from .assignments import end_assignments, give_custody, hand_over


def group_of(report_id: int) -> Beside:
    """The ids of a report's members and of its primary: the reports that its end may touch."""

    def ids() -> Collection[int]:
        members = Report.objects.filter(merged_into=report_id).values_list("pk")
        primary = Report.objects.filter(pk=report_id).exclude(merged_into=None).values_list("merged_into_id")
        return [pk for (pk,) in members.union(primary)]

    return ids


def _members(act: Act, primary: Report) -> list[Report]:
    """The oldest first."""
    found = [other for other in act.beside.values() if other.merged_into_id == primary.pk]
    return sorted(found, key=lambda report: (report.submitted_at, report.pk))


def _id_of(reference: str) -> int | None:
    if not reference.strip():
        raise DomainError(Code.REQUIRED, field="primary")
    try:
        canonical = parse(reference, settings.SAWT_REFERENCE_PREFIX)
    except DomainError as error:
        raise DomainError(error.code, field="primary") from None
    return Report.objects.filter(reference=canonical).values_list("pk", flat=True).first()


def merge(
    report_id: int,
    *,
    actor: Actor,
    version: int | None,
    primary: str,
    text: str = "",
    at: datetime | None = None,
) -> Report:
    """The report follows another one (by reference) that is open and tells of the same.

    Its work and its promises end; its own members follow the new primary. `text` is why, for the staff.
    """
    why = clean_text(text, field="text", maximum=1000)
    primary_id = _id_of(primary)

    def beside() -> Collection[int]:
        group = [*group_of(report_id)()]
        return [*group, primary_id] if primary_id is not None else group

    with acting(report_id, "merge", actor=actor, at=at, version=version, beside=beside) as act:
        report = act.report
        chosen = _chosen(act, primary_id)
        members = _members(act, report)
        here = report.event_count
        act.record_beside(
            chosen,
            "merge",
            from_state=chosen.state,
            data={"member": report.pk, "round": chosen.round},
            audiences=INSIDE,
        )
        working = list(report.assignments.filter(until=None).order_by("since", "pk"))
        report.state_before, report.state = report.state, State.MERGED
        report.merged_into = chosen
        report.merged_at = act.at
        data = {
            "primary": chosen.pk,
            "since": chosen.event_count,
            "people": [row.person_id for row in working],
            "responsible": report.responsible_id,
            "round": report.round,
        }
        end_assignments(report, act.at)
        promises.end_open(report, act.at)
        act.record(why, data=data)
        for member in members:
            _follow(act, member, chosen, until=here)
    return report


def _chosen(act: Act, primary_id: int | None) -> Report:
    """The primary, where this report may follow it; everything is asked after the lock."""
    report = act.report
    if primary_id == report.pk:
        raise DomainError(Code.INVALID, _("A report is not merged with itself."), field="primary")
    chosen = act.beside.get(primary_id or 0)
    if chosen is None or not Report.objects.filter(pk=chosen.pk).visible_to(act.actor, act.scope).exists():
        raise DomainError(Code.NOT_FOUND, field="primary")
    if report.pk == chosen.parent_id or chosen.pk == report.parent_id:
        raise DomainError(
            Code.INVALID, _("A part is not merged with the report that it was split from."), field="primary"
        )
    if not may_merge(act.scope, report, chosen):
        raise DomainError(
            Code.DENIED, _("Only a supervisor merges reports of different entities."), field="primary"
        )
    if chosen.state == State.MERGED:
        raise DomainError(
            Code.WRONG_STATE, _("That report is itself merged. Choose the one it follows."), field="primary"
        )
    if chosen.state not in OPEN:
        raise DomainError(Code.WRONG_STATE, _("That report is not open."), field="primary")
    if chosen.privacy != report.privacy:
        raise DomainError(
            Code.INVALID, _("One of the two is confidential, the other is not."), field="primary"
        )
    if chosen.about_entity_id != report.about_entity_id:
        raise DomainError(
            Code.INVALID, _("The two do not complain about the same entity's employees."), field="primary"
        )
    return chosen


def _follow(act: Act, member: Report, primary: Report, *, until: int, by_system: bool = False) -> None:
    """A member of one report becomes one of another; since when it is merged stays."""
    member.merged_into = primary
    act.record_beside(
        member,
        "merge",
        from_state=member.state,
        data={"primary": primary.pk, "since": primary.event_count, "until": until, "round": member.round},
        audiences=INSIDE,
        by_system=by_system,
    )


def unmerge(
    report_id: int,
    *,
    actor: Actor,
    version: int | None,
    reason: str,
    text: str = "",
    at: datetime | None = None,
) -> Report:
    """The report is as it was, and the clock as if the time since the merge had been a pause."""
    with acting(report_id, "unmerge", actor=actor, at=at, version=version, beside=group_of(report_id)) as act:
        report = act.report
        given, why = reason_with_text("unmerge", reason, text)
        primary, merged_at = act.beside[report.merged_into_id or 0], report.merged_at
        if merged_at is None:
            raise DomainError(Code.WRONG_STATE)
        moved = promises.run_again(report, merged_at, paused_until=act.at)
        if report.question_until is not None:
            report.question_until += act.at - merged_at
        _assign_again(act)
        report.directives.filter(outcome=Directive.Outcome.OVERTAKEN, ended_at=merged_at).update(
            outcome=Directive.Outcome.OPEN, ended_at=None
        )
        report.state = report.state_before
        act.record_beside(
            primary,
            "unmerge",
            from_state=primary.state,
            data={"member": report.pk, "round": primary.round},
            audiences=INSIDE,
        )
        left = leave(act, report)
        act.record(why, data={"reason": given.code, "moved": moved, "round": report.round, **left})
    return report


def _assign_again(act: Act) -> None:
    """Who worked on it when it was merged works on it again."""
    merged = act.report.events.filter(code="merge").exclude(from_state=State.MERGED).latest("sequence")
    responsible = merged.data["responsible"]
    _assign(act, act.report, merged.data["people"], responsible)


def _assign(act: Act, report: Report, people: list[int], responsible: int | None) -> None:
    Assignment.objects.bulk_create(
        Assignment(
            report=report,
            person_id=person,
            entity=report.entity,
            is_responsible=person == responsible,
            since=act.at,
        )
        for person in people
    )
    report.responsible_id = responsible


def leave(act: Act, report: Report) -> dict[str, Any]:
    """A member follows its primary no longer. Gives the event of that one's chain that was the last."""
    if report.merged_into_id is None:
        return {}
    until = act.beside[report.merged_into_id].event_count
    report.merged_into = report.merged_at = None
    report.state_before = ""
    return {"until": until}


def leave_to_reopen(act: Act) -> dict[str, Any]:
    """As `leave`, and the report is at the entity that its primary is at, with nothing half done."""
    report = act.report
    if report.merged_into_id is None:
        return {}
    primary = act.beside[report.merged_into_id]
    report.about_entity = primary.about_entity
    if report.entity_id != primary.entity_id:
        hand_over(report, primary.entity, act.at)
    report.draft = report.left_state = ""
    report.draft_by = report.question_until = None
    return leave(act, report)


def promote_a_member(act: Act, report: Report) -> None:
    """Before a primary is withdrawn or rejected: its oldest member takes its place, others follow that one.

    A question to the primary's sender is not the new one's: it goes on in the state that was left for it.
    """
    members = _members(act, report)
    if not members:
        return
    heir, *others = members
    here, merged_at = report.event_count, heir.merged_at
    heir.state = report.left_state if report.state == State.AWAITING_SENDER else report.state
    heir.about_entity = report.about_entity
    if heir.entity_id != report.entity_id:
        give_custody(heir, report.entity, act.at)
    working = list(report.assignments.filter(until=None).order_by("since", "pk"))
    _assign(act, heir, [row.person_id for row in working], report.responsible_id)
    heir.draft, heir.draft_by = report.draft, report.draft_by
    heir.merged_into = heir.merged_at = heir.question_until = None
    heir.state_before = heir.left_state = ""
    if merged_at is not None:
        promises.run_again(heir, merged_at)
    promises.triage_as_state_says(heir, act.at)
    act.record_beside(
        heir,
        "promote",
        from_state=State.MERGED,
        data={"members": len(others), "until": here, "round": heir.round},
        by_system=True,
        version=True,
    )
    for other in others:
        _follow(act, other, heir, until=here, by_system=True)


def part_from_members(act: Act, report: Report) -> None:
    """Before a primary becomes confidential: its members go on without it, as when it ends early."""
    if not _members(act, report):
        return
    if report.state not in OPEN:
        raise DomainError(Code.WRONG_STATE, _("Other reports are merged with it, and were answered with it."))
    promote_a_member(act, report)
