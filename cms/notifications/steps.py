"""Telling staff of the steps of a ladder (`settings.SAWT_STEP_TELLER`): who they are, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from cms.entities.models import Priority
from cms.reports.escalating import DueStep
from permissions.models import User

from .audiences import Audience
from .people import Audiences, alert_nobody
from .telling import News, tell_many


class StepTeller:
    def whom(self, steps: Sequence[DueStep], at: datetime) -> list[list[User]]:
        audiences = Audiences(at, [one.report for one in steps])
        return [audiences.of(one.step.audience, one.report) for one in steps]

    def tell(self, told: Sequence[tuple[DueStep, list[User]]], at: datetime) -> None:
        """One thing for each step and audience, over all the channels that the ladder has for it there."""
        for one, people in told:
            # That nobody works on it yet is how a report begins.
            if not people and one.step.audience != Audience.SPECIALIST:
                alert_nobody(one.step.event, one.step.audience, one.report, at=at)
        tell_many(
            [
                (people, _news(list(rows), at))
                for people, rows in (
                    (rows[0][1], [one for one, _people in rows])
                    for _key, grouped in groupby(told, key=_thing)
                    for rows in [list(grouped)]
                )
            ]
        )


def _thing(row: tuple[DueStep, list[User]]) -> tuple[int, int, str, str]:
    one = row[0]
    return one.deadline.pk, one.step.position, one.step.audience, one.step.event


def _news(steps: Sequence[DueStep], at: datetime) -> News:
    one = steps[0]
    return News(
        event=one.step.event,
        # Somebody who is of two audiences hears of it once.
        key=f"step:{one.deadline.pk}:{one.step.position}",
        at=at,
        audience=one.step.audience,
        report=one.report,
        channels=[each.step.channel for each in steps],
        values={"due": one.deadline.due_at.isoformat()},
        urgent=one.report.priority == Priority.URGENT,
    )
