"""Addresses under /admin/: those of django-allauth that staff need, and no others (nobody signs up here)."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path
from django.views.decorators.http import require_POST
from wagtail.admin.auth import require_admin_access

from .views import SessionsView, SignInView

# Wagtail knows the page by its own name, django-allauth by another.
_sign_in = SignInView.as_view()

urlpatterns = [
    path("login/", _sign_in, name="wagtailadmin_login"),
    path("login/", _sign_in, name="account_login"),
    path("login/cancel/", require_POST(account.logout), name="account_logout"),
    path("login/inactive/", account.account_inactive, name="account_inactive"),
    path("login/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", require_admin_access(SessionsView.as_view()), name="usersessions_list"),
]
