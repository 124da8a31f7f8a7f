from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save


class SearchConfig(AppConfig):
    name = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import indexing  # noqa: F401 (it says what the line of documents does)
        from .models import Synonym

        # Not a business effect: every process reads them again, as it does the catalogue's rows.
        post_save.connect(_renew, sender=Synonym, dispatch_uid="renew-synonyms")
        post_delete.connect(_renew, sender=Synonym, dispatch_uid="renew-synonyms-deleted")
        post_migrate.connect(_make_tables, sender=self, dispatch_uid="search-tables")


def _make_tables(*, using: str, **_: Any) -> None:
    from .backends.embedded import tables

    tables.make(using)


def _renew(**kwargs: Any) -> None:
    from cms.entities.snapshot import renew

    if not kwargs.get("raw"):
        renew()
