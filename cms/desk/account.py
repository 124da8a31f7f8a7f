"""The account's own screen: language, look and password. Names are kept by who keeps the people.

Wagtail's panel of names wants a first and a last name, which nobody here has, and refused every save.
"""

from __future__ import annotations

from typing import Any, cast

from allauth.usersessions.models import UserSession
from django import forms
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views import account
from wagtail.log_actions import log
from wagtail.users.models import UserProfile

from permissions.models import User


class NameEmailForm(forms.ModelForm):
    """The names as colleagues read them, and the address that one may change oneself."""

    class Meta:
        model = User
        fields = ["name_ar", "name_en", "email"]
        widgets = {
            "name_en": forms.TextInput(attrs={"dir": "ltr"}),
            "email": forms.EmailInput(attrs={"dir": "ltr"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name_ar", "name_en"):
            self.fields[name].disabled = True
        self.fields["name_en"].help_text = _("The administrators keep the names.")
        self.fields["email"].label = _("E-mail")
        self.fields["email"].required = True


class NameEmailPanel(account.NameEmailSettingsPanel):
    form_class = NameEmailForm


class SignInPanel(account.BaseSettingsPanel):
    """The way to the second factor and the sessions, where one looks for the password."""

    name = "sign-in"
    title = _("Signing in")
    tab = account.profile_tab
    order = 600
    template_name = "desk/sign_in_panel.html"

    def get_form(self) -> forms.Form:
        # Nothing to fill in: never bound, so the page's button has nothing of it to save.
        return forms.Form()


class AccountView(account.AccountView):
    def get_panels(self) -> list[Any]:
        """Wagtail's own, with ours in the place of its names."""
        ours = [
            NameEmailPanel(panel.request, panel.user, panel.profile)
            if isinstance(panel, account.NameEmailSettingsPanel)
            else panel
            for panel in super().get_panels()
        ]
        return [*ours, SignInPanel(self.request, self.request.user, None)]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Wagtail's, but only a new password gives this session a new key.

        The list of sessions knows a session by its key, and what is under way in another tab bears the old.
        """
        panels = self.get_panels()
        filled = [panel.get_form() for panel in panels]
        if not all(form.is_valid() or not form.is_bound for form in filled):
            return TemplateResponse(request, self.template_name, self.get_context_data())
        # Who reached this is signed in.
        user = cast(User, request.user)
        had = user.password
        with transaction.atomic():
            for form in filled:
                if form.is_bound:
                    form.save()
        log(user, "wagtail.edit")
        if user.password != had:
            update_session_auth_hash(request, user)
            UserSession.objects.create_from_request(request)
        # In the language that was just chosen.
        with override(UserProfile.get_for_user(user).get_preferred_language()):
            messages.success(request, gettext("Your account settings have been changed successfully!"))
        return HttpResponseRedirect(reverse("wagtailadmin_account"))
