"""The sign-in page and the list of sessions. The other screens are allauth's with templates of ours."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from wagtail.admin.views.account import password_reset_enabled


class SignInView(LoginView):
    template_name = "wagtailadmin/login.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Who is signed in and may not enter the admin sees the form, not a circle of redirects.
        if request.method == "GET" and request.user.has_perm("wagtailadmin.access_admin"):
            return HttpResponseRedirect(self.get_success_url() or reverse("wagtailadmin_home"))
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        # Wagtail's template calls it `next`.
        return context | {
            "show_password_reset": password_reset_enabled(),
            "next": context["redirect_field_value"],
        }


class SessionsView(ListUserSessionsView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A session older than the list, or one whose key a new password changed, belongs in it too.
        UserSession.objects.create_from_request(request)
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response
