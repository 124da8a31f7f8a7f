"""Who is a member of what, from when until when. A membership is ended, never deleted.

Roles that see confidential reports are proposed by one person and confirmed by another (`entities.grants`).
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from cms.entities import grants
from cms.entities.models import Membership
from permissions.models import User
from permissions.roles import CODENAMES, ROLES

from .fields import formfield
from .guarded import DeskCreateView, DeskEditView, column
from .proposed import (
    ActorMixin,
    ConfirmedViewSet,
    GivenConfirmView,
    OfPeopleIndexView,
    PersonChoiceField,
    ProposingMixin,
    named,
    standing,
    validity,
    when,
)


class MembershipForm(forms.ModelForm):
    """A new membership says who, what and where; afterwards only its end and absences can change."""

    person = PersonChoiceField(queryset=User.objects.none(), label=_("person"))

    class Meta:
        model = Membership
        fields = ["person", "role", "entity", "valid_from", "valid_until", "absent_from", "absent_until"]
        formfield_callback = formfield

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        people = User.objects.filter(is_active=True).order_by("name_ar", "username")
        if self.instance.pk:
            for name in ("person", "role", "entity", "valid_from"):
                self.fields[name].disabled = True
            people = User.objects.filter(pk=self.instance.person_id)
        else:
            two = gettext(", ").join(str(role.label) for role in ROLES.values() if role.needs_confirmation)
            self.fields["role"].help_text = gettext(
                "Without effect until another administrator confirms it: %(roles)s."
            ) % {"roles": two}
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["valid_until"].help_text = _("Access ends at this moment. Empty: without an end.")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        try:
            if self.instance.pk:
                before = self.initial["valid_until"]
                grants.check_end(self.actor, self.instance, before, data.get("valid_until", before))
            elif data.get("person") and data.get("role"):
                grants.check_proposal(self.actor, data["person"], data["role"])
        except grants.Refused as refused:
            raise ValidationError(refused.message, code="refused") from None
        if not self.instance.pk and self._is_there_already(data):
            raise ValidationError(gettext("This person holds this role there already at that time."))
        return data

    def _is_there_already(self, data: dict[str, Any]) -> bool:
        begins, ends = data.get("valid_from"), data.get("valid_until")
        if not (begins and data.get("person") and data.get("role")):
            return False
        same = Membership.objects.filter(
            Q(valid_until=None) | Q(valid_until__gt=begins),
            person=data["person"],
            role=data["role"],
            entity=data.get("entity"),
        )
        return (same.filter(valid_from__lt=ends) if ends else same).exists()

    def save(self, commit: bool = True) -> Any:
        if self.instance.pk is None:
            self.instance.proposed_by = self.actor
        return super().save(commit)


class MembershipCreateView(ProposingMixin, DeskCreateView):
    codes = ("membership_granted", "membership_proposed")


class MembershipEditView(ActorMixin, DeskEditView):
    audit_code = "membership_changed"
    template_name = "desk/proposed_form.html"

    def record(self, instance: Any, data: dict[str, Any]) -> None:
        if instance.is_ended:
            self.audit_code = "membership_revoked"
        super().record(instance, data)

    def save_action(self) -> HttpResponse:
        self._tell_of_grants()
        saved: HttpResponse = super().save_action()
        return saved

    def _tell_of_grants(self) -> None:
        """What was given by name does not end with a role."""
        if self.object.is_ended and grants.without_service(self.object.person):
            said = gettext("%(person)s is still named for an entity that they serve no longer. End that too?")
            button = messages.button(
                f"{reverse('grants:index')}?q={self.object.person.get_username()}", gettext("Personal grants")
            )
            messages.warning(self.request, said % {"person": named(self.object.person)}, buttons=[button])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "proposer": named(self.object.proposed_by),
            "confirm": "memberships:confirm",
        }


def _holds(role: str) -> str:
    """All of it: of some roles the name says less."""
    return gettext(", ").join(
        str(label) for code, label in CODENAMES.items() if code in ROLES[role].codenames
    )


class MembershipConfirmView(GivenConfirmView):
    page_title = _("Confirm a membership")
    header_icon = "key"
    list_title = _("Memberships")
    to_list = _("To the memberships")
    button = _("Confirm the membership")
    follows = _(
        "Once you confirm, this person reads confidential reports or decides who does. The audit trail keeps"
        " both names."
    )

    def get_base_object_queryset(self) -> Any:
        return Membership.objects.select_related("person", "entity", "proposed_by")

    def facts(self) -> list[tuple[Any, Any]]:
        row = self.object
        return [
            (gettext("Person"), named(row.person)),
            (gettext("Role"), ROLES[row.role].label),
            (gettext("What they may do"), _holds(row.role)),
            (gettext("Entity"), row.entity and row.entity.name),
            *validity(row),
            (gettext("Proposed by"), named(row.proposed_by)),
        ]


class MembershipIndexView(OfPeopleIndexView):
    in_words = {"role": lambda code: str(ROLES[code].label) if code in ROLES else str(code)}
    related = ("entity",)


class MembershipViewSet(ConfirmedViewSet):
    model = Membership
    codename = "manage_people"
    name = "memberships"
    icon = "key"
    index_view_class = MembershipIndexView
    add_view_class = MembershipCreateView
    edit_view_class = MembershipEditView
    confirm_view_class = MembershipConfirmView
    list_display = [
        "person",
        "role",
        "entity",
        column("state", _("state"), lambda row: standing(row, "memberships:confirm")),
        column("valid_from", _("from"), lambda row: when(row.valid_from)),
        column("valid_until", _("until"), lambda row: when(row.valid_until)),
    ]
    search_fields = [
        "person__username",
        "person__name_ar",
        "person__name_en",
        "entity__name_ar",
        "entity__name_en",
    ]
    list_filter = ["role", "entity"]
    ordering = ["person__name_ar", "person__username", "-valid_from"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return MembershipForm
