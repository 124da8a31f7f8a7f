"""The frame of every action: lock and fetch → authorise → version and state → write → record → effects.

One transaction, in that order, for the site, the admin, GraphQL, imports and the demonstration alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from permissions.models import User
from permissions.policy import NOBODY, Scope, scope_of

from .. import events, policies
from ..actors import Actor, StaffActor
from ..errors import Code, Conflict, DomainError
from ..facts import ruled_out
from ..models import Directive, Event, Report
from ..workflow import ENDED, TRANSITIONS, Audience


@dataclass
class Act:
    """One action under way: the locked report, who acts, when, and what was recorded so far."""

    report: Report
    action: str
    actor: Actor
    at: datetime
    scope: Scope
    from_state: str
    raises_version: bool
    recorded: list[Event] = field(default_factory=list)

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
        self.recorded.append(event)
        return event


class Repeated(Exception):
    """The same sender sent the same content again: the report as it is answers it."""

    def __init__(self, report: Report) -> None:
        self.report = report


def _locked(report_id: int) -> Report:
    try:
        return Report.objects.select_for_update(of=("self",)).select_related("sender").get(pk=report_id)
    except Report.DoesNotExist:
        raise DomainError(Code.NOT_FOUND) from None


def _conflict(report: Report) -> Conflict:
    """Who did what and when, of the last step that raised the version."""
    steps = [code for code, row in TRANSITIONS.items() if row.version]
    last = report.events.filter(code__in=steps).select_related("actor").order_by("-sequence").first()
    if last is None:
        return Conflict()
    who = last.actor.name if last.actor else {"sender": _("the sender")}.get(last.actor_kind, _("the system"))
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
) -> Iterator[Act]:
    """Everything before and after an action's own writing.

    Raises DomainError: `not_found` for what the actor does not see, `denied` for what they may not do,
    `conflict` for a version that has passed, `wrong_state` for what the table does not allow now. Nothing is
    written then. `repeated` tells a sender's resubmission of the same content.
    """
    now = at or timezone.now()
    row = TRANSITIONS[action]
    with transaction.atomic():
        report = _locked(report_id)
        scope = scope_of(actor.user, at=at) if isinstance(actor, StaffActor) else NOBODY
        if not Report.objects.filter(pk=report.pk).visible_to(actor, scope).exists():
            raise DomainError(Code.NOT_FOUND)
        if not row.built:
            raise DomainError(Code.NOT_AVAILABLE)
        assigned = isinstance(actor, StaffActor) and policies.is_assigned(actor.user.pk, report)
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
        act = Act(report, action, actor, now, scope, report.state, row.version)
        yield act
        if report.state in ENDED and act.from_state not in ENDED:
            report.directives.filter(outcome=Directive.Outcome.OPEN).update(
                outcome=Directive.Outcome.OVERTAKEN, ended_at=now
            )
        report.updated_at = now
        report.revision += 1
        if act.raises_version:
            report.version += 1
        report.save()
        for event in act.recorded:
            events.tell(event, report)


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
