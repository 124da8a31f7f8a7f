"""Where the people of an entity find what it sent."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from ..access import scope_of_request, sends_for_an_entity


class SentMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return sends_for_an_entity(scope_of_request(request))


@hooks.register("register_admin_menu_item")
def sent_item() -> MenuItem:
    return SentMenuItem(_("Sent by us"), reverse("desk:sent"), name="sent", icon_name="mail", order=2)
