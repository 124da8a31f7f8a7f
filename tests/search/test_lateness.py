"""What is late, what is not, and what was answered or closed late: counted and chosen, in both backends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cms.outbox import lines
from cms.reports import actions
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from search import searching
from search.asking import Asked, Filter
from search.queries import parse
from search.results import Result
from search.scope import LINE
from search.wanted import ENDED_LATE, LATE, ON_TIME

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["embedded", "elasticsearch"])
def told(request: Any, report_in: Any, people: Any) -> dict[str, Report]:
    """One of each kind, and one that was closed in time."""
    indexed = request.getfixturevalue("indexed") if request.param == "elasticsearch" else None
    long_ago = timezone.now() - timedelta(days=90)
    made = {
        LATE: report_in("in_progress", at=long_ago),
        ON_TIME: report_in("in_progress"),
        ENDED_LATE: report_in("in_progress", at=long_ago),
        "": report_in("closed"),
    }
    report = made[ENDED_LATE]
    actions.answer(report.pk, actor=StaffActor(people.coordinator), text="أصلحناه.", version=report.version)
    (indexed or (lambda: lines.run(LINE)))()
    return made


def asked(user: Any, typed: str, *late: str) -> Result:
    question = Asked(query=parse(typed), filter=Filter(late=late), facets=("late",))
    return searching.search(StaffActor(user), question, at=timezone.now())


@pytest.mark.parametrize("typed", ["", "عمود"])
@pytest.mark.parametrize("late", [(), (LATE,), (ON_TIME,), (ENDED_LATE,), (LATE, ENDED_LATE)])
def test_each_is_counted_and_chosen(
    late: tuple[str, ...], typed: str, told: dict[str, Report], people: Any
) -> None:
    result = asked(people.supervisor, typed, *late)
    assert {hit.report.pk for hit in result.hits} == {told[key].pk for key in late or told}
    assert result.total == len(late or told)
    counts = {bucket.key: bucket.count for bucket in result.facets["late"].buckets}
    assert counts == {LATE: 1, ON_TIME: 1, ENDED_LATE: 1}


def test_without_its_facet_it_limits_as_much(told: dict[str, Report], people: Any) -> None:
    question = Asked(filter=Filter(late=(ENDED_LATE,)))
    result = searching.search(StaffActor(people.supervisor), question, at=timezone.now())
    assert [hit.report.pk for hit in result.hits] == [told[ENDED_LATE].pk]
