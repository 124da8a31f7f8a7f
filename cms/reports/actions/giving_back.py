"""Confidential reports of an entity where too few are named any more: they go to the region's triage."""

from __future__ import annotations

from datetime import datetime

from cms.entities.models import Privacy

from ..actors import SYSTEM
from ..confidential import has_enough_grantees, with_enough_grantees
from ..errors import Code, DomainError
from ..models import Report
from ..querysets import ReportQuerySet
from ..workflow import State
from .acting import acting
from .assignments import to_triage
from .replies import resume


def without_grantees() -> ReportQuerySet:
    """The open ones: a grant ended, its time passed, or an account was closed. Two queries in all."""
    held = Report.objects.open().filter(privacy=Privacy.CONFIDENTIAL, entity__isnull=False)
    return held.exclude(entity_id__in=with_enough_grantees())


def give_back(report_id: int, *, at: datetime | None = None) -> Report:
    """Raises `wrong_state` where enough are named after all, or it is none of these any more."""
    with acting(report_id, "return", actor=SYSTEM, at=at) as act:
        report, was = act.report, act.report.entity
        if report.privacy != Privacy.CONFIDENTIAL or was is None or has_enough_grantees(was):
            raise DomainError(Code.WRONG_STATE)
        resumed = resume(report, act.at) if report.state == State.AWAITING_SENDER else {}
        to_triage(report, act.at)
        data = {"refused": Code.TOO_FEW_GRANTEES.value, "round": report.round, **resumed}
        act.record("", data=data, entity_id=was.pk)
    return report
