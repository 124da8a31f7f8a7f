"""The sessions in which somebody is signed in end when nothing is kept of them any more."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from cms.reports.models import Sender

from .access import SENDER


def forget_sender(sender: Sender) -> None:
    """Drafts and receipts lie in them. They can only be found by reading them, which is done this once."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator(chunk_size=500):
        if session.get_decoded().get(SENDER) == sender.pk:
            store(session_key=session.session_key).delete()
