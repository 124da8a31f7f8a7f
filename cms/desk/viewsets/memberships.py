"""Who is a member of what, from when until when. A membership is ended, never deleted.

Roles that see confidential reports are proposed by one person and confirmed by another (`entities.grants`).
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import BaseObjectMixin

from cms.entities import grants
from cms.entities.models import Membership
from permissions.models import User
from permissions.roles import ROLES

from .. import words
from ..access import client_of
from .fields import formfield
from .guarded import DeskCreateView, DeskEditView, DeskIndexView, DeskViewSet, GuardedMixin, column


class PersonChoiceField(forms.ModelChoiceField):
    """People by name; the account's name tells two of one name apart."""

    def label_from_instance(self, person: Any) -> str:
        return named(person)


def named(person: User | None) -> str:
    return f"{person.name} ({person.get_username()})" if person else ""


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


class ActorMixin:
    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "actor": self.request.user}  # type: ignore[misc, attr-defined]


class MembershipCreateView(ActorMixin, DeskCreateView):
    def record(self, instance: Any, data: dict[str, Any]) -> None:
        self.audit_code = "membership_proposed" if instance.needs_confirmation else "membership_granted"
        super().record(instance, data)

    def get_success_message(self, instance: Any) -> str | None:
        if not instance.needs_confirmation:
            return super().get_success_message(instance)
        return gettext("%(membership)s: proposed. It holds once another administrator confirms it.") % {
            "membership": instance
        }


class MembershipEditView(ActorMixin, DeskEditView):
    audit_code = "membership_changed"
    template_name = "desk/membership_form.html"

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
        return {**super().get_context_data(**kwargs), "proposer": named(self.object.proposed_by)}


def way_to(view: Any, title: Any) -> list[dict[str, Any]]:
    """The way to a page of a list: the last step is the page's own title."""
    there = {"url": reverse(view.index_url_name), "label": title}
    return [*view.breadcrumbs_items, there, {"url": "", "label": view.get_page_title()}]


class MembershipConfirmView(
    GuardedMixin, BaseObjectMixin, generic.base.WagtailAdminTemplateMixin, generic.base.View
):
    """The second person reads what was proposed, by whom, and confirms it."""

    permission_policy: Any = None
    index_url_name = ""
    needs = "change"
    template_name = "desk/membership_confirm.html"
    page_title = _("Confirm a membership")
    header_icon = "key"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return way_to(self, gettext("Memberships"))

    def get_base_object_queryset(self) -> Any:
        return Membership.objects.select_related("person", "entity", "proposed_by")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            membership = grants.confirm(self.object.pk, by=request.user, client=client_of(request))
        except grants.Refused as refused:
            messages.error(request, refused.message)
            return redirect(request.path)
        messages.success(
            request, gettext("%(membership)s: confirmed. It holds from now on.") % {"membership": membership}
        )
        return redirect(self.index_url_name)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refusal = ""
        try:
            grants.check_confirmation(self.request.user, self.object)
        except grants.Refused as refused:
            refusal = refused.message
        return super().get_context_data(
            membership=self.object,
            role=ROLES[self.object.role],
            person=named(self.object.person),
            proposer=named(self.object.proposed_by),
            refusal=refusal,
            index_url=reverse(self.index_url_name),
            **kwargs,
        )


def state(row: Membership) -> Any:
    """What it is worth today; a proposed one leads to its confirmation."""
    if row.is_ended:
        return gettext("Ended")
    if row.is_pending:
        return format_html(
            '<a href="{}">{}</a>',
            reverse("memberships:confirm", args=[row.pk]),
            gettext("Waits for confirmation"),
        )
    if row.valid_from > timezone.now():
        return gettext("Not begun")
    return gettext("In effect")


def when(value: Any) -> str:
    return words.moment(value, timezone.now()) if value else "–"


class MembershipIndexView(DeskIndexView):
    in_words = {"role": lambda code: str(ROLES[code].label) if code in ROLES else str(code)}

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("person", "entity")

    @cached_property
    def columns(self) -> list[Any]:
        columns = super().columns
        columns[0].label = gettext("Person")
        columns[0].accessor = lambda row: named(row.person)
        columns[0].sort_key = "person__name_ar"
        return columns


class MembershipViewSet(DeskViewSet):
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
        column("state", _("state"), state),
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

    @property
    def confirm_view(self) -> Any:
        return self.construct_view(
            self.confirm_view_class,
            permission_policy=self.permission_policy,
            index_url_name=self.get_url_name("index"),
        )

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("confirm/<int:pk>/", self.confirm_view, name="confirm")]
