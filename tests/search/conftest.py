"""A real Elasticsearch, with indices of this process's own; and one that can be made to misbehave."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from cms.outbox import lines
from search import indexing, searching
from search.backends.elastic import building
from search.backends.elastic.client import client
from search.scope import LINE

SERVER = os.environ.get("ELASTICSEARCH_URL", "")


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
