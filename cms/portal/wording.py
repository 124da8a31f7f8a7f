"""The sender's words for a report: its state, what happened, what comes next. Codes in, sentences out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from django.utils.translation import gettext as _

from cms.reports.merging import primary_of, state_for_sender
from cms.reports.models import Deadline, Report
from cms.reports.timeline import Entry, heading
from cms.reports.workflow import OPEN, SenderState, State

ICONS = {
    "received": "inbox",
    "with_entity": "send",
    "assigned": "eye",
    "in_progress": "tools",
    "awaiting_sender": "chat",
    "answered": "done",
    "closed": "lock",
    "rejected": "no",
    "withdrawn": "reopen",
}


@dataclass(frozen=True)
class Badge:
    code: str
    label: str
    icon: str

    @property
    def points_along(self) -> bool:
        """An icon that points the way one reads is mirrored in Arabic."""
        return self.icon in ("send", "reopen")


def badge(report: Report) -> Badge:
    """A merged report shows its primary's state."""
    word = state_for_sender(report)
    return Badge(word.value, str(word.label), ICONS[word.value])


def is_open(report: Report) -> bool:
    return (primary_of(report) or report).state in OPEN


def is_late(report: Report, now: datetime) -> bool:
    return is_open(report) and report.next_due_at is not None and report.next_due_at < now


def title(report: Report) -> str:
    return heading(report, report.service, report.place)


def _awaits_appeal(report: Report, entries: Sequence[Entry]) -> bool:
    """Whether it came back by the appeal; one that was upheld and returned later waits as any other does."""
    if report.appealed_at is None or report.state != State.RECEIVED:
        return False
    since = takewhile(lambda entry: entry.state == SenderState.RECEIVED, reversed(entries))
    return any(entry.code == "appeal" for entry in since)


def lead(report: Report, entries: Sequence[Entry]) -> str:
    """Where the report stands, in one sentence. `entries`: its sender's timeline."""
    at = (primary_of(report) or report).entity
    entity = at.name if at else ""
    match badge(report).code:
        case SenderState.RECEIVED if _awaits_appeal(report, entries):
            return _("Your appeal is being decided on by a supervisor who did not reject the report.")
        case SenderState.RECEIVED:
            return _("We have your report. A supervisor of the emirate decides which entity answers it.")
        case SenderState.WITH_ENTITY:
            return _("Your report is with %(entity)s, which will give it to a specialist.") % {
                "entity": entity
            }
        case SenderState.ASSIGNED:
            return _("A specialist of %(entity)s is studying your report.") % {"entity": entity}
        case SenderState.IN_PROGRESS:
            return _("%(entity)s is working on your report.") % {"entity": entity}
        case SenderState.AWAITING_SENDER:
            return _("%(entity)s has asked you something and waits for your reply.") % {"entity": entity}
        case SenderState.ANSWERED:
            return _("%(entity)s has answered your report.") % {"entity": entity}
        case SenderState.CLOSED:
            return _("Your report is closed.")
        case SenderState.REJECTED:
            return _("Your report was not accepted. The reason stands below.")
        case _other:
            return _("You withdrew this report.")


@dataclass(frozen=True)
class Line:
    """One line of the timeline as it is read: what to look for, and what it says beside it."""

    at: datetime
    heading: str
    sentence: str


def lines(entries: Sequence[Entry]) -> list[Line]:
    """Newest first. A new state is its line's heading; what changed none is called by its own name."""
    told = []
    shown: SenderState | None = None
    for entry in entries:
        heading = str(entry.state.label if entry.state != shown else entry.label)
        # The sentence adds something, or is left out.
        told.append(Line(entry.at, heading, entry.label if entry.label != heading else ""))
        shown = entry.state
    return told[::-1]


def dates(report: Report) -> dict[str, Deadline]:
    """The promises that the sender is shown, by name; one that was neither met nor missed is over.

    A rejection is the reply that was promised first, but it solves nothing.
    """
    kept = {}
    for row in report.deadlines.exclude(outcome=Deadline.Outcome.ENDED).order_by("round"):
        is_first = row.promise == Deadline.Promise.FIRST_REPLY
        is_solution = row.promise == Deadline.Promise.RESOLUTION and report.state != State.REJECTED
        if is_first or (is_solution and row.round == report.round):
            kept[str(row.promise)] = row
    return kept
