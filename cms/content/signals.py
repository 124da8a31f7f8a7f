"""Clears the cached frame when an editor changes what is in it. No business effect hangs on a signal."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from wagtail.models import Site
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from .context import forget_frames
from .models import MenuSettings, TenantSettings


def _changed(sender: Any, **kwargs: Any) -> None:
    forget_frames()
    transaction.on_commit(forget_frames)


def connect() -> None:
    for model in (TenantSettings, MenuSettings, Site):
        post_save.connect(_changed, sender=model, dispatch_uid=f"content-frame-{model.__name__}")
        post_delete.connect(_changed, sender=model, dispatch_uid=f"content-frame-gone-{model.__name__}")
    for signal in (page_published, page_unpublished, page_slug_changed, post_page_move):
        signal.connect(_changed, dispatch_uid="content-frame")
