"""Bulk work: one form for many reports, each in a transaction of its own through the same action.

A row is named by the reference and the version that were on the screen. One that the person does not see is
missing, whether it is there or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from cms.entities.snapshot import catalogue
from cms.reports import policies, reference
from cms.reports.actions import BY_NAME
from cms.reports.actors import StaffActor
from cms.reports.errors import Code, Conflict, DomainError, Invalid
from cms.reports.facts import ruled_out
from cms.reports.models import Assignment, Report
from cms.reports.timeline import staff_timeline
from cms.reports.workflow import TRANSITIONS
from permissions.policy import Scope, scope_of

from ..report.history import last_by, last_step
from ..report.specs import SPECS

# In the order of the bar. Each is a row of the workflow's table with a form of its own.
ACTIONS = ("assign", "reassign", "route", "transfer", "return", "reject", "set_priority", "note")
# What the key of the reply leads to on a report's page.
REPLIES = tuple(action for action, spec in SPECS.items() if spec.key == "KeyR")
# More at once would keep somebody waiting for longer than they believe that it works.
MOST = 100


@dataclass(frozen=True)
class Ticked:
    """One row as it was on the screen; `version` is None where the action needs none."""

    reference: str
    version: int | None


@dataclass
class Outcome:
    """What became of each row, by reference. `refused` pairs a reference with a sentence."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    # The error that every row met, where all of them met the same one at a field of the form.
    common: DomainError | None = None

    @property
    def sentence(self) -> str:
        """`38 done, 2 refused, 1 not found`: what did not happen is left out, but for what was done."""
        parts = [ngettext("%(n)d done", "%(n)d done", len(self.done)) % {"n": len(self.done)}]
        if self.refused:
            n = len(self.refused)
            parts.append(ngettext("%(n)d refused", "%(n)d refused", n) % {"n": n})
        if self.missing:
            n = len(self.missing)
            parts.append(ngettext("%(n)d not found", "%(n)d not found", n) % {"n": n})
        return gettext(", ").join(parts)


def ticked(values: Iterable[str]) -> list[Ticked]:
    """The rows that a form names, each once; what is no row of ours is dropped."""
    rows: dict[str, Ticked] = {}
    for value in values:
        written, _, version = value[:60].partition("|")
        known = reference_of(written)
        if known:
            seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None
            rows.setdefault(known, Ticked(known, seen))
    return list(rows.values())


def references(value: str) -> list[str]:
    """Those of a comma-separated list, in its order, at most MOST."""
    found = (reference_of(part) for part in value.split(",")[:MOST])
    return list(dict.fromkeys(part for part in found if part))


def shown_before(value: str) -> dict[str, int | None]:
    """Of a comma-separated list of `reference:revision`, at most MOST: which revision of each is shown."""
    found: dict[str, int | None] = {}
    for part in value.split(",")[:MOST]:
        written, _, revision = part[:60].partition(":")
        if known := reference_of(written):
            told = revision.isascii() and revision.isdigit() and len(revision) < 9
            found.setdefault(known, int(revision) if told else None)
    return found


def reference_of(written: str) -> str:
    try:
        return reference.parse(written, settings.SAWT_REFERENCE_PREFIX)
    except DomainError:
        return ""


def seen_of(rows: Iterable[Ticked], actor: StaffActor, scope: Scope) -> list[Report]:
    """The reports of these rows that the person sees, in the order of the rows: one query."""
    wanted = [row.reference for row in rows]
    visible = Report.objects.visible_to(actor, scope).filter(reference__in=wanted)
    found = {report.reference: report for report in visible.select_related("entity", "service", "place")}
    return [found[one] for one in wanted if one in found]


def actions_of(scope: Scope) -> list[str]:
    """What this person may do to some report: the buttons of the bar."""
    return [action for action in ACTIONS if any(_held(way, scope) for way in TRANSITIONS[action].ways)]


def _held(way: Any, scope: Scope) -> bool:
    return any(name and scope.anywhere(name) for name in (way.codename, way.assigned))


