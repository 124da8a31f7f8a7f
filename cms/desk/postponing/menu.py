"""The menu's entry, for who keeps calendars."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cms.reports.postponing.plans import PLANS

from ..access import scope_of_request


class PostponementsMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return scope_of_request(request).everywhere(PLANS)


@hooks.register("register_admin_menu_item")
def postponements_menu_item() -> MenuItem:
    address = reverse("desk:postponements")
    return PostponementsMenuItem(
        _("Days off for open promises"), address, name="postponements", icon_name="calendar-check", order=24
    )
