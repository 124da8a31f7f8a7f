"""Fixtures that every layer shares: a small tenant, its people, and clean caches."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import translation

from cms.reports.models import Report
from tests import factories


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    """Rate limits and the active language must not leak from one test into the next."""
    cache.clear()
    with translation.override("ar"):
        yield


@pytest.fixture
def catalogue(db: Any) -> factories.SmallCatalogue:
    return factories.small_catalogue()


@pytest.fixture
def people(catalogue: factories.SmallCatalogue) -> factories.People:
    return factories.small_staff(catalogue)


@pytest.fixture
def sender(db: Any) -> Any:
    return factories.SenderFactory()


@pytest.fixture
def report(people: factories.People, sender: Any) -> Report:
    """A report by `sender` that waits with the north branch for its coordinator."""
    return factories.submitted_report(sender=sender)


@pytest.fixture
def report_in(people: factories.People) -> Callable[..., Report]:
    """`report_in("answered")`: a report of the north branch, walked there by its own people."""
    return partial(factories.report_in, coordinator=people.coordinator, specialist=people.specialist)
