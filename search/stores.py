"""Where documents are kept in this installation, and who finds them there."""

from __future__ import annotations

from django.conf import settings

from .backends import Finder, Store
from .backends.elastic.finding import ElasticFinder
from .backends.elastic.keeping import ElasticStore
from .backends.embedded.finding import EmbeddedFinder
from .backends.embedded.keeping import EmbeddedStore


def stores() -> list[Store]:
    """All that are filled: the database's own always, Elasticsearch where it is configured."""
    return [EmbeddedStore(), *([ElasticStore()] if settings.ELASTICSEARCH_URL else [])]


def finders() -> list[Finder]:
    """The first choice first."""
    return [*([ElasticFinder()] if settings.ELASTICSEARCH_URL else []), EmbeddedFinder()]
