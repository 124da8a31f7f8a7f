from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_delete, post_migrate, post_save


class EntitiesConfig(AppConfig):
    name = "cms.entities"
    label = "entities"

    def ready(self) -> None:
        from cms.moments import read_quickly
        from permissions import policy
        from permissions.guardian import Tables

        from .models import Entity, EntityGroupObjectPermission, EntityUserObjectPermission, Membership

        policy.register_resolver(
            Tables(Entity, EntityGroupObjectPermission, EntityUserObjectPermission, Membership).resolve
        )

        connection_created.connect(read_quickly, dispatch_uid="read-moments")
        post_migrate.connect(_refresh_groups, sender=self, dispatch_uid="refresh-groups")

        # Not a business effect: the process cache learns that its rows changed, whoever saved them.
        for model in self.get_models():
            if model.__name__ in CACHED:
                post_save.connect(_renew, sender=model, dispatch_uid=f"renew-{model.__name__}")
                post_delete.connect(_renew, sender=model, dispatch_uid=f"renew-{model.__name__}")


CACHED = {
    "Calendar",
    "CalendarVersion",
    "Category",
    "Entity",
    "Escalation",
    "EscalationStep",
    "IntakeQuestion",
    "Occasion",
    "Place",
    "RoutingRule",
    "Service",
}


def _renew(**kwargs: Any) -> None:
    from .snapshot import renew

    if not kwargs.get("raw"):
        renew()


def _refresh_groups(**kwargs: Any) -> None:
    """A release may change what a role holds: the groups that exist follow it."""
    from .memberships import refresh_all_groups

    refresh_all_groups()
