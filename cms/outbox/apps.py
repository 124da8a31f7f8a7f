from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "cms.outbox"
    label = "outbox"
