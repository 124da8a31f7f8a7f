from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "cms.desk"
    label = "desk"

    def ready(self) -> None:
        from .sign_in import trail

        trail.connect()
