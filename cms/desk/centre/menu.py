"""Where agents find their screen: the menu, and the first thing that they see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component

from permissions.policy import Scope

from ..access import scope_of_request
from .pages import newest


class CentreMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return scope_of_request(request).everywhere("take_reports")


@hooks.register("register_admin_menu_item")
def new_report_item() -> MenuItem:
    return CentreMenuItem(
        _("A new report"), reverse("desk:centre"), name="centre", icon_name="sawt-phone", order=2
    )


@hooks.register("register_admin_menu_item")
def entered_item() -> MenuItem:
    return CentreMenuItem(
        _("Entered by me"),
        reverse("desk:centre_entered"),
        name="centre-entered",
        icon_name="list-ul",
        order=3,
    )


@hooks.register("register_icons")
def phone_icon(icons: list[str]) -> list[str]:
    return [*icons, "desk/icons/sawt-phone.svg"]


class AgentPanel(Component):
    """A call to take, and what became of the last ones."""

    name = "agent"
    order = 20
    template_name = "desk/agent_panel.html"

    def __init__(self, request: Any, scope: Scope) -> None:
        self.request = request
        self.scope = scope

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        return {"user": self.request.user, "rows": newest(self.scope)}
