"""The Django project. The Celery application is loaded with it, so that every task is bound to it."""

from .celery import app as celery_app

__all__ = ("celery_app",)
