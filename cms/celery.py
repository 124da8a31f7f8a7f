"""The one Celery application: any broker, one in memory included; settings under CELERY_."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.embedded")

app = Celery("sawt")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_django_logging(**_kwargs: Any) -> None:
    """Being connected is the point: Celery then leaves the logging, and its masks, as Django set it."""


@task_prerun.connect
def _name_the_lines(task_id: str = "", task: Any = None, **_kwargs: Any) -> None:
    """What a task logs carries its id, and what the request that asked for it is called."""
    from cms.outbox import correlation

    correlation.begin(task_id, str(task.request.get(correlation.TASK_HEADER) or "")[:32])


@task_postrun.connect
def _lines_end(**_kwargs: Any) -> None:
    from cms.outbox import correlation

    correlation.end()
