"""One world for all doors of a module, taken back as a whole when they are through."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.template.base import Template
from django.test import override_settings
from django.utils import translation

from .world import World, build

MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
PROCESS = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "doors"}}
# What says no is one page for everybody; that it reads alike is a test of its own.
REFUSALS = frozenset({"403.html", "404.html", "wagtailadmin/404.html"})


@pytest.fixture(scope="module")
def world(django_db_setup: Any, django_db_blocker: Any) -> Iterator[World]:
    storages = settings.STORAGES | {"default": MEMORY, "attachments": MEMORY}
    with (
        django_db_blocker.unblock(),
        override_settings(STORAGES=storages, CACHES=PROCESS),
        transaction.atomic(),
        translation.override("ar"),
    ):
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are drawn without Django's copies of all that they were drawn from, and refusals not at all."""

    def drawn(self: Template, context: Any) -> str:
        return "" if self.name in REFUSALS else self.nodelist.render(context)

    monkeypatch.setattr(Template, "_render", drawn)
