"""The account's own screen: language, look and password. Names are kept by who keeps the people.

Wagtail's panel of names wants a first and a last name, which nobody here has, and refused every save.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views import account

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
