from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ReportsConfig(AppConfig):
    name = "cms.reports"
    label = "reports"

    def ready(self) -> None:
        post_migrate.connect(_guard_history, sender=self, dispatch_uid="guard-history")


def _guard_history(using: str, **kwargs: Any) -> None:
    from django.db import connections

    from .triggers import GUARDED, create

    tables = set(connections[using].introspection.table_names())
    if tables.issuperset(GUARDED):
        create(connections[using])
