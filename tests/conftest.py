"""Fixtures that every layer shares: a small tenant, its people, and clean caches."""

import faulthandler
import gc
import pickle
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.template import Template
from django.test.utils import instrumented_test_render
from django.utils import translation
from xdist.scheduler import LoadScopeScheduling

from cms.gateways import configured, webhooks
from cms.reports import triggers
from cms.reports.models import Report
from tests import factories, schema
from tests.chromium import browser

__all__ = ["browser"]

# As a server renders; before pytest-django sets up Django's instruments.
PLAIN_RENDER = Template._render
DEAR = {"tests/ops/test_server.py", "tests/ops/test_keeping.py", "tests/search/test_nobody_sees_more.py"}
HANGS = 30 * 60  # seconds; a half of the whole takes a third of it


@pytest.fixture(scope="session", autouse=True)
def _render_as_a_server_does(django_test_environment: None) -> Iterator[None]:
    """Django's client copies every template's context; `contexts` does so for the tests that read it."""
    instrumented, Template._render = Template._render, PLAIN_RENDER
    yield
    Template._render = instrumented


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    yield from schema.begun()


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    """`response.context` is there."""
    monkeypatch.setattr(Template, "_render", instrumented_test_render)


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    """Rate limits and the active language must not leak from one test into the next."""
    cache.clear()
    configured.forget()
    webhooks.none_yet()
    with translation.override("ar"):
        yield


def fixtures_of(item: pytest.Item) -> list[str]:
    return getattr(item, "fixturenames", [])


def asks_the_database(item: pytest.Item) -> bool:
    asked_for = {"db", "transactional_db", "django_db_setup"}.intersection(fixtures_of(item))
    return bool(asked_for or item.get_closest_marker("django_db"))


class Together(LoadScopeScheduling):
    """Each test goes to the next process that is free; what shares a dear set-up goes to one, and first.

    Not whole files: pytest-django puts those that commit last, since they leave an empty database behind.
    xdist's own marker for this, `xdist_group`, does nothing under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith("tests/demo/"):
            return "tests/demo"
        return file if file.startswith("tests/content/") or file in DEAR else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # All tests of a module have the small world or none, whichever of them runs first.
    having = {item.getparent(pytest.Module) for item in items if "small_world" in fixtures_of(item)}
    for item in items:
        uses = fixtures_of(item)
        if item.getparent(pytest.Module) in having and "small_world" not in uses and "db" in uses:
            uses.insert(0, "small_world")
    for item in items:
        # Those of tests/ops that use one start programs of ours with it.
        if not (item.nodeid.startswith("tests/ops/") or asks_the_database(item)):
            item.add_marker(pytest.mark.once)
    if connection.vendor == "postgresql":
        return
    elsewhere = pytest.mark.skip(reason="needs PostgreSQL: set DATABASE_URL, or run script/test")
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(elsewhere)


def pytest_collection_finish() -> None:
    """What was imported stays to the end; looking through it again and again took a fifteenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    # Where a run stands that never ends; pytest's own watch begins a thread for each test.
    faulthandler.dump_traceback_later(HANGS, file=sys.__stderr__)


def commits(item: pytest.Item) -> bool:
    """Whether the test really commits, after which Django empties every table."""
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or bool(
        {"transactional_db", "live_server"}.intersection(fixtures_of(item))
    )


@pytest.fixture(autouse=True)
def _flush_may_empty_the_history(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a transactional test Django empties every table, which the history's triggers refuse.

    They are dropped once the test has ended; the flush's own `post_migrate` makes them again.
    """
    transactional = commits(request.node)
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


Small = tuple[bytes, bytes]


@pytest.fixture(scope="module")
def small_world(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Small | None]:
    """Catalogue and staff, made once for a module and rolled back after it; None where its tests commit.

    Pickled: each test has rows of its own to change.
    """
    of_the_module = [item for item in request.session.items if item.getparent(pytest.Module) is request.node]
    if any(map(commits, of_the_module)):
        yield None
        return
    with django_db_blocker.unblock(), transaction.atomic():
        catalogue = factories.small_catalogue()
        yield pickle.dumps(catalogue), pickle.dumps(factories.small_staff(catalogue))
        transaction.set_rollback(True)


@pytest.fixture
def catalogue(small_world: Small | None, db: Any) -> factories.SmallCatalogue:
    """`people` are there beside it."""
    return pickle.loads(small_world[0]) if small_world else factories.small_catalogue()  # noqa: S301


@pytest.fixture
def people(small_world: Small | None, catalogue: factories.SmallCatalogue) -> factories.People:
    return pickle.loads(small_world[1]) if small_world else factories.small_staff(catalogue)  # noqa: S301


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


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How well the search finds what was judged, where that was tried."""
    told = [
        line
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        for name, line in report.user_properties
        if name == "relevance" and report.when == "call"
    ]
    if told:
        terminalreporter.section("relevance of the search: recall@10/precision")
        for line in told:
            terminalreporter.write_line(line)
