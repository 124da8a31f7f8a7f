"""What the desk adds to the Wagtail admin: pages, menu, look."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from . import urls
from .access import scope_of_request, sees_reports

ICONS = ("ban", "flag", "inbox", "merge", "pause", "star")


@hooks.register("register_admin_urls")
def desk_urls() -> list[Any]:
    return [path("", include(urls))]


@hooks.register("register_icons")
def desk_icons(icons: list[str]) -> list[str]:
    return [*icons, *(f"desk/icons/sawt-{name}.svg" for name in ICONS)]


@hooks.register("insert_global_admin_css")
def desk_css() -> SafeString:
    files = (static("css/admin-theme.css"), static("css/staff.css"))
    return format_html_join("", '<link rel="stylesheet" href="{}">', ((file,) for file in files))


class QueueMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return sees_reports(scope_of_request(request))


@hooks.register("register_admin_menu_item")
def queue_menu_item() -> MenuItem:
    return QueueMenuItem(_("Report queue"), reverse("desk:queue"), name="queue", icon_name="list-ul", order=1)
