"""What the clock does to pages."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def publish_scheduled() -> None:
    """Put live and take down what an editor set a time for."""
    call_command("publish_scheduled", verbosity=0)
