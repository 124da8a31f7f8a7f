"""Whether the search finds what its judges found relevant; the table stands at the end of the run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from search.backends.elastic import building
from search.backends.elastic.finding import ElasticFinder
from search.backends.elastic.keeping import ElasticStore
from search.backends.embedded.finding import EmbeddedFinder
from search.backends.embedded.keeping import EmbeddedStore

from . import runner
from .runner import Figures

pytestmark = pytest.mark.django_db

SERVER = os.environ.get("ELASTICSEARCH_URL", "")
# What was reached (recall, precision), less one query.
FLOORS = {"judged": (0.91, 0.80), "unseen": (0.79, 0.65)}
# Two reports that weigh the same may stand in another order.
HAIR = 0.02


@pytest.fixture(scope="module")
def figures(django_db_setup: Any, django_db_blocker: Any) -> Iterator[dict[tuple[str, str], Figures]]:
    """By way of searching and set of queries."""
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        made, keys = runner.loaded()
        ways = {name: runner.plain(made, keys, said) for name, said in runner.BASELINES.items()}
        at = timezone.now()
        ways["embedded"] = runner.of_finder(EmbeddedStore(), EmbeddedFinder(), made, keys, at)
        if SERVER:
            patch.setattr("django.conf.settings.ELASTICSEARCH_URL", SERVER)
            patch.setattr("django.conf.settings.SAWT_SEARCH_PREFIX", f"judged-{os.getpid()}")
            index = building.begin(at=at)
            building.live_on(index)
            building.switch(index)
            ways["Elasticsearch"] = runner.of_finder(ElasticStore(), ElasticFinder(), made, keys, at)
        told = {(name, each): runner.measured(each, way) for name, way in ways.items() for each in FLOORS}
        if SERVER:
            building.delete(index.name)
        yield told
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", FLOORS)
def test_the_database_alone_finds_what_is_relevant(
    name: str, figures: dict[tuple[str, str], Figures], record_property: Any
) -> None:
    for (way, each), told in figures.items():
        if each == name:
            said = f"{told.recall:.2f}/{told.precision:.2f}, nonsense {told.nonsense}, {told.queries} queries"
            record_property("relevance", f"{each:8} {way:14} {said}")
    reached, baseline = figures["embedded", name], figures["stemmed", name]
    recall, precision = FLOORS[name]
    assert reached.recall >= recall
    assert reached.precision >= precision
    assert reached.recall >= baseline.recall
    assert reached.precision > baseline.precision
    assert reached.nonsense == 0


@pytest.mark.parametrize("name", FLOORS)
def test_the_server_finds_what_the_database_finds(name: str, figures: dict[tuple[str, str], Figures]) -> None:
    if not SERVER:
        pytest.skip("needs Elasticsearch: set ELASTICSEARCH_URL, or run script/services")
    server, database = figures["Elasticsearch", name], figures["embedded", name]
    assert server.recall == pytest.approx(database.recall, abs=HAIR)
    assert server.precision == pytest.approx(database.precision, abs=HAIR)
    assert server.nonsense == 0
