from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    name = "cms.entities"
    label = "entities"
