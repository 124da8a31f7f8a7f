"""The whole demonstration, loaded once for all tests that read it, and rolled back after them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cms.demo.load import load


@pytest.fixture(scope="package")
def demonstration(django_db_setup: Any, django_db_blocker: Any) -> Iterator[datetime]:
    """The moment at which it was loaded."""
    now = timezone.now()
    with django_db_blocker.unblock(), transaction.atomic():
        load(now, lambda line: None)
        yield now
        transaction.set_rollback(True)
