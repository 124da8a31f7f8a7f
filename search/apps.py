from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SearchConfig(AppConfig):
    name = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import indexing  # noqa: F401 (it says what the line of documents does)

        post_migrate.connect(_make_tables, sender=self, dispatch_uid="search-tables")


def _make_tables(*, using: str, **_: Any) -> None:
    from .backends.embedded import tables

    tables.make(using)
