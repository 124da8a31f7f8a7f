"""Wagtail's menu and search box, where somebody edits no page: what is for editors is not even asked about.

Each of those entries asks what the person may do with pages, pictures, collections, sites or settings: five
statements on every page of the desk, for entries that lead nowhere (`front_door`). Asked at each request, so
that who becomes an editor, or is one no longer, finds it so at the next.
"""

from __future__ import annotations

from typing import Any

from wagtail import hooks
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.menu import Menu, MenuItem, admin_menu
from wagtail.admin.search import Search, SearchArea, admin_search_areas

# Wagtail's own entries; they mean something to whoever edits pages, and nothing to anybody else.
OF_EDITORS = frozenset(
    {"explorer", "images", "documents", "reports", "help", "forms", "snippets", "settings"}
)


class MainMenu(Menu):
    def menu_items_for_request(self, request: Any) -> list[MenuItem]:
        edits = user_has_any_page_permission(request.user)
        concerning = [one for one in self.registered_menu_items if edits or one.name not in OF_EDITORS]
        items = [item for item in concerning if item.is_shown(request)]
        for construct in hooks.get_hooks(self.construct_hook_name):
            construct(request, items)
        return items


class SearchAreas(Search):
    def search_items_for_request(self, request: Any) -> list[SearchArea]:
        if not user_has_any_page_permission(request.user):
            return []
        areas: list[SearchArea] = super().search_items_for_request(request)
        return areas


def take_over() -> None:
    """Wagtail's modules hold the two by name, so they change their class and stay who they are."""
    admin_menu.__class__ = MainMenu
    admin_search_areas.__class__ = SearchAreas
