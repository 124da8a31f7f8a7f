"""The one Celery application: any broker, one in memory included; settings under CELERY_."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.embedded")

app = Celery("sawt")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_django_logging(**_kwargs: Any) -> None:
    """Being connected is the point: Celery then leaves the logging, and its masks, as Django set it."""
