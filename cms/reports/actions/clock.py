"""What time does: closing an answered report, ending one whose sender never replied."""

from __future__ import annotations

from datetime import datetime

from .. import promises
from ..actors import SYSTEM
from ..errors import Code, DomainError
from ..models import Report
from ..workflow import State
from .acting import acting
from .assignments import end_assignments
from .replies import open_window


def auto_close(report_id: int, *, at: datetime | None = None) -> Report:
    """The window to reopen has passed."""
    with acting(report_id, "auto_close", actor=SYSTEM, at=at) as act:
        report = act.report
        if report.reopen_until is None or act.at < report.reopen_until:
            raise DomainError(Code.WRONG_STATE)
        report.state = State.CLOSED
        report.closed_at = act.at
        act.record(data={"round": report.round})
    return report


def auto_expire(report_id: int, *, at: datetime | None = None) -> Report:
    """No reply from the sender in the days that a question waits."""
    with acting(report_id, "auto_expire", actor=SYSTEM, at=at) as act:
        report = act.report
        if report.question_until is None or act.at < report.question_until:
            raise DomainError(Code.WRONG_STATE)
        report.state = State.CLOSED
        report.closed_at = act.at
        report.question_until = None
        end_assignments(report, act.at)
        promises.end_open(report, act.at)
        open_window(report, act.at)
        act.record(data={"round": report.round})
    return report
