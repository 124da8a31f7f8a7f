"""A colleague lost their phone: an administrator takes the second factor away; the trail keeps who did."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import BaseObjectMixin

from permissions import audit
from permissions.models import User

from ..access import client_of
from .guarded import GuardedMixin


class TakeSecondFactorView(
    GuardedMixin, BaseObjectMixin, generic.base.WagtailAdminTemplateMixin, generic.base.View
):
    """Never one's own: whoever borrowed an open session must not strip the account with it."""

    permission_policy: Any = None
    edit_url_name = ""
    needs = "change"
    template_name = "desk/second_factor_take.html"
    page_title = _("Take the second factor away")
    header_icon = "lock"

    def get_base_object_queryset(self) -> Any:
        return User.objects.filter(is_superuser=False)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(
            self.get_context_data(
                person=self.object,
                own=self.object.pk == request.user.pk,
                held=Authenticator.objects.filter(user=self.object).exists(),
                back=reverse(self.edit_url_name, args=[self.object.pk]),
            )
        )

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.object.pk == request.user.pk:
            raise PermissionDenied
        with transaction.atomic():
            taken = list(Authenticator.objects.select_for_update().filter(user=self.object))
            Authenticator.objects.filter(pk__in=[one.pk for one in taken]).delete()
            if taken:
                audit.record(
                    "second_factor_taken",
                    actor=request.user,
                    subject=f"user:{self.object.pk}",
                    data={"label": str(self.object), "kinds": sorted({one.type for one in taken})},
                    client=client_of(request),
                )
        # Whoever holds the lost phone may hold an open session too.
        for session in UserSession.objects.filter(user=self.object):
            session.end()
        if taken:
            messages.success(request, gettext("Second factor taken away."))
        return redirect(self.edit_url_name, self.object.pk)
