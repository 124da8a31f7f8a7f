from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    name = "cms.content"
    label = "content"
    verbose_name = _("Content")

    def ready(self) -> None:
        from .admin_widgets import start_choosers_from_data, write_dates_in_digits
        from .signals import connect

        connect()
        start_choosers_from_data()
        write_dates_in_digits()
