"""The menu's entry, for whoever may see reports."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from ..access import scope_of_request, sees_reports


class SearchMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return sees_reports(scope_of_request(request))


@hooks.register("register_admin_menu_item")
def search_menu_item() -> MenuItem:
    return SearchMenuItem(
        _("Search of reports"), reverse("desk:search"), name="report-search", icon_name="search", order=2
    )
