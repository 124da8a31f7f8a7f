"""From page to page and back again, in every order, on both backends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from cms.reports.actors import SYSTEM
from search import searching
from search.asking import Asked, Order
from search.queries import parse
from search.results import Result
from tests.search.leaks import COMMON, World

pytestmark = pytest.mark.django_db
SIZE = 3


def pks(page: Result) -> list[int]:
    return [hit.report.pk for hit in page.hits]


@pytest.mark.parametrize("typed", [COMMON, ""], ids=["words", "all"])
@pytest.mark.parametrize("order", list(Order))
def test_the_way_back_has_the_pages_of_the_way_there(
    backend: str, world: World, order: Order, typed: str
) -> None:
    question = Asked(query=parse(typed), order=order, size=SIZE)

    # What is new counts a little more, and less with every hour that somebody reads.
    reading = (timezone.now() + timedelta(hours=3 * number) for number in count())

    def page(cursor: str) -> Result:
        return searching.search(SYSTEM, replace(question, after=cursor), at=next(reading))

    there = [page("")]
    while there[-1].after:
        there.append(page(there[-1].after))
    assert len(there) > 3
    assert not there[0].before

    back = [there[-1]]
    while back[-1].before:
        back.append(page(back[-1].before))
    assert [pks(one) for one in reversed(back)] == [pks(one) for one in there]
    assert {one.total for one in back} == {there[0].total}

    # And on again from where the way back ended.
    assert pks(page(back[-1].after)) == pks(there[1])


def test_a_full_last_page_leads_nowhere(backend: str, world: World) -> None:
    found = searching.search(SYSTEM, Asked(query=parse(COMMON), size=100), at=timezone.now())
    whole = searching.search(SYSTEM, Asked(query=parse(COMMON), size=found.total), at=timezone.now())
    assert (len(whole.hits), whole.after, whole.before) == (found.total, "", "")
