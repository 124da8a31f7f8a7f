"""The sweep on real connections: two beats, and somebody who acts on what it is looking at."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cms.notifications.models import Notice
from cms.outbox.models import Effect
from cms.reports import actions, escalating
from cms.reports.actors import StaffActor
from cms.reports.history import verify
from cms.reports.models import Deadline, Report, StepTaken
from tests import factories

from .test_concurrency import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SUNDAY = datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("Asia/Riyadh"))
LATE = SUNDAY + timedelta(days=8)


def test_two_sweeps_at_once_take_each_step_once(people):
    for _ in range(2):
        made = [factories.submitted_report(at=SUNDAY) for _number in range(6)]
        Effect.objects.all().delete()
        results = at_once(*[lambda: escalating.sweep(LATE, batch=2)] * 3)
        assert [one for one in results if isinstance(one, Exception)] == []
        # What one of them left, as another was at it, is the next minute's.
        escalating.sweep(LATE)
        late = Report.objects.filter(pk__in=[report.pk for report in made])
        for report in late:
            assert report.events.filter(code="late").count() == 2
            # Four steps of the first reply, and seven of the resolution until the leader.
            assert StepTaken.objects.filter(deadline__report=report).count() == 11
            assert Notice.objects.filter(report=report, event="deadline_near").count() == 1
        assert not Deadline.objects.filter(next_step_at__lte=LATE).exists()
    assert list(verify()) == []


def answering(report, user):
    by, version = StaffActor(user), report.version
    return lambda: actions.answer(report.pk, actor=by, version=version, text="أُصلح العمود.", at=LATE)


def test_an_answer_while_the_sweep_looks_is_never_overwritten(people):
    for _ in range(3):
        report = factories.submitted_report(at=SUNDAY)
        at_once(lambda: escalating.sweep(LATE), answering(report, people.coordinator))
        escalating.sweep(LATE)
        report.refresh_from_db()
        assert report.state == "answered"
        assert report.event_count == report.events.count()
        assert not report.deadlines.exclude(next_step_at=None).exists()
    assert list(verify()) == []
