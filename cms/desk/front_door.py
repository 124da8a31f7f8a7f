"""Wagtail's admin as our staff find it: what is for editors is closed to who edits no page, by address too.

Most of Wagtail's own screens ask a permission; its choosers, its site history and its API for the page tree
ask only whether one may enter the admin, which here is everybody who serves an entity.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path
from wagtail.admin import urls as wagtail_urls
from wagtail.admin.auth import require_admin_access, user_has_any_page_permission
from wagtail.utils.urlpatterns import decorate_urlpatterns

from .account import AccountView
from .sign_in.urls import urlpatterns as sign_in_urls
from .site_settings import edit_setting
from .wagtail_hooks import GROUPS, SINGLE

# What is everybody's.
OPEN_NAMES = frozenset(
    {
        "wagtailadmin_home",
        "wagtailadmin_account",
        "wagtailadmin_login",
        "wagtailadmin_logout",
        "wagtailadmin_sprite",
        "wagtailadmin_javascript_catalog",
        "wagtailadmin_dismissibles",
        "wagtailadmin_password_reset",
        "wagtailadmin_password_reset_done",
        "wagtailadmin_password_reset_confirm",
        "wagtailadmin_password_reset_complete",
    }
)
OPEN_NAMESPACES = frozenset(
    {
        "desk",
        *(viewset.name for group in GROUPS for viewset in group.items),
        *(viewset.name for viewset in SINGLE),
    }
)

# Sites, languages, groups and redirects ask a permission of their own; some views look for the row first.
PERMISSIONS = {
    "wagtailsites": "wagtailcore.{}_site",
    "wagtaillocales": "wagtailcore.{}_locale",
    "wagtailusers_groups": "auth.{}_group",
    "wagtailredirects": "wagtailredirects.{}_redirect",
}
# Where one account is all that it takes to become another: people are kept in `people` alone.
CLOSED_NAMESPACES = frozenset({"wagtailusers_users"})


@require_admin_access
def _closed(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def for_editors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets through what is in the lists, unknown addresses, and who may do anything to what they are for."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if user.is_authenticated and not _may_pass(request):
            return _closed(request)
        return view(request, *args, **kwargs)

    return asked


def _may_pass(request: HttpRequest) -> bool:
    match, user = request.resolver_match, request.user
    if match is None or not match.url_name or match.url_name in OPEN_NAMES:
        return True
    spaces = set(match.namespaces)
    if spaces & OPEN_NAMESPACES:
        return True
    if spaces & CLOSED_NAMESPACES:
        return False
    for space in spaces & PERMISSIONS.keys():
        return any(user.has_perm(PERMISSIONS[space].format(what)) for what in ("add", "change", "delete"))
    return user_has_any_page_permission(user)


urlpatterns = [
    *sign_in_urls,
    path("account/", require_admin_access(AccountView.as_view()), name="wagtailadmin_account"),
    path(
        "settings/<slug:app_name>/<slug:model_name>/<int:pk>/", for_editors(edit_setting), name="edit_setting"
    ),
    *decorate_urlpatterns(wagtail_urls.urlpatterns, for_editors),
]
