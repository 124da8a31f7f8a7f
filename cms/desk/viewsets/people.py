"""People and what they are members of, from when until when. A membership is ended, never deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSetGroup

from cms.entities.models import Membership
from permissions.models import User

from .fields import formfield
from .guarded import DeskCreateView, DeskEditView, DeskIndexView, DeskViewSet, flag

# Groups that memberships fill; nobody is put into them by hand.
DERIVED = Q(name__startswith="entity:") | Q(name__startswith="region:")


class PersonForm(forms.ModelForm):
    new_password = forms.CharField(
        label=_("new password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Empty keeps the present one."),
    )

    class Meta:
        model = User
        fields = ["username", "name_ar", "name_en", "email", "phone", "is_active", "groups"]
        widgets = {"groups": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].queryset = Group.objects.exclude(DERIVED)  # type: ignore[attr-defined]
        self.fields["groups"].label = _("groups of page editors")
        self.fields["groups"].help_text = ""

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


class PeopleIndexView(DeskIndexView):
    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().filter(is_superuser=False)


class PersonCreateView(DeskCreateView):
    audit_code = "person_changed"


class PersonEditView(DeskEditView):
    audit_code = "person_changed"

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

    def get_urlpatterns(self) -> list[Any]:
        return [p for p in super().get_urlpatterns() if not p.name.startswith("history")]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_common_view_kwargs(**{"history_url_name": None, **kwargs})

    def register_admin_url_finder(self) -> None:
        """Wagtail's own finder of users stays."""


class MembershipForm(forms.ModelForm):
    """A new membership says who, what and where; afterwards only its end and absences can change."""

    class Meta:
        model = Membership
        fields = ["person", "role", "entity", "valid_from", "valid_until", "absent_from", "absent_until"]
        formfield_callback = formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("person", "role", "entity", "valid_from"):
                self.fields[name].disabled = True
        self.fields["person"].queryset = User.objects.filter(is_active=True).order_by("name_ar", "username")  # type: ignore[attr-defined]
        self.fields["valid_until"].help_text = _("Access ends at this moment. Empty: without an end.")


class MembershipCreateView(DeskCreateView):
    audit_code = "membership_granted"


class MembershipEditView(DeskEditView):
    audit_code = "membership_changed"

    def record(self, instance: Any, data: dict[str, Any]) -> None:
        if instance.valid_until and instance.valid_until <= timezone.now():
            self.audit_code = "membership_revoked"
        super().record(instance, data)


class MembershipIndexView(DeskIndexView):
    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("person", "entity")


class MembershipViewSet(DeskViewSet):
    model = Membership
    codename = "manage_people"
    name = "memberships"
    icon = "key"
    index_view_class = MembershipIndexView
    add_view_class = MembershipCreateView
    edit_view_class = MembershipEditView
    list_display = ["__str__", "entity", "valid_from", "valid_until"]
    search_fields = ["person__username", "person__name_ar", "person__name_en", "entity__name_ar"]
    list_filter = ["role", "entity"]
    ordering = ["-id"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return MembershipForm


class PeopleGroup(ModelViewSetGroup):
    menu_label = _("People")
    menu_icon = "group"
    menu_order = 24
    items = (MembershipViewSet, PersonViewSet)
