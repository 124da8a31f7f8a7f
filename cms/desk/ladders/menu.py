"""The entry of the menu, for who keeps the configuration."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from ..access import scope_of_request

KEEPS = "manage_configuration"


class LaddersMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return scope_of_request(request).everywhere(KEEPS)


@hooks.register("register_admin_menu_item")
def ladders_menu_item() -> MenuItem:
    return LaddersMenuItem(
        _("Escalation"), reverse("desk:ladders"), name="ladders", icon_name="order-up", order=25
    )
