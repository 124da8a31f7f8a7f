from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatewaysConfig(AppConfig):
    name = "cms.gateways"
    label = "gateways"
    verbose_name = _("Gateways")

    def ready(self) -> None:
        # A change is known to this process at once; others read it within a second.
        from django.db.models.signals import post_delete, post_save

        from . import configured, webhooks
        from .models import SenderName, SmsGateway, Webhook

        for signal in (post_save, post_delete):
            for model in (SmsGateway, SenderName):
                signal.connect(configured.forget, sender=model, dispatch_uid=f"gateways-{model.__name__}")
            signal.connect(webhooks.forget, sender=Webhook, dispatch_uid="gateways-webhooks")
