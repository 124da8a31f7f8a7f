"""The demonstration tenant's pages, loaded once per test that asks for them."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache

from cms.content.demo_pages import load_pages
from tests import factories

DATA = Path(settings.ROOT) / "cms" / "demo" / "data"


@pytest.fixture
def pages(catalogue: factories.SmallCatalogue) -> factories.SmallCatalogue:
    """Both language trees, menus and settings, beside a small catalogue."""
    load_pages(DATA)
    cache.clear()
    return catalogue
