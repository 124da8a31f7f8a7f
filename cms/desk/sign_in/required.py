"""Where a second factor is required, a session of staff without one opens its set-up and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext

from cms.security import ADMIN

from .adapters import SECOND_FACTORS

# What one needs for setting it up, and for leaving.
STAYS_OPEN = frozenset(
    {
        "account_inactive",
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_authenticate",
        "mfa_index",
        "mfa_login_webauthn",
        "mfa_reauthenticate",
        "wagtailadmin_javascript_catalog",
        "wagtailadmin_login",
        "wagtailadmin_logout",
        "wagtailadmin_sprite",
    }
)


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SAWT_SECOND_FACTOR_REQUIRED and _lacks_it(request):
            if not request.path_info.startswith(ADMIN):
                # On the site and in the API this session is nobody's: pages stay readable, no right holds.
                request.user = AnonymousUser()
            elif not _stays_open(request):
                messages.warning(
                    request, gettext("Set up a second factor first; everything else opens after that.")
                )
                return HttpResponseRedirect(reverse("mfa_index"))
        return self.get_response(request)


def _lacks_it(request: HttpRequest) -> bool:
    # Asked only where a session names a user: everybody else costs no query.
    return request.user.is_authenticated and not is_mfa_enabled(request.user, list(SECOND_FACTORS))


def _stays_open(request: HttpRequest) -> bool:
    try:
        return resolve(request.path_info).url_name in STAYS_OPEN
    except Resolver404:
        return False
