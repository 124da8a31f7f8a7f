"""Merged reports for tests: made, parted and answered by the real actions."""

from datetime import datetime, timedelta
from typing import Any

from cms.reports import actions, deadlines, promises
from cms.reports.actors import StaffActor
from cms.reports.models import Deadline, Report

SUNDAY = datetime.fromisoformat("2026-11-15T09:00:00+03:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PRIMARY_TEXT = "أسكن في البيت المقابل للعمود المكسور، وأولادي يمرون به كل يوم."
PRIMARY_WORDS = "رقم هويتي مكتوب على العمود الرابع."


def merged(report: Report, primary: Report, user: Any, *, at: datetime | None = None) -> Report:
    return actions.merge(
        report.pk, actor=StaffActor(user), version=report.version, primary=primary.reference, at=at
    )


def unmerged(report: Report, user: Any, *, at: datetime | None = None) -> Report:
    return actions.unmerge(
        report.pk, actor=StaffActor(user), version=report.version, reason="merged_by_mistake", at=at
    )


def fresh(report: Report) -> Report:
    return Report.objects.get(pk=report.pk)


def as_it_is(report: Report) -> Any:
    return Report.objects.filter(pk=report.pk).values().get()


def answered(
    report: Report, people: Any, *, text: str = "أُصلح العمود.", at: datetime | None = None
) -> Report:
    return actions.answer(
        report.pk, actor=StaffActor(people.coordinator), version=fresh(report).version, text=text, at=at
    )


def recomputed(row: Deadline) -> datetime:
    """The due time from the row's own history alone."""
    spans = [tuple(datetime.fromisoformat(edge) for edge in span) for span in row.pauses]
    return deadlines.due(row.starts_at, row.minutes, promises.calendar_of(row), spans)
