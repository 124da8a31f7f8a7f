"""One world for all doors of a module, taken back as a whole when they are through."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings
from django.utils import translation

from .world import World, build

MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}


@pytest.fixture(scope="module")
def world(django_db_setup: Any, django_db_blocker: Any) -> Iterator[World]:
    storages = settings.STORAGES | {"default": MEMORY, "attachments": MEMORY}
    with (
        django_db_blocker.unblock(),
        override_settings(STORAGES=storages),
        transaction.atomic(),
        translation.override("ar"),
    ):
        yield build()
        transaction.set_rollback(True)
