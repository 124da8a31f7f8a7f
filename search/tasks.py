"""Thin: the line of documents, as a task that beat asks for every second; the index that is not there yet."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings

from cms.outbox import lines
from cms.outbox.leases import lease
from cms.outbox.tasks import TURN

from . import (
    checking,
    indexing,  # noqa: F401 (it says what the line does)
    rebuilding,
)
from .backends import Unavailable
from .backends.elastic import building
from .scope import LINE
from .stores import stores

log = logging.getLogger(__name__)

# Of a task of the slow queue, which goes on with it the next time.
SECONDS = 300


@shared_task(name="search.tasks.index", ignore_result=True)
def index() -> int:
    return lines.run(LINE, seconds=TURN)


@shared_task(name="search.tasks.build", ignore_result=True)
def build() -> str:
    """Where Elasticsearch is configured and no index lives, one is built; its name once it is asked."""
    if not settings.ELASTICSEARCH_URL:
        return ""
    with lease("search-build", 50) as held:
        try:
            if not held or any(index.state == "live" for index in building.indices()):
                return ""
            return rebuilding.rebuild(seconds=SECONDS).name
        except (Unavailable, rebuilding.UnderWay) as error:
            log.warning("search: no index is built now: %s", error)
            return ""


@shared_task(name="search.tasks.check", ignore_result=True)
def check() -> int:
    """Once a day each store is compared with the database, and mended; how many documents differed."""
    differed = 0
    with lease("search-check", 80_000) as held:
        for store in stores() if held else ():
            try:
                drift = checking.check(store, mending=True).drift
            except Unavailable as error:
                log.warning("search: %s cannot be checked now: %s", store.name, error)
                continue
            if drift.ids:
                log.error("search: %s documents of %s differed and were mended", len(drift.ids), store.name)
            differed += len(drift.ids)
    return differed
