"""The sweep over promises whose next step has come: what is late becomes so in the history, and who is to
hear of it is told, each step once for a report, promise and round.

Found by `Deadline.next_step_at`, in batches by keyset. A batch is one transaction: its reports are locked
(those that somebody acts on at this moment are left for the next minute), its steps are written down and
told, and each promise says when it is to be looked at next. However many sweeps run, and wherever the clock
is set, a step that is written down is not taken again. Who is told is for `settings.SAWT_STEP_TELLER` to say.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from cms.entities.escalation import DUE, Step
from cms.entities.snapshot import Catalogue, catalogue

from . import events, ladder
from .actors import SYSTEM
from .models import Deadline, Event, Report, StepTaken
from .scheduling import clock_of, steps_for

BATCH = 1000
Outcome, Reason = StepTaken.Outcome, StepTaken.Reason
# What neither the steps nor who hears of them asks of a report.
UNREAD = ("text", "answers", "draft", "routing_reason_ar", "routing_reason_en", "address_text", "title")


@dataclass(frozen=True)
class DueStep:
    """A step whose time has come, of a report that is read with its entity."""

    deadline: Deadline
    report: Report
    step: Step
    due_at: datetime
    overtaken: bool

    @property
    def is_told_at_once(self) -> bool:
        return not self.overtaken and ladder.is_told_at_once(self.step, self.report.priority)


class Teller(Protocol):
    """Who is told of steps, and how: of the layer above."""

    def whom(self, steps: Sequence[DueStep], at: datetime) -> list[list[Any]]:
        """For each step the people who are to hear of it."""

    def tell(self, told: Sequence[tuple[DueStep, list[Any]]], at: datetime) -> None:
        """Write what is to be sent, in the caller's transaction; nobody at all is told to who keeps order."""


def teller() -> Teller:
    made: Teller = import_string(settings.SAWT_STEP_TELLER)()
    return made


@dataclass
class Looked:
    """A batch that was looked at: `due` and `late` are in the order in which they came."""

    deadlines: list[Deadline]
    due: list[DueStep] = field(default_factory=list)
    late: list[Deadline] = field(default_factory=list)


def look(deadlines: Sequence[Deadline], cat: Catalogue, now: datetime) -> Looked:
    """What these promises have come to. They are changed in memory: how far they are, and what comes next."""
    looked = Looked(list(deadlines))
    for deadline in deadlines:
        report, before = deadline.report, deadline.reached
        steps, clock = steps_for(report, deadline.promise, cat), clock_of(deadline, cat)
        come, deadline.reached = ladder.come_to(steps, before, clock, now)
        deadline.next_step_at = ladder.next_at(steps, deadline.reached, clock)
        looked.due += [DueStep(deadline, report, one.step, one.due_at, one.overtaken) for one in come]
        if before < DUE <= deadline.reached:
            looked.late.append(deadline)
    return looked


# next_step_at, id and report of a promise: its place in the order.
Place = tuple[Any, int, int]


def _page(now: datetime, after: Place | None, size: int) -> list[Place]:
    """The promises that come next, after a place in their order."""
    rows = Deadline.objects.filter(next_step_at__lte=now)
    if after is not None:
        at, pk, _report = after
        rows = rows.filter(Q(next_step_at__gt=at) | Q(pk__gt=pk), next_step_at__gte=at)
    return list(rows.order_by("next_step_at", "pk").values_list("next_step_at", "pk", "report_id")[:size])


def _pages(now: datetime, size: int) -> Iterator[list[Place]]:
    after: Place | None = None
    while page := _page(now, after, size):
        yield page
        after = page[-1]


def _reports(ids: Sequence[int]) -> QuerySet[Report]:
    return Report.objects.filter(pk__in=ids).select_related("entity").defer(*UNREAD).order_by("pk")


def _read(
    rows: Sequence[tuple[datetime, int, int]], reports: QuerySet[Report], now: datetime
) -> list[Deadline]:
    """Those of the promises that have still come, in their order, with their reports."""
    found = {report.pk: report for report in reports}
    deadlines = Deadline.objects.running().filter(
        pk__in=[pk for _at, pk, _report in rows], report__in=list(found), next_step_at__lte=now
    )
    there = list(deadlines.order_by("next_step_at", "pk"))
    for deadline in there:
        deadline.report = found[deadline.report_id]
    return there


def sweep(now: datetime, *, seconds: float = 45, batch: int = BATCH) -> Counter[str]:
    """Take the steps that have come, for so long; how many of each outcome, and how many became late."""
    counted: Counter[str] = Counter()
    stop = time.monotonic() + seconds
    for page in _pages(now, batch):
        with transaction.atomic():
            reports = _reports([report for _at, _pk, report in page])
            skip = connection.features.has_select_for_update_skip_locked
            locked = reports.select_for_update(of=("self",), skip_locked=skip)
            counted += take(look(_read(page, locked, now), catalogue(), now), now)
        if time.monotonic() > stop:
            break
    return counted


