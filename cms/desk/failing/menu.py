"""The menu's entry, for who keeps the configuration or reads the audit trail."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from ..access import scope_of_request
from .pages import may_see


class FailedMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return may_see(scope_of_request(request))


@hooks.register("register_admin_menu_item")
def failed_menu_item() -> MenuItem:
    address = reverse("desk:failed")
    return FailedMenuItem(_("Failed messages"), address, name="failed", icon_name="warning", order=26)
