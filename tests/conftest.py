"""Fixtures that every layer shares: a small tenant, its people, and clean caches."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import translation

from cms.reports import triggers
from cms.reports.models import Report
from tests import factories
from tests.chromium import browser

__all__ = ["browser"]


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    """Rate limits and the active language must not leak from one test into the next."""
    cache.clear()
    with translation.override("ar"):
        yield


def shared_set_up(item: pytest.Item) -> str:
    """Which tests one process should run because they share what is dear to set up; '' for all others."""
    path = item.path.relative_to(Path(__file__).parent)
    if path.parts[0] == "demo":
        return "demonstration"
    return path.stem if path.parts[0] == "content" or path.stem == "test_server" else ""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if group := shared_set_up(item):
            item.add_marker(pytest.mark.xdist_group(group))
    if connection.vendor == "postgresql":
        return
    elsewhere = pytest.mark.skip(reason="needs PostgreSQL: set DATABASE_URL, or run script/test")
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(elsewhere)


@pytest.fixture(autouse=True)
def _flush_may_empty_the_history(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a transactional test Django empties every table, which the history's triggers refuse.

    They are dropped once the test has ended; the flush's own `post_migrate` makes them again.
    """
    marker = request.node.get_closest_marker("django_db")
    transactional = bool(marker and marker.kwargs.get("transaction")) or bool(
        {"transactional_db", "live_server"}.intersection(request.fixturenames)
    )
    if transactional:
        # Set up before this fixture, so that its flush comes after our end.
        request.getfixturevalue("transactional_db")
    yield
    if transactional:
        triggers.drop()


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where this test's attachments lie, apart from everybody's."""
    settings.STORAGES = settings.STORAGES | {
        "attachments": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files", "base_url": None},
        }
    }
    return tmp_path / "files"


@pytest.fixture
def committing_db(transactional_db: Any) -> None:
    """Real commits, for several connections at once."""


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