def take(looked: Looked, now: datetime) -> Counter[str]:
    """Write down and tell what locked promises have come to."""
    become_late(looked.late, now)
    known = set(
        StepTaken.objects.filter(deadline__in=looked.deadlines).values_list(
            "deadline_id", "position", "audience", "channel"
        )
    )
    due = [one for one in looked.due if _name(one) not in known]
    at_once = [one for one in due if one.is_told_at_once]
    tells = teller()
    people = tells.whom(at_once, now)
    found = {_name(one): len(who) for one, who in zip(at_once, people, strict=True)}
    rows = [_row(one, found.get(_name(one)), now) for one in due]
    StepTaken.objects.bulk_create(rows, batch_size=500)
    tells.tell(list(zip(at_once, people, strict=True)), now)
    Deadline.objects.bulk_update(looked.deadlines, ["reached", "next_step_at"], batch_size=500)
    return Counter(row.outcome for row in rows) + Counter(late=len(looked.late))


def _name(one: DueStep) -> tuple[int, int, str, str]:
    return one.deadline.pk, one.step.position, one.step.audience, one.step.channel


def _row(one: DueStep, people: int | None, now: datetime) -> StepTaken:
    outcome, reason = Outcome.DIGEST, ""
    if one.overtaken:
        outcome, reason = Outcome.SKIPPED, Reason.OVERTAKEN
    elif one.is_told_at_once:
        outcome, reason = (Outcome.SENT, "") if people else (Outcome.SKIPPED, Reason.NOBODY)
    return StepTaken(
        deadline=one.deadline,
        position=one.step.position,
        audience=one.step.audience,
        channel=one.step.channel,
        outcome=outcome,
        reason=reason,
        people=people or 0,
        due_at=one.due_at,
        at=now,
    )


def remember(reports: Sequence[int], until: datetime) -> None:
    """For loads of history: what came to pass with these reports by then, at its time; nobody is told."""
    rows = Deadline.objects.running().filter(report__in=reports, next_step_at__lte=until)
    place: list[Place] = list(rows.values_list("next_step_at", "pk", "report_id"))
    if not place:
        return
    looked = look(_read(place, _reports(reports), until), catalogue(), until)
    become_late(looked.late, None)
    StepTaken.objects.bulk_create(
        StepTaken(
            deadline=one.deadline,
            position=one.step.position,
            audience=one.step.audience,
            channel=one.step.channel,
            outcome=Outcome.SKIPPED,
            reason=Reason.PAST,
            due_at=one.due_at,
            at=until,
        )
        for one in looked.due
    )
    Deadline.objects.bulk_update(looked.deadlines, ["reached", "next_step_at"])


def become_late(deadlines: Sequence[Deadline], at: datetime | None) -> None:
    """An event for each, in its report's history, that those who work on it and those who lead them read.

    Nobody is told by it: that is the ladder's. The reports are locked. Without `at`, it was when it was due.
    """
    rows: list[Event] = []
    for deadline in deadlines:
        report = deadline.report
        data = {
            "promise": deadline.promise,
            "round": deadline.round,
            "due": deadline.due_at.isoformat(),
        }
        moment = at or max(deadline.due_at, report.updated_at)
        rows.append(events.made(report, "late", actor=SYSTEM, at=moment, from_state=report.state, data=data))
    if not rows:
        return
    Event.objects.bulk_create(rows, batch_size=500)
    changed = list({deadline.report_id: deadline.report for deadline in deadlines}.values())
    Report.objects.bulk_update(changed, ["event_count", "head_hash"], batch_size=500)


@dataclass
class Outlook:
    """What the sweep would do: messages by channel, to how many people, what waits for a digest or nobody."""

    messages: Counter[str] = field(default_factory=Counter)
    people: set[int] = field(default_factory=set)
    for_digest: int = 0
    overtaken: int = 0
    nobody: int = 0
    late: int = 0
    promises: int = 0

    @property
    def total(self) -> int:
        return sum(self.messages.values())


# A dry run is read on a page: so many promises, and it says that there are more.
MOST = 5000


def outlook(until: datetime, *, most: int = MOST) -> Outlook:
    """A dry run of the sweep over what comes until then, by its own code, with nothing written."""
    seen, tells = Outlook(), teller()
    for page in _pages(until, BATCH):
        looked = look(_read(page, _reports([report for _at, _pk, report in page]), until), catalogue(), until)
        at_once = [one for one in looked.due if one.is_told_at_once]
        for one, people in zip(at_once, tells.whom(at_once, until), strict=True):
            seen.messages[one.step.channel] += len(people)
            seen.people.update(person.pk for person in people)
            seen.nobody += not people
        seen.overtaken += sum(one.overtaken for one in looked.due)
        seen.for_digest += sum(not one.overtaken for one in looked.due) - len(at_once)
        seen.late += len(looked.late)
        seen.promises += len(looked.deadlines)
        if seen.promises >= most:
            break
    return seen
