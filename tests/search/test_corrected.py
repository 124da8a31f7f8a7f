"""A word that nothing says and one that is a letter away: who asks is told, and learns of nothing unseen."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from cms.outbox import lines
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from search import searching
from search.asking import Asked
from search.queries import parse
from search.results import Result
from search.scope import LINE

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["embedded", "elasticsearch"])
def told(request: Any, report_in: Any, catalogue: Any) -> list[Report]:
    indexed = request.getfixturevalue("indexed") if request.param == "elasticsearch" else None
    here = report_in("in_progress", text="سور الحديقة مائل أمام المدارس وقد يسقط")
    elsewhere = report_in("with_entity", service="leak", answers={}, text="الماء يسيل من الخزان إلى الشارع")
    (indexed or (lambda: lines.run(LINE)))()
    assert here.entity_id != elsewhere.entity_id
    return [here, elsewhere]


def asked(user: Any, typed: str) -> Result:
    return searching.search(StaffActor(user), Asked(query=parse(typed)), at=timezone.now())


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [
        ("الحديقه", ()),
        ("الحديفة", ("الحديفة",)),
        ("سور الحديفة", ("الحديفة",)),
        ("سور اخطبوط", ()),
        ("اخطبوط", ()),
    ],
)
def test_who_mistyped_is_told_which_word(
    typed: str, corrected: tuple[str, ...], told: list[Report], people: Any
) -> None:
    result = asked(people.supervisor, typed)
    assert result.corrected == corrected
    assert [hit.report.pk for hit in result.hits] == ([told[0].pk] if typed != "اخطبوط" else [])


@pytest.mark.parametrize("typed", ["الخران", "سور الخران"])
def test_a_word_of_what_is_not_seen_is_not_told_of(typed: str, told: list[Report], people: Any) -> None:
    assert asked(people.supervisor, typed).corrected == ("الخران",)
    assert asked(people.specialist, typed).corrected == ()
