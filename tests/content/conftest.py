"""The demonstration tenant's pages, loaded once for all tests of a module, and rolled back after them."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from cms.content.demo_pages import load_pages
from tests import factories

DATA = Path(settings.ROOT) / "cms" / "demo" / "data"


@pytest.fixture(scope="module")
def small_world() -> None:
    """The catalogue comes with the pages here."""


@pytest.fixture(scope="module")
def loaded(django_db_setup: Any, django_db_blocker: Any) -> Iterator[factories.SmallCatalogue]:
    with django_db_blocker.unblock(), transaction.atomic():
        small = factories.small_catalogue()
        load_pages(DATA)
        yield small
        transaction.set_rollback(True)
    cache.clear()


@pytest.fixture
def catalogue(loaded: factories.SmallCatalogue, db: Any) -> factories.SmallCatalogue:
    """The small catalogue beside the pages, with rows of this test's own to change."""
    cache.clear()
    return copy.deepcopy(loaded)


@pytest.fixture
def pages(catalogue: factories.SmallCatalogue) -> factories.SmallCatalogue:
    """Both language trees, menus and settings, beside a small catalogue."""
    return catalogue
