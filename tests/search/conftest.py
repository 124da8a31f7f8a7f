"""A real Elasticsearch, with indices of this process's own; reports made to catch leaks, in both backends."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from cms.outbox import lines
from search import indexing, searching
from search.backends.elastic import building
from search.backends.elastic.client import client
from search.scope import LINE
from tests.search import leaks
from tests.search.leaks import World

SERVER = os.environ.get("ELASTICSEARCH_URL", "")
PREFIX = f"leaks-{os.getpid()}"


@pytest.fixture
def elastic(settings: Any) -> Iterator[Any]:
    """The client; the search asks this server, which has no index yet."""
    if not SERVER:
        pytest.skip("needs Elasticsearch: set ELASTICSEARCH_URL, or run script/services")
    settings.ELASTICSEARCH_URL = SERVER
    settings.SAWT_SEARCH_PREFIX = f"test-{os.getpid()}"
    searching.forget()
    indexing.forget()
    yield client()
    settings.ELASTICSEARCH_URL = SERVER
    for index in building.indices():
        building.delete(index.name)
    searching.forget()
    indexing.forget()


@pytest.fixture
def index(elastic: Any) -> building.Index:
    """An empty index that is asked and written."""
    made = building.begin(at=timezone.now())
    building.live_on(made)
    building.switch(made)
    return made


@pytest.fixture
def indexed(index: building.Index) -> Callable[[], int]:
    """Call it: what is in the outbox is in the index, and can be found."""

    def done() -> int:
        count = lines.run(LINE)
        building.refresh(index.name)
        return count

    return done


@pytest.fixture(scope="module")
def world(small_world: Any, django_db_blocker: Any) -> Iterator[World]:
    """Made once, in both backends where there are both; and then a little more happened."""
    with (
        django_db_blocker.unblock(),
        override_settings(ELASTICSEARCH_URL=SERVER, SAWT_SEARCH_PREFIX=PREFIX),
    ):
        catalogue, people = pickle.loads(small_world[0]), pickle.loads(small_world[1])  # noqa: S301
        searching.forget()
        indexing.forget()
        index = None
        if SERVER:
            index = building.begin(at=timezone.now())
            building.live_on(index)
            building.switch(index)
        made = World(leaks.actors_of(people, catalogue))
        leaks.before(made, people, catalogue)
        while lines.run(LINE):
            continue
        leaks.after(made, people)
        if index:
            building.refresh(index.name)
    yield made
    with django_db_blocker.unblock(), override_settings(ELASTICSEARCH_URL=SERVER, SAWT_SEARCH_PREFIX=PREFIX):
        for old in building.indices() if SERVER else ():
            building.delete(old.name)
        searching.forget()
        indexing.forget()


@pytest.fixture(params=["embedded", "elasticsearch"])
def backend(request: Any, settings: Any, world: World, caplog: Any) -> Iterator[str]:
    """The one that answers, and no other in its place."""
    if request.param == "elasticsearch" and not SERVER:
        pytest.skip("needs Elasticsearch: set ELASTICSEARCH_URL, or run script/services")
    settings.ELASTICSEARCH_URL = SERVER if request.param == "elasticsearch" else ""
    settings.SAWT_SEARCH_PREFIX = PREFIX
    searching.forget()
    yield request.param
    assert "does not answer" not in caplog.text
    assert not searching.is_degraded()
