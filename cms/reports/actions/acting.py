"""The frame of every action: lock and fetch → authorise → version and state → write → record → effects.

One transaction, in that order, for the site, the admin, GraphQL, imports and the demonstration alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, F, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from permissions.models import User
from permissions.policy import NOBODY, Scope, scope_of

from .. import events, policies, promises
from ..actors import SYSTEM, Actor, StaffActor, person_of
from ..audiences import Audience
from ..compiled import Compiled, Parameter
from ..errors import Code, Conflict, DomainError
from ..facts import ruled_out
from ..models import Directive, Event, Report
from ..workflow import ENDED, TRANSITIONS


@dataclass
class Act:
    """One action under way: the locked report, who acts, when, and what was recorded so far.

    `beside`: the other reports that were locked with it, by id.
    """

    report: Report
    action: str
    actor: Actor
    at: datetime
    scope: Scope
    from_state: str
    raises_version: bool
    beside: Mapping[int, Report] = field(default_factory=dict)
    recorded: list[tuple[Event, Report]] = field(default_factory=list)

    @property
    def recorded_by(self) -> int | None:
        """The acting member of staff; None for senders and the system."""
        return self.actor.user.pk if isinstance(self.actor, StaffActor) else None

    @property
    def person(self) -> User:
        """The acting member of staff, for actions whose every way is the staff's."""
        if not isinstance(self.actor, StaffActor):
            raise TypeError(f"{self.action} is done by staff alone")
        return self.actor.user

    def record(
        self,
        text: str = "",
        *,
        data: dict[str, Any] | None = None,
        entity_id: int | None = None,
        audiences: Collection[Audience] | None = None,
    ) -> Event:
        event = events.append(
            self.report,
            self.action,
            actor=self.actor,
            at=self.at,
            from_state=self.from_state,
            text=text,
            data=data,
            entity_id=entity_id,
            audiences=audiences,
        )
        self.recorded.append((event, self.report))
        return event

    def record_beside(
        self,
        other: Report,
        action: str,
        *,
        from_state: str,
        data: dict[str, Any],
        text: str = "",
        entity_id: int | None = None,
        audiences: Collection[Audience] | None = None,
        by_system: bool = False,
        version: bool = False,
    ) -> Event:
        """An event of this moment on another locked report, which is saved with it; `version`: its rises."""
        overtake_directives(other, from_state, self.at)
        event = events.append(
            other,
            action,
            actor=SYSTEM if by_system else self.actor,
            at=self.at,
            from_state=from_state,
            text=text,
            data=data,
            entity_id=entity_id,
            audiences=audiences,
        )
        other.updated_at = self.at
        other.revision += 1
        if version:
            other.version += 1
        other.save()
        self.recorded.append((event, other))
        return event


def overtake_directives(report: Report, from_state: str, at: datetime) -> None:
    """What was to be done is overtaken where the report has just ended."""
    if report.state in ENDED and from_state not in ENDED:
        report.directives.filter(outcome=Directive.Outcome.OPEN).update(
            outcome=Directive.Outcome.OVERTAKEN, ended_at=at
        )


class Repeated(Exception):
    """The same sender sent the same content again: the report as it is answers it."""

    def __init__(self, report: Report) -> None:
        self.report = report


Beside = Callable[[], Collection[int]]


def _for_update() -> QuerySet[Report]:
    return Report.objects.select_for_update(of=("self",)).select_related("sender").order_by("pk")


# Every action begins with it; Django needs longer to write the statement than the database to answer it.
_LOCKED: Compiled[Report] = Compiled(lambda: _for_update().filter(pk=Parameter("pk", BigIntegerField())))


def _locked(report_id: int, beside: Beside | None) -> tuple[Report, dict[int, Report]]:
    """The report, and those that `beside` names, locked in the order of their ids, so that no two wait in a
    ring. What `beside` names may change until the locks hold: then they are let go, and taken again with it.
    """
    if beside is None:
        alone = _LOCKED(pk=report_id)
        if not alone:
            raise DomainError(Code.NOT_FOUND)
        return alone[0], {}
    while True:
        wanted = {report_id, *beside()}
        point = transaction.savepoint()
        found = {report.pk: report for report in _for_update().filter(pk__in=wanted)}
        if report_id not in found:
            raise DomainError(Code.NOT_FOUND)
        if wanted.issuperset(beside()):
            return found.pop(report_id), found
        transaction.savepoint_rollback(point)


