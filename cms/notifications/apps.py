from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "cms.notifications"
    label = "notifications"
    verbose_name = _("Messages")

    def ready(self) -> None:
        # Registers the handlers of message effects.
        from . import letters, senders, spreading, staff, trying, webhooks  # noqa: F401
