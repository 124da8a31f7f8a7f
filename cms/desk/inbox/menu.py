"""The inbox in the admin's menu, with its count, and the script that keeps it true."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem


class InboxMenuItem(MenuItem):
    """Its number is asked for by the page's script, so that no page waits for it."""

    def render_component(self, request: Any) -> Any:
        self.attrs = {"data-inbox": reverse("desk:inbox_count"), "data-live": reverse("desk:live")}
        return super().render_component(request)


@hooks.register("register_admin_menu_item")
def inbox_menu_item() -> MenuItem:
    return InboxMenuItem(_("Inbox"), reverse("desk:inbox"), name="inbox", icon_name="mail", order=2)


@hooks.register("insert_global_admin_js")
def inbox_js() -> SafeString:
    return format_html('<script src="{}" defer></script>', static("js/inbox.js"))
