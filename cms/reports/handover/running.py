"""The work of a handover, in batches: each report is transferred by an action of its own (`stepwise`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cms.entities.models import Entity, Handover, HandoverStep, Privacy

from .. import stepwise
from ..actions.handing_over import hand_back, hand_on
from ..errors import DomainError
from ..models import Report
from .begin import record
from .outlook import becomes_its_own

LISTED_AT_ONCE = 500

State, Outcome, What = Handover.State, HandoverStep.Outcome, HandoverStep.What
OF_REPORTS = (What.REPORT, What.CONFIDENTIAL)


def waiting() -> list[int]:
    """Handovers that somebody has to go on with: those under way, and those done whose entity was given a
    report by who did not know yet.
    """
    running = list(Handover.objects.filter(state=State.RUNNING).order_by("pk").values_list("pk", flat=True))
    closed = list(
        Entity.objects.filter(is_active=False).exclude(continued_by=None).values_list("pk", flat=True)
    )
    if not closed:
        return running
    left = set(
        Report.objects.open().filter(entity_id__in=closed).order_by().values_list("entity_id", flat=True)
    )
    late = Handover.objects.filter(state=State.DONE, entity_id__in=left).exclude(kind=Handover.Kind.MOVE)
    for handover in late.select_related("entity", "target").order_by("pk"):
        if handover.entity.continued_by_id == handover.target_id and _unlisted(handover).exists():
            again = Handover.objects.filter(pk=handover.pk, state=State.DONE)
            running += [handover.pk] * again.update(state=State.RUNNING, lease_until=None, worker="")
    return running


def run(pk: int, *, now: stepwise.Clock = timezone.now, seconds: float = 20) -> int:
    """Go on with one handover for so long; how many rows were dealt with. Nothing where another is at it."""
    handovers = Handover.objects.select_related("entity", "target")
    return stepwise.go_on(
        handovers, pk, deal=_hand, list_more=_list_more, finish=_finish, now=now, seconds=seconds
    )


def _steps_of(report: Any) -> QuerySet[HandoverStep]:
    return HandoverStep.objects.filter(what__in=OF_REPORTS, row=report)


def _unlisted(handover: Handover) -> QuerySet[Report]:
    """Open reports of the entity, and those that became the target's own, which have no step yet."""
    concerned = Q(entity=handover.entity) | becomes_its_own(handover.entity, handover.successor)
    listed = _steps_of(OuterRef("pk")).filter(handover=handover)
    return Report.objects.open().filter(concerned).exclude(Exists(listed))


def _list_more(handover: Handover) -> int:
    """Write the next reports down as they are found; how many."""
    found = _unlisted(handover).order_by("pk").values_list("pk", "state", "responsible_id", "privacy")
    steps = [
        HandoverStep(
            handover=handover,
            what=What.REPORT if privacy == Privacy.NORMAL else What.CONFIDENTIAL,
            row=pk,
            was={"state": state, "responsible": responsible},
        )
        for pk, state, responsible, privacy in found[:LISTED_AT_ONCE]
    ]
    HandoverStep.objects.bulk_create(steps, ignore_conflicts=True)
    return len(steps)


def _hand(handover: Handover, step: HandoverStep, at: datetime) -> tuple[str, str]:
    """Where the report went, and the code of why it did not go to the target."""
    given: dict[str, Any] = {"handover": handover.pk, "why": handover.reason, "at": at}
    try:
        try:
            hand_on(step.row, entity=handover.successor.code, **given)
        except DomainError as refused:
            if refused.field != ("entity",):
                raise
            hand_back(step.row, refused=refused.code, **given)
            return Outcome.TO_TRIAGE, refused.code.value
    except DomainError as error:
        # It was answered, withdrawn or sent elsewhere in between: there is nothing to hand over.
        return Outcome.GONE, error.code.value
    return Outcome.MOVED, ""


def progress(handover: Handover) -> dict[str, int]:
    """Outcome → how many reports; confidential ones are counted by nobody."""
    rows = handover.steps.filter(what=What.REPORT).order_by().values_list("outcome")
    return dict(rows.annotate(n=Count("pk")).values_list("outcome", "n"))


def _finish(handover: Handover, at: datetime) -> None:
    with transaction.atomic():
        locked = Handover.objects.select_for_update(of=("self",)).get(pk=handover.pk)
        if locked.state != State.RUNNING:
            return
        counted = progress(locked)
        failed = locked.steps.filter(outcome=Outcome.FAILED).exists()
        locked.state, locked.ended_at = (State.STOPPED, None) if failed else (State.DONE, at)
        locked.save(update_fields=["state", "ended_at"])
        record(locked, "handover_stopped" if failed else "handover_done", None, counted, "", at)
