"""The rows' markup. In Python, because a template's loop over fifty rows costs three times what finding them
does, and with `escape` at each value, because `format_html` asks of each twenty times whether it is safe.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from cms.entities.models import Priority, Privacy

from ..templatetags.desk import due_meter, glyph, initial
from .rows import Row

RAISED = frozenset({Priority.HIGH, Priority.URGENT})
TR = '<tr role="row" data-reference="{reference}" data-revision="{revision:d}" data-may="{may}">{cells}</tr>'
CELLS = """{tick}
<td role="cell" class="c-ref"><a href="{address}" tabindex="-1"><bdi class="ref">{reference}</bdi></a></td>
<th role="rowheader" scope="row" class="subj">
    <a href="{address}"><bdi>{subject}</bdi></a>
    <span class="meta">{marks}</span>
    <span class="meta alt">{service} · {place}</span>
</th>
<td role="cell" class="c-service">{service}</td>
<td role="cell" class="c-place">{place}</td>
<td role="cell" class="c-state">{state}</td>
<td role="cell" class="c-due">{due}</td>
<td role="cell" class="c-who">{who}</td>
<td role="cell" class="c-age nw muted">{age}</td>
"""
TICK = (
    '<td role="cell" class="c-check">'
    '<input type="checkbox" name="row" value="{reference}|{version:d}" aria-label="{label}"{checked}></td>'
)
CHECKED = mark_safe(" checked")
STATE = '<span class="st st-{}">{}{}</span>'
WHO = '<span class="who"><i aria-hidden="true">{}</i>{}</span>'


class Markup:
    """Of one page's rows, in the present language: what recurs among them is made once."""

    def __init__(self, *, bulk: bool) -> None:
        """`bulk`: with a box to tick."""
        self.bulk = bulk
        self.tick_label = gettext("Tick %(reference)s")
        self.words = cache(escape)
        self.state = cache(_state)
        self.who = cache(_who)
        self.marks = cache(_marks)

    def rows(self, rows: Iterable[Row]) -> SafeString:
        return mark_safe("".join(self._row(row) for row in rows))  # noqa: S308 (each part is escaped)

    def cells(self, row: Row) -> SafeString:
        return mark_safe(self._cells(row))  # noqa: S308 (each part is escaped)

    def _row(self, row: Row) -> str:
        return TR.format(
            reference=escape(row.report.reference),
            revision=row.report.revision,
            may=self.words(row.may),
            cells=self._cells(row),
        )

    def _cells(self, row: Row) -> str:
        report = row.report
        return CELLS.format(
            tick=self._tick(row) if self.bulk else "",
            address=escape(row.address),
            reference=escape(report.reference),
            subject=escape(row.subject),
            marks=self.marks(
                report.priority,
                row.sender,
                report.privacy == Privacy.CONFIDENTIAL,
                row.news,
                report.reopened_count > 0,
                report.returned_count > 0,
            ),
            service=self.words(row.service),
            place=self.words(row.place),
            state=self.state(report.state, row.icon, row.state),
            due=due_meter(row.due),
            who=self.who(row.who, row.is_away),
            age=self.words(row.age),
        )

    def _tick(self, row: Row) -> str:
        return TICK.format(
            reference=escape(row.report.reference),
            version=row.report.version,
            label=escape(self.tick_label % {"reference": row.report.reference}),
            checked=CHECKED if row.ticked else "",
        )


def _state(code: str, icon: str, label: str) -> SafeString:
    return format_html(STATE, code, glyph(icon), label)


def _who(name: str, is_away: bool) -> SafeString:
    if not name:
        return format_html('<span class="who none">{}</span>', gettext("Not assigned"))
    who = format_html(WHO, initial(name), name)
    return format_html("{} <small>{}</small>", who, gettext("Absent")) if is_away else who


def _marks(
    priority: str, sender: str, is_confidential: bool, news: str, was_reopened: bool, was_returned: bool
) -> SafeString:
    """What is to be known beside the subject: how urgent, from whom, for whose eyes, what came back."""
    marks = []
    if priority in RAISED:
        label = gettext("Priority: %(priority)s") % {"priority": Priority(priority).label}
        marks.append(format_html('<span class="prio">{}{}</span>', glyph("sawt-flag"), label))
    if sender:
        label = gettext("from %(entity)s") % {"entity": sender}
        marks.append(format_html('<span class="inl">{}{}</span>', glyph("mail"), label))
    if is_confidential:
        marks.append(format_html('<span class="inl">{}{}</span>', glyph("lock"), gettext("Confidential")))
    if news:
        marks.append(format_html('<span class="news">{}{}</span>', glyph("info-circle"), news))
    elif was_reopened:
        marks.append(format_html("<span>{}</span>", gettext("Reopened")))
    elif was_returned:
        marks.append(format_html("<span>{}</span>", gettext("Was returned")))
    return mark_safe(" ".join(marks))  # noqa: S308 (joined from safe parts)
