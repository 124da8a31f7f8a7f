"""The sign-in page and the list of sessions. The other screens are allauth's with templates of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allauth.account.views import LoginView
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from wagtail.admin.views.account import password_reset_enabled

from cms.content.dates import gregorian
from cms.entities.models import Entity, Handover
from permissions.models import User

from .browsers import in_words


class SignInView(LoginView):
    template_name = "wagtailadmin/login.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "GET" and request.user.has_perm("wagtailadmin.access_admin"):
            return HttpResponseRedirect(self.get_success_url() or reverse("wagtailadmin_home"))
        if request.method == "GET" and request.user.is_authenticated:
            # Who is signed in and may not enter the admin reads why, and goes round in no circle.
            return _no_access(request, request.user)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        # Wagtail's template calls it `next`.
        return context | {
            "show_password_reset": password_reset_enabled(),
            "next": context["redirect_field_value"],
        }


def _no_access(request: HttpRequest, person: User) -> HttpResponse:
    # That they signed in, and that they may not: this page says both.
    list(messages.get_messages(request))
    context = {"closed": list(_closed(person)), "messages": []}
    return render(request, "desk/sign_in_no_access.html", context)


def _closed(person: User) -> Iterator[tuple[str, str, str]]:
    """The closed entities that they served: name, day, and whose its work became."""
    entities = Entity.objects.filter(memberships__person=person, is_active=False).distinct()
    for entity in entities.select_related("continued_by").order_by("path"):
        handover = Handover.objects.that_closed(entity)
        if handover is None or handover.confirmed_at is None:
            yield entity.name, "", ""
        else:
            day = gregorian(handover.confirmed_at, get_language() or "ar")
            yield entity.name, day, (entity.continued_by or handover.successor).name


class SessionsView(ListUserSessionsView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A session older than the list, or one whose key a new password changed, belongs in it too.
        UserSession.objects.create_from_request(request)
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        for session in context["sessions"]:
            session.browser = in_words(session.user_agent)
        return context
