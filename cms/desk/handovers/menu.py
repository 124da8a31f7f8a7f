"""The menu's entry, for who keeps the catalogue."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cms.reports.handover.begin import PLANS

from ..access import scope_of_request


class HandoversMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return scope_of_request(request).everywhere(PLANS)


@hooks.register("register_admin_menu_item")
def handovers_menu_item() -> MenuItem:
    address = reverse("desk:handovers")
    return HandoversMenuItem(
        _("Handovers of entities"), address, name="handovers", icon_name="redirect", order=22
    )
