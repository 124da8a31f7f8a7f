"""People who sign in. Whoever keeps them sets no password through which they could read as somebody else."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.db.models import Q
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSetGroup

from permissions.models import User
from permissions.policy import scope_of
from permissions.roles import TWO_PEOPLE

from .fields import formfield
from .guarded import DeskCreateView, DeskEditView, DeskIndexView, DeskViewSet, flag
from .memberships import MembershipViewSet
from .personal_grants import PersonalGrantViewSet
from .second_factor import TakeSecondFactorView

# Groups that memberships fill; nobody is put into them by hand.
DERIVED = Q(name__startswith="entity:") | Q(name__startswith="region:")


# What the groups of editors are called by who loads them, in the words of who ticks them.
GROUP_NAMES = {
    "Editors": _("Editors"),
    "Moderators": _("Reviewers"),
    "Configuration": _("Configuration of the site"),
}


class GroupsField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, group: Any) -> str:
        return str(GROUP_NAMES.get(group.name, group.name))


class PersonForm(forms.ModelForm):
    groups = GroupsField(Group.objects.none(), label=_("groups of page editors"), required=False)
    new_password = forms.CharField(
        label=_("new password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "dir": "ltr"}),
        help_text=_("Empty keeps the present one."),
    )

    class Meta:
        model = User
        fields = ["username", "name_ar", "name_en", "email", "phone", "is_active", "groups"]
        formfield_callback = formfield

    def __init__(self, *args: Any, actor: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance != actor and trusted(self.instance):
            for name in ("username", "email", "new_password"):
                self.fields[name].disabled = True
            self.fields["new_password"].help_text = _(
                "This person may see confidential reports or confirm who does. They change it themselves."
            )
        self.fields["groups"].queryset = Group.objects.exclude(DERIVED)  # type: ignore[attr-defined]

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        if password:
            validate_password(password, self.instance)
        return password

    def save(self, commit: bool = True) -> User:
        person: User = super().save(commit=False)
        if self.cleaned_data["new_password"]:
            person.set_password(self.cleaned_data["new_password"])
        elif person.pk is None:
            person.set_unusable_password()
        if commit:
            person.save()
            self.save_m2m()
        return person


def trusted(person: User) -> bool:
    """Holds, anywhere, what takes two people to give: no one person takes their account over."""
    scope = scope_of(person)
    return any(scope.anywhere(codename) for codename in TWO_PEOPLE)


class PeopleIndexView(DeskIndexView):
    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().filter(is_superuser=False)


class PersonCreateView(DeskCreateView):
    audit_code = "person_changed"


class PersonEditView(DeskEditView):
    audit_code = "person_changed"
    template_name = "desk/person_form.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        other = self.object.pk != self.request.user.pk
        return super().get_context_data(
            holds_second_factor=other and Authenticator.objects.filter(user=self.object).exists(),
            take_url=reverse("people:take_second_factor", args=[self.object.pk]),
            **kwargs,
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "actor": self.request.user}

    def get_queryset(self) -> Any:
        # Whoever keeps people must not become a superuser by setting one's password.
        return User.objects.filter(is_superuser=False)


class PersonViewSet(DeskViewSet):
    """Opened by its own policy only: Wagtail's screen of users can make superusers, and stays closed."""

    model = User
    codename = "manage_people"
    name = "people"
    icon = "user"
    menu_label = _("People")
    index_view_class = PeopleIndexView
    add_view_class = PersonCreateView
    edit_view_class = PersonEditView
    list_display = ["username", "name_ar", "name_en", "email", flag("is_active", _("active")), "last_login"]
    search_fields = ["username", "name_ar", "name_en", "email"]
    list_filter = ["is_active"]
    ordering = ["username"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return PersonForm

    @property
    def take_second_factor_view(self) -> Any:
        return self.construct_view(
            TakeSecondFactorView,
            permission_policy=self.permission_policy,
            edit_url_name=self.get_url_name("edit"),
        )

    def get_urlpatterns(self) -> list[Any]:
        own = path("<int:pk>/second-factor/", self.take_second_factor_view, name="take_second_factor")
        return [*(p for p in super().get_urlpatterns() if not p.name.startswith("history")), own]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(**{"history_url_name": None, **kwargs})

    def register_admin_url_finder(self) -> None:
        """Wagtail's own finder of users stays."""


class PeopleGroup(ModelViewSetGroup):
    menu_label = _("People")
    menu_icon = "group"
    menu_order = 24
    items = (MembershipViewSet, PersonalGrantViewSet, PersonViewSet)