def _conflict(report: Report) -> Conflict:
    """Who did what and when, of the last step that raised the version."""
    steps = [code for code, row in TRANSITIONS.items() if row.version]
    # What happened to a report of its group changed nothing of its own.
    of_group = Q(code__in=("merge", "unmerge"), from_state=F("to_state"))
    rising = report.events.filter(code__in=steps).exclude(of_group)
    last = rising.select_related("actor").order_by("-sequence").first()
    if last is None:
        return Conflict()
    who = last.actor.name if last.actor else _("the system")
    if last.actor_kind == Event.ActorKind.SENDER:
        # Which of its people it was is the sending entity's own matter.
        who = report.sender_entity.name if report.sender_entity else _("the sender")
    when = date_format(timezone.localtime(last.at), "j F Y H:i")
    return Conflict(
        _("%(who)s did this on %(when)s: %(what)s.")
        % {"who": who, "when": when, "what": TRANSITIONS[last.code].label}
    )


@contextmanager
def acting(
    report_id: int,
    action: str,
    *,
    actor: Actor,
    at: datetime | None,
    version: int | None = None,
    repeated: Callable[[Report], bool] | None = None,
    beside: Beside | None = None,
) -> Iterator[Act]:
    """Everything before and after an action's own writing.

    Raises DomainError: `not_found` for what the actor does not see, `denied` for what they may not do,
    `conflict` for a version that has passed, `wrong_state` for what the table does not allow now. Nothing is
    written then. `repeated` tells a sender's resubmission of the same content; `beside` gives the ids of the
    reports to lock with this one.
    """
    now = at or timezone.now()
    row = TRANSITIONS[action]
    with transaction.atomic():
        report, others = _locked(report_id, beside)
        person = person_of(actor)
        scope = scope_of(person, at=at) if person is not None else NOBODY
        seen = Report.objects.filter(pk=report.pk).visible_to(actor, scope).exists()
        if not seen and not (row.unseen and policies.may(actor, action, report, scope)):
            raise DomainError(Code.NOT_FOUND)
        if not row.built:
            raise DomainError(Code.NOT_AVAILABLE)
        assigned = (
            isinstance(actor, StaffActor)
            and policies.asks_for_assigned(action, report, scope)
            and policies.is_assigned(actor.user.pk, report)
        )
        if not policies.may(actor, action, report, scope, assigned=assigned):
            raise DomainError(Code.DENIED)
        if repeated is not None and repeated(report):
            raise Repeated(report)
        if isinstance(actor, StaffActor) and row.version:
            if version is None:
                raise DomainError(Code.VERSION_REQUIRED, field="expectedVersion")
            if version != report.version:
                raise _conflict(report)
        if not policies.may_now(actor, action, report, scope, assigned=assigned):
            raise _not_now(actor, action, report)
        refusal = ruled_out(action, report, actor, now)
        if refusal is not None:
            raise refusal
        act = Act(report, action, actor, now, scope, report.state, row.version, others)
        ladder = _chosen_by(report)
        yield act
        if _chosen_by(report) != ladder:
            promises.reschedule(report)
        overtake_directives(report, act.from_state, now)
        report.updated_at = now
        report.revision += 1
        if act.raises_version:
            report.version += 1
        report.save()
        for event, whose in act.recorded:
            events.tell(event, whose)


def _chosen_by(report: Report) -> tuple[object, ...]:
    """What says which ladder its promises climb; its entity beside, which `promises` is told of."""
    return report.service_id, report.priority, report.privacy


def _not_now(actor: Actor, action: str, report: Report) -> DomainError:
    """The state does not allow it, or it does and the codename for this very state is missing."""
    in_state = any(report.state in way.states for way in TRANSITIONS[action].ways if way.who is actor.who)
    return DomainError(Code.DENIED if in_state else Code.WRONG_STATE)


def same_as_last(code: str, text: str) -> Callable[[Report], bool]:
    """Whether the sender's last event of this code, in this round, said exactly this."""

    def repeated(report: Report) -> bool:
        last = (
            report.events.filter(code=code, actor_kind=Event.ActorKind.SENDER)
            .select_related("body")
            .order_by("-sequence")
            .first()
        )
        if last is None or last.data.get("round") != report.round:
            return False
        body = getattr(last, "body", None)
        return (body.text if body else "") == text

    return repeated
