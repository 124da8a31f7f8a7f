"""Who is named for an entity beside their role, from when until when. A grant is ended, never deleted.

What opens confidential reports, or breaks the glass, is proposed by one person and confirmed by another.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.entities import grants
from cms.entities.models import Entity, EntityUserObjectPermission
from permissions.models import User
from permissions.roles import BREAKS_GLASS, CODENAMES, GRANTED_BY_NAME, PROPOSED_BY_NAME

from .fields import TreeChoiceField, formfield
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

TOLD = ("reason", "valid_from", "valid_until")


class CodenameChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, permission: Any) -> str:
        return str(CODENAMES[permission.codename])


def _given_by_name() -> Any:
    codenames = GRANTED_BY_NAME | PROPOSED_BY_NAME
    rows = Permission.objects.filter(content_type__app_label="entities", codename__in=codenames)
    return rows.order_by("codename")


class GrantForm(forms.ModelForm):
    """A new grant says who, what and where, and why; afterwards only its end can change."""

    user = PersonChoiceField(queryset=User.objects.none(), label=_("Person"))
    permission = CodenameChoiceField(queryset=Permission.objects.none(), label=_("What they may do"))
    content_object = TreeChoiceField(queryset=Entity.objects.none(), label=_("Entity"))

    class Meta:
        model = EntityUserObjectPermission
        fields = ["user", "permission", "content_object", "reason", "valid_from", "valid_until"]
        formfield_callback = formfield

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.is_new = self.instance.pk is None
        people = User.objects.filter(is_active=True).order_by("name_ar", "username")
        if self.is_new:
            two = gettext(", ").join(str(CODENAMES[code]) for code in sorted(PROPOSED_BY_NAME))
            self.fields["permission"].help_text = gettext(
                "Without effect until another administrator confirms it: %(roles)s."
            ) % {"roles": two}
        else:
            for name in ("user", "permission", "content_object", "reason", "valid_from"):
                self.fields[name].disabled = True
            people = User.objects.filter(pk=self.instance.user_id)
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
        self.fields["permission"].queryset = _given_by_name()  # type: ignore[attr-defined]
        self.fields["content_object"].queryset = Entity.objects.order_by("path")  # type: ignore[attr-defined]
        self.fields["content_object"].help_text = _("It holds there and at the entities below.")
        self.fields["reason"].required = self.is_new
        self.fields["reason"].help_text = _("The decision or the order. The audit trail keeps it.")
        self.fields["valid_until"].help_text = _("It ends at this moment. Empty: without an end.")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        given, ends = data.get("valid_from"), data.get("valid_until")
        try:
            if not self.is_new:
                grants.check_grant_end(self.actor, self.instance, ends)
            elif data.get("user") and data.get("permission") and data.get("content_object"):
                renewed = grants.check_grant(
                    self.actor, data["user"], data["permission"].codename, data["content_object"]
                )
                # Guardian keeps one row for a person, a codename and an entity; the trail keeps each grant.
                self.instance = renewed or self.instance
        except grants.Refused as refused:
            raise ValidationError(refused.message, code="refused") from None
        if self.is_new and given and ends and ends <= given:
            self.add_error("valid_until", gettext("The end lies after the beginning."))
        may = data.get("permission")
        if self.is_new and may is not None and may.codename == BREAKS_GLASS and ends is None:
            self.add_error("valid_until", gettext("To see all of an entity's reports by name has an end."))
        return data

    def validate_unique(self) -> None:
        """What is refused in words needs no second refusal."""
        if not self.errors:
            super().validate_unique()

    def save(self, commit: bool = True) -> Any:
        if self.is_new:
            self.instance.granted_by = self.actor
            # One that is given anew is confirmed anew.
            self.instance.confirmed_by = self.instance.confirmed_at = None
        return super().save(commit)


class GrantCreateView(ProposingMixin, DeskCreateView):
    codes = ("grant_given", "grant_proposed")

    def record(self, instance: Any, data: dict[str, Any]) -> None:
        # The label says whom, what and where.
        told = {name: pair for name, pair in data["changes"].items() if name in TOLD}
        super().record(instance, {**data, "changes": told})


class GrantEditView(ActorMixin, DeskEditView):
    audit_code = "grant_changed"
    template_name = "desk/proposed_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if "now" in self.request.POST:
            kwargs["data"] = {"valid_until": timezone.now()}
        return kwargs

    def record(self, instance: Any, data: dict[str, Any]) -> None:
        if instance.is_ended:
            self.audit_code = "grant_ended"
        super().record(instance, data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            proposer=named(self.object.granted_by),
            giver=named(self.object.granted_by),
            can_end=not self.object.is_ended,
            confirm="grants:confirm",
            **kwargs,
        )


class GrantConfirmView(GivenConfirmView):
    page_title = _("Confirm a personal grant")
    header_icon = "lock-open"
    list_title = _("Personal grants")
    to_list = _("To the personal grants")
    button = _("Confirm the grant")
    follows = _(
        "Once you confirm, this person reads what the entity's others may not. The audit trail keeps both"
        " names."
    )

    def get_base_object_queryset(self) -> Any:
        return EntityUserObjectPermission.objects.select_related(
            "user", "content_object", "permission", "granted_by"
        )

    def facts(self) -> list[tuple[Any, Any]]:
        row = self.object
        return [
            (gettext("Person"), named(row.user)),
            (gettext("What they may do"), CODENAMES[row.permission.codename]),
            (gettext("Entity"), row.content_object.name),
            (gettext("Reason"), row.reason),
            *validity(row),
            (gettext("Proposed by"), named(row.granted_by)),
        ]


class GrantIndexView(OfPeopleIndexView):
    person = "user"
    related = ("content_object", "permission", "granted_by")


class PersonalGrantViewSet(ConfirmedViewSet):
    model = EntityUserObjectPermission
    codename = "manage_people"
    name = "grants"
    icon = "lock-open"
    menu_label = _("Personal grants")
    index_view_class = GrantIndexView
    add_view_class = GrantCreateView
    edit_view_class = GrantEditView
    confirm_view_class = GrantConfirmView
    list_display = [
        "__str__",
        column("what", _("What they may do"), lambda row: CODENAMES[row.permission.codename]),
        column("entity", _("entity"), lambda row: row.content_object.name),
        column("state", _("state"), lambda row: standing(row, "grants:confirm")),
        column("valid_from", _("from"), lambda row: when(row.valid_from)),
        column("valid_until", _("until"), lambda row: when(row.valid_until)),
        column("granted_by", _("given by"), lambda row: named(row.granted_by) or "–"),
    ]
    search_fields = [
        "user__username",
        "user__name_ar",
        "user__name_en",
        "content_object__name_ar",
        "content_object__name_en",
    ]
    ordering = ["-valid_from", "user__name_ar", "user__username"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return GrantForm
