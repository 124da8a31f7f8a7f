"""The columns of a table of reports, on the page and in an exported file: what staff read, and no sender."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cms.content.dates import RIYADH
from cms.entities.models import Priority, ReportKind
from cms.entities.snapshot import Catalogue
from cms.reports.models import Channel
from cms.reports.workflow import OPEN, State
from search.masking import masked

from ..queue.rows import place_name, subject_of

# A day and a time in Riyadh, without a zone: what a table program reads.
Value = str | int | datetime | None


class Facts:
    """What the columns are read from: one report at a time, in the words of the present language."""

    def __init__(self, cat: Catalogue, now: datetime) -> None:
        self.cat, self.now = cat, now
        self.states, self.kinds = _labels(State.choices), _labels(ReportKind.choices)
        self.channels, self.priorities = _labels(Channel.choices), _labels(Priority.choices)
        self._places: dict[int, str] = {}

    def place(self, pk: int) -> str:
        if pk not in self._places:
            self._places[pk] = place_name(pk, self.cat)
        return self._places[pk]

    def entity(self, pk: int | None) -> str:
        entity = self.cat.entity_ever(pk)
        return entity.name if entity is not None else ""

    def service(self, pk: int) -> str:
        service = self.cat.service_ever(pk)
        return service.name if service is not None else ""

    def is_late(self, report: Any) -> bool:
        return report.state in OPEN and report.next_due_at is not None and report.next_due_at <= self.now


def _labels(choices: Any) -> dict[str, str]:
    return {value: str(label) for value, label in choices}


@dataclass(frozen=True)
class Column:
    """`field`: the report's own column that it needs. `width`: in characters, of a workbook's."""

    code: str
    label: Promise
    fields: tuple[str, ...]
    value: Callable[[Any, Facts], Value]
    width: int = 16


def _local(moment: datetime | None) -> datetime | None:
    return timezone.make_naive(moment, RIYADH).replace(second=0, microsecond=0) if moment else None


COLUMNS: dict[str, Column] = {
    one.code: one
    for one in (
        Column("reference", _("Reference"), ("reference",), lambda report, facts: report.reference, 18),
        Column(
            "subject",
            _("Subject"),
            ("title", "text"),
            lambda report, facts: masked(subject_of(report.title, report.text[:110])),
            44,
        ),
        Column("state", _("State"), ("state",), lambda report, facts: facts.states[report.state], 22),
        Column("service", _("Service"), ("service_id",), lambda r, facts: facts.service(r.service_id), 30),
        Column("entity", _("Entity"), ("entity_id",), lambda r, facts: facts.entity(r.entity_id), 34),
        Column("place", _("Place"), ("place_id",), lambda r, facts: facts.place(r.place_id), 28),
        Column("received", _("Received"), ("submitted_at",), lambda r, facts: _local(r.submitted_at), 17),
        Column(
            "due",
            pgettext_lazy("column", "Deadline"),
            ("resolution_due_at",),
            lambda report, facts: _local(report.resolution_due_at),
            17,
        ),
        Column(
            "late",
            pgettext_lazy("column", "Late now"),
            ("state", "next_due_at"),
            lambda report, facts: gettext("Yes") if facts.is_late(report) else gettext("No"),
            10,
        ),
        Column("kind", _("Kind"), ("kind",), lambda report, facts: facts.kinds[report.kind]),
        Column("channel", _("Channel"), ("channel",), lambda r, facts: facts.channels[r.channel]),
        Column("priority", _("Priority"), ("priority",), lambda r, facts: facts.priorities[r.priority]),
        Column("answered", _("Answered"), ("answered_at",), lambda r, facts: _local(r.answered_at), 17),
        Column("closed", _("Closed"), ("closed_at",), lambda report, facts: _local(report.closed_at), 17),
        Column("reopened", _("Reopened"), ("reopened_count",), lambda report, facts: report.reopened_count),
        Column("text", _("Text"), ("text",), lambda report, facts: masked(report.text), 80),
    )
}
USUAL = ("reference", "subject", "state", "service", "entity", "place", "received", "due", "late")


def chosen(codes: Sequence[str]) -> list[Column]:
    """Those that were asked for, in our order; the usual ones where none of them is a column."""
    wanted = {code for code in codes if code in COLUMNS} or set(USUAL)
    return [column for code, column in COLUMNS.items() if code in wanted]


def shown(value: Value) -> str:
    """On a page."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)
