"""An announced holiday or suspension of work moves what was promised, as somebody confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cms.entities.snapshot import catalogue

from .. import promises
from ..actors import SYSTEM
from ..errors import Code, DomainError
from ..models import Postponement, PostponementStep, Report
from ..postponing.outlook import moved_by
from ..standstill import off_in
from .acting import acting


class Changed(Exception):
    """A promise stands otherwise than it was shown: somebody has to look again."""


def postpone(
    report_id: int,
    *,
    postponement: Postponement,
    moves: Sequence[dict[str, str]],
    at: datetime | None = None,
) -> Report:
    """Move the promises of a report as they were shown. Raises Changed, with nothing written, where one of
    them would move otherwise by now; `wrong_state` where none is running any more.
    """
    with acting(report_id, "postpone", actor=SYSTEM, at=at) as act:
        report, cat, done = act.report, catalogue(), []
        for deadline in promises.running(report):
            shown = next((move for move in moves if move["promise"] == deadline.promise), None)
            if shown is None:
                continue
            pause = off_in(postponement.occasion, deadline, cat)
            if pause is None or moved_by(deadline, pause, cat) != shown:
                raise Changed
            promises.stand_still(report, deadline, pause)
            done.append(shown)
        if not done:
            raise DomainError(Code.WRONG_STATE)
        data = {
            "postponement": postponement.pk,
            "name_ar": postponement.name_ar,
            "name_en": postponement.name_en,
            "first": postponement.first_day.isoformat(),
            "last": postponement.last_day.isoformat(),
            "moved": done,
            "round": report.round,
        }
        if _told_of_another_part(report, postponement):
            data["with_whole"] = True
        act.record(postponement.reason, data=data)
    return report


def _told_of_another_part(report: Report, postponement: Postponement) -> bool:
    """The sender of several parts knows one number, and hears of these days once."""
    whole = report.parent_id
    if whole is None:
        return False
    moved = PostponementStep.objects.filter(postponement=postponement, outcome=PostponementStep.Outcome.MOVED)
    return moved.filter(report__parent=whole).exists() or moved.filter(report=whole).exists()
