from django.apps import AppConfig


class KeepingConfig(AppConfig):
    name = "cms.keeping"
    label = "keeping"