def hindered(
    action: str, reports: Iterable[Report], actor: StaffActor, scope: Scope, at: datetime
) -> list[tuple[Report, str]]:
    """Those for which it is not possible now, each with a sentence. The action asks again.

    One query, and one for each whose state does not allow it, to tell who did what.
    """
    reports = list(reports)
    mine = set(
        Assignment.objects.filter(person=actor.user, until=None, report__in=reports).values_list(
            "report_id", flat=True
        )
    )
    found = []
    for report in reports:
        assigned = report.pk in mine
        if not policies.may(actor, action, report, scope, assigned=assigned):
            found.append((report, DomainError(Code.DENIED).message))
        elif not policies.may_now(actor, action, report, scope, assigned=assigned):
            found.append((report, _with_last_step(DomainError(Code.WRONG_STATE).message, report, scope, at)))
        elif refusal := ruled_out(action, report, actor, at):
            found.append((report, refusal.message))
    return found


def hints(reports: Iterable[Report], actor: StaffActor, scope: Scope) -> dict[int, str]:
    """By id, the bar's actions and the replies that its state and entity allow: for the count before the
    click and for the keys. No query.
    """
    offered = [*actions_of(scope), *REPLIES]
    known: dict[tuple[Any, ...], str] = {}
    found = {}
    for report in reports:
        mine = report.responsible_id == scope.user_id
        key = (report.state, report.entity_id, report.privacy, mine)
        if key not in known:
            known[key] = " ".join(
                a for a in offered if policies.may_now(actor, a, report, scope, assigned=mine)
            )
        found[report.pk] = known[key]
    return found


def run(action: str, rows: list[Ticked], arguments: dict[str, Any], *, actor: StaffActor) -> Outcome:
    """One after the other; what one row meets changes nothing for the next."""
    outcome = Outcome()
    ids = dict(
        Report.objects.filter(reference__in=[row.reference for row in rows]).values_list("reference", "pk")
    )
    met: list[DomainError] = []
    for row in rows:
        try:
            # An id that is none answers as a hidden report does: by the action itself.
            BY_NAME[action](ids.get(row.reference, 0), actor=actor, version=row.version, **arguments)
        except DomainError as error:
            if error.code == Code.NOT_FOUND and not error.field:
                outcome.missing.append(row.reference)
                continue
            met.append(error)
            outcome.refused.append((row.reference, _why(action, error, ids[row.reference], actor)))
        else:
            outcome.done.append(row.reference)
    if met and len(met) == len(rows) and len({(error.code, error.field) for error in met}) == 1:
        outcome.common = met[0] if met[0].field and not isinstance(met[0], Conflict) else None
    return outcome


def _why(action: str, error: DomainError, report_id: int, actor: StaffActor) -> str:
    if error.code == Code.NOT_FOUND and error.field == ("people",):
        return gettext("The chosen person does not work on reports like this one.")
    if isinstance(error, Conflict) or error.code == Code.WRONG_STATE:
        return _overtaken(error, report_id, actor)
    each = error.errors if isinstance(error, Invalid) else [error]
    return " ".join(one.message for one in each)


def _overtaken(error: DomainError, report_id: int, actor: StaffActor) -> str:
    """Who did what and when, as a single report's notice tells it."""
    at = timezone.now()
    scope = scope_of(actor.user, at=at)
    report = Report.objects.visible_to(actor, scope).filter(pk=report_id).first()
    if report is None:
        # It left their sight in this very moment.
        return error.message
    if not isinstance(error, Conflict):
        return _with_last_step(error.message, report, scope, at)
    events = staff_timeline(report, scope)
    what = last_step(events, catalogue(), at) or error.message
    if last_by(events) == actor.user.pk:
        return gettext("You acted on it yourself meanwhile, in another window. %(what)s") % {"what": what}
    return gettext("Somebody acted on it before you. %(what)s") % {"what": what}


def _with_last_step(sentence: str, report: Report, scope: Scope, at: datetime) -> str:
    what = last_step(staff_timeline(report, scope), catalogue(), at)
    return f"{sentence} {what}" if what else sentence
