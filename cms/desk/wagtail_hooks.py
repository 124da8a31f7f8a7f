"""What the desk adds to the Wagtail admin: pages, catalogue, menu, look."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.menu import MenuItem

from . import menus, urls
from .access import scope_of_request, sees_reports, works_on_reports
from .auditing import AuditorPanel
from .centre.menu import AgentPanel
from .failing import menu as failing_menu  # noqa: F401  (registers its entry)
from .handovers import menu as handovers_menu  # noqa: F401  (registers its entry)
from .home import QueuePanel
from .inbox import menu as inbox_menu  # noqa: F401  (registers its entry)
from .ladders import menu as ladders_menu  # noqa: F401  (registers its entry)
from .postponing import menu as postponing_menu  # noqa: F401  (registers its entry)
from .searching import menu as searching_menu  # noqa: F401  (registers its entry)
from .sees import answers_for_access
from .sent import menu as sent_menu  # noqa: F401  (registers its entry)
from .todo import KeeperPanel
from .untold import UntoldPanel
from .viewsets.audit import AuditViewSet
from .viewsets.calendars import CalendarViewSet
from .viewsets.catalogue import CatalogueGroup
from .viewsets.guarded import open_to
from .viewsets.messages import MessagesGroup
from .viewsets.occasions import OccasionViewSet
from .viewsets.people import PeopleGroup, PersonViewSet
from .viewsets.trees import TreesGroup

ICONS = ("ban", "flag", "inbox", "merge", "pause", "split", "star")
GROUPS = (CatalogueGroup, TreesGroup, PeopleGroup, MessagesGroup)
SINGLE = (CalendarViewSet, OccasionViewSet, AuditViewSet)

menus.take_over()

# Policies come first: a model that Wagtail asks about before gets a fallback that knows no codename.
# Users keep Wagtail's own policy (see PersonViewSet).
for group in GROUPS:
    for viewset in group.items:
        if viewset is not PersonViewSet:
            open_to(viewset)
for viewset in SINGLE:
    open_to(viewset)


@hooks.register("register_admin_viewset")
def desk_viewsets() -> list[Any]:
    return [*(group() for group in GROUPS), *(viewset() for viewset in SINGLE)]


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


class ErasingMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return scope_of_request(request).everywhere("erase_reports")


@hooks.register("register_admin_menu_item")
def erasing_menu_item() -> MenuItem:
    return ErasingMenuItem(_("Erasure"), reverse("desk:erasing"), name="erasing", icon_name="bin", order=900)


class SeesMenuItem(MenuItem):
    def is_shown(self, request: Any) -> bool:
        return answers_for_access(scope_of_request(request))


@hooks.register("register_admin_menu_item")
def sees_menu_item() -> MenuItem:
    return SeesMenuItem(_("Who sees what"), reverse("desk:sees"), name="sees", icon_name="view", order=25)


@hooks.register("construct_main_menu")
def called_as_one_is_called(request: Any, items: list[MenuItem]) -> None:
    """Wagtail greets by one stored first name; ours are kept in both languages. For this answer alone."""
    request.user.first_name = request.user.get_short_name()


@hooks.register("construct_main_menu")
def told_apart(request: Any, items: list[MenuItem]) -> None:
    for item in items:
        if item.name == "reports":
            # Wagtail's word is the one for what citizens send.
            item.label = _("Reports about pages")


@hooks.register("construct_homepage_panels")
def home_panels(request: Any, panels: list[Any]) -> None:
    if not user_has_any_page_permission(request.user):
        panels.clear()
    scope = scope_of_request(request)
    if scope.everywhere("view_audit") and not works_on_reports(scope):
        panels.append(AuditorPanel(request, scope))
    elif sees_reports(scope):
        panels.append(QueuePanel(request, scope))
        if scope.everywhere("triage_reports"):
            panels.append(UntoldPanel(request, scope))
    elif scope.everywhere("manage_people"):
        panels.append(KeeperPanel(request, scope))
    elif scope.everywhere("take_reports"):
        panels.append(AgentPanel(request, scope))


@hooks.register("construct_homepage_summary_items")
def home_summary(request: Any, items: list[Any]) -> None:
    if not user_has_any_page_permission(request.user):
        items.clear()
