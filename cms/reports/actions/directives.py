"""A leader's directive on a report, and its ends: done, declined, or overtaken when the report ends."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..actors import Actor
from ..errors import Code, DomainError
from ..models import Directive, Report
from ..reasons import reason_with_text, used_for
from ..texts import clean_text
from .acting import Act, acting


def direct(
    report_id: int,
    *,
    actor: Actor,
    text: str,
    due_on: date,
    version: int | None = None,
    at: datetime | None = None,
) -> Report:
    """Write a directive that is due by the end of a day, today or later."""
    words = clean_text(text, field="text", minimum=3, maximum=2000)
    with acting(report_id, "direct", actor=actor, at=at, version=version) as act:
        if due_on < timezone.localdate(act.at):
            raise DomainError(Code.INVALID, _("This day has passed."), field="dueOn")
        event = act.record(words, data={"due_on": due_on.isoformat(), "round": act.report.round})
        Directive.objects.create(report=act.report, event=event, by=act.person, at=act.at, due_on=due_on)
    return act.report


def _end(act: Act, directive: int, outcome: Directive.Outcome) -> int:
    """End an open directive of this report. Gives the number of the event that wrote it."""
    row = act.report.directives.select_related("event").filter(pk=directive).first()
    if row is None:
        raise DomainError(Code.NOT_FOUND, field="directive")
    if row.outcome != Directive.Outcome.OPEN:
        raise DomainError(Code.WRONG_STATE, _("This directive has ended."), field="directive")
    row.outcome, row.ended_at = outcome, act.at
    row.save(update_fields=["outcome", "ended_at"])
    return row.event.sequence


def directive_done(
    report_id: int,
    *,
    actor: Actor,
    directive: int,
    text: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> Report:
    """What the directive (by id) asked for was done; `text` may say how."""
    words = clean_text(text, field="text", maximum=2000)
    with acting(report_id, "directive_done", actor=actor, at=at, version=version) as act:
        sequence = _end(act, directive, Directive.Outcome.DONE)
        act.record(words, data={"directive": sequence, "round": act.report.round})
    return act.report


def directive_decline(
    report_id: int,
    *,
    actor: Actor,
    directive: int,
    reason: str,
    text: str = "",
    version: int | None = None,
    at: datetime | None = None,
) -> Report:
    """The directive (by id) is not carried out, and why."""
    with acting(report_id, "directive_decline", actor=actor, at=at, version=version) as act:
        given, why = reason_with_text(used_for("directive_decline"), reason, text)
        sequence = _end(act, directive, Directive.Outcome.DECLINED)
        act.record(why, data={"directive": sequence, "reason": given.code, "round": act.report.round})
    return act.report
