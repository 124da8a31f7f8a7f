"""Which steps change who may find a report: after each of the others it is left out until that is known."""

import pytest
from django.utils import timezone

from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.workflow import TRANSITIONS
from search.changes import SAME_ACCESS
from search.documents import documents
from tests import factories

pytestmark = pytest.mark.django_db
STATES = (
    *("received", "with_entity", "assigned", "in_progress", "awaiting_sender", "reply_drafted", "answered"),
    *("closed", "rejected", "withdrawn", "merged"),
)


class Watch:
    """For settings.SAWT_EVENT_SUBSCRIBERS: after which steps a report's access was another."""

    stamps: dict[int, str] = {}
    same: set[str] = set()
    other: set[str] = set()


def watch(event, report):
    (document,) = documents([report.pk])
    before = Watch.stamps.get(report.pk)
    if before is not None:
        (Watch.same if before == document.access.stamp else Watch.other).add(event.code)
    Watch.stamps[report.pk] = document.access.stamp


@pytest.fixture
def watched(settings):
    Watch.stamps, Watch.same, Watch.other = {}, set(), set()
    settings.SAWT_EVENT_SUBSCRIBERS = [*settings.SAWT_EVENT_SUBSCRIBERS, "tests.search.test_changes.watch"]


def test_no_step_that_is_said_to_change_no_access_does(watched, report_in, people, catalogue):
    for state in STATES:
        report_in(state)
    worked_on = report_in("in_progress")
    specialist, leader = StaffActor(people.specialist), StaffActor(people.leader)
    actions.note(worked_on.pk, actor=specialist, text="ملاحظة داخلية.")
    actions.direct(worked_on.pk, actor=leader, text="عاجل.", due_on=timezone.localdate())
    actions.update_sender(worked_on.pk, actor=specialist, text="نعمل على ذلك الآن.")
    sender = factories.as_sender(worked_on)
    actions.add_information(worked_on.pk, actor=sender, text="ما زال كما هو.")
    closed = report_in("answered")
    actions.rate(closed.pk, actor=factories.as_sender(closed), score=4)
    actions.reopen(closed.pk, actor=factories.as_sender(closed), text="عاد العطل.")
    # Those that gave it to somebody, or took it away, are none of them.
    assert {"assign", "return", "reject"} & Watch.other
    assert Watch.other & SAME_ACCESS == set()
    assert {"start", "answer", "note", "direct", "rate"} <= Watch.same


def test_what_it_names_are_steps(catalogue):
    assert set(TRANSITIONS) >= SAME_ACCESS
