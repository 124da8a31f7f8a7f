"""What is kept of a sender ends with the last report of theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from .models import Follower, Report, Sender


@cache
def _others(paths: tuple[str, ...]) -> tuple[Callable[[Sender], None], ...]:
    return tuple(import_string(path) for path in paths)


def forget_if_gone(sender: Sender) -> bool:
    """Delete them where they sent no report any more and follow none, with what the other parts keep; whether
    it did.
    """
    if Report.objects.filter(sender=sender).exists() or Follower.objects.filter(sender=sender).exists():
        return False
    for forget in _others(tuple(settings.SAWT_SENDER_FORGOTTEN)):
        forget(sender)
    sender.delete()
    return True
