from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    name = "cms.entities"
    label = "entities"

    def ready(self) -> None:
        from permissions import policy
        from permissions.guardian import Tables

        from .models import Entity, EntityGroupObjectPermission, EntityUserObjectPermission, Membership

        policy.register_resolver(
            Tables(Entity, EntityGroupObjectPermission, EntityUserObjectPermission, Membership).resolve
        )
