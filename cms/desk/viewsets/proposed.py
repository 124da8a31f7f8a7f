"""What one person proposes and another confirms: what it is worth today, and the page of the second.

Memberships, personal grants and weaker privacy differ in what they say, and in who may.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext
from wagtail.admin import messages
from wagtail.admin.views import generic
from wagtail.admin.views.generic.base import BaseObjectMixin

from cms.entities import grants
from cms.entities.grants import Refused
from permissions.models import User

from .. import words
from ..access import client_of
from ..templatetags.centre import letters
from ..templatetags.desk import staff_moment
from .guarded import DeskIndexView, DeskViewSet, GuardedMixin


class PersonSelect(forms.Select):
    """Searched while one types where there are many: js/places.js, over the select."""

    class Media:
        js = ("js/combo.js", "js/places.js")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        said = {
            "data-letters": letters(),
            "data-label": gettext("People"),
            "data-hint": gettext("Type a name, or open the list"),
            "data-found": gettext("People found:"),
            "data-none": gettext("Nobody fits. Try another spelling, or the account's name."),
        }
        return super().get_context(name, value, {**(attrs or {}), **said})

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        person = getattr(value, "instance", None)
        if person is not None:
            option["attrs"]["data-name"] = person.get_username()
            option["attrs"]["data-find"] = f"{person.name_ar} {person.name_en} {person.get_username()}"
        return option


class PersonChoiceField(forms.ModelChoiceField):
    """People by name; the account's name tells two of one name apart."""

    widget = PersonSelect

    def label_from_instance(self, person: Any) -> str:
        return named(person)


def named(person: User | None) -> str:
    """The account's name is read from the left, also where it goes on in a second line."""
    return f"{person.name} \u2066({person.get_username()})\u2069" if person else ""


def when(value: Any) -> str:
    return words.moment(value, timezone.now()) if value else "–"


class ActorMixin:
    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "actor": self.request.user}  # type: ignore[misc, attr-defined]


class ProposingMixin(ActorMixin):
    """Gives at once, or proposes; the trail and the message say which. `codes`: (given, proposed)."""

    codes = ("", "")

    def record(self, instance: Any, data: dict[str, Any]) -> None:
        self.audit_code = self.codes[bool(instance.needs_confirmation)]
        super().record(instance, data)  # type: ignore[misc]

    def get_success_message(self, instance: Any) -> str | None:
        if not instance.needs_confirmation:
            said: str | None = super().get_success_message(instance)  # type: ignore[misc]
            return said
        return gettext("%(membership)s: proposed. It holds once another administrator confirms it.") % {
            "membership": instance
        }


def standing(row: Any, confirm: str) -> Any:
    """What it is worth today; a proposed one leads to its confirmation, at the address `confirm`."""
    if row.is_ended:
        return gettext("Ended")
    if row.is_pending:
        address, said = reverse(confirm, args=[row.pk]), gettext("Waits for confirmation")
        return format_html('<a href="{}">{}</a>', address, said)
    return gettext("Not begun") if row.valid_from > timezone.now() else gettext("In effect")


class OfPeopleIndexView(DeskIndexView):
    """One row for a person and what they were given. `person`: the field that leads to them."""

    person = "person"
    related: tuple[str, ...] = ()

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related(self.person, *self.related)

    @cached_property
    def columns(self) -> list[Any]:
        columns = super().columns
        columns[0].label = gettext("Person")
        columns[0].accessor = lambda row: named(getattr(row, self.person))
        columns[0].sort_key = f"{self.person}__name_ar"
        return columns


class ConfirmView(
    GuardedMixin, BaseObjectMixin, generic.base.WagtailAdminTemplateMixin, generic.base.View, ABC
):
    """The second person reads what was proposed, by whom, and confirms it."""

    permission_policy: Any = None
    index_url_name = ""
    needs = "change"
    template_name = "desk/confirm.html"
    # What it is one of, the way back, what follows from the button, and what the button says.
    list_title: Any = ""
    to_list: Any = ""
    follows: Any = ""
    button: Any = ""

    @abstractmethod
    def check(self) -> None:
        """Raises Refused where this person does not confirm it."""

    @abstractmethod
    def confirm(self) -> Any:
        """Gives what holds from now on. Raises Refused; then nothing changed."""

    @abstractmethod
    def facts(self) -> list[tuple[Any, Any]]:
        """What was proposed, as label and value."""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        there = {"url": reverse(self.index_url_name), "label": str(self.list_title)}
        return [*self.breadcrumbs_items, there, {"url": "", "label": self.get_page_title()}]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            held = self.confirm()
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect(request.path)
        said = gettext("%(membership)s: confirmed. It holds from now on.") % {"membership": held}
        messages.success(request, said)
        return redirect(self.index_url_name)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refusal = ""
        try:
            self.check()
        except Refused as refused:
            refusal = refused.message
        return super().get_context_data(
            facts=[(label, value) for label, value in self.facts() if value],
            refusal=refusal,
            index_url=reverse(self.index_url_name),
            **kwargs,
        )


class GivenConfirmView(ConfirmView):
    """Of a membership or a personal grant."""

    def check(self) -> None:
        grants.check_confirmation(self.request.user, self.object)

    def confirm(self) -> Any:
        return grants.confirm(self.object, by=self.request.user, client=client_of(self.request))


def validity(row: Any) -> list[tuple[Any, Any]]:
    until = staff_moment(row.valid_until) if row.valid_until else gettext("Without an end")
    return [
        (pgettext("validity", "From"), staff_moment(row.valid_from)),
        (pgettext("validity", "Until"), until),
    ]


class ConfirmedViewSet(DeskViewSet):
    """A kind of rows some of which wait for a second person."""

    confirm_view_class: type[ConfirmView]

    @property
    def confirm_view(self) -> Any:
        return self.construct_view(
            self.confirm_view_class,
            permission_policy=self.permission_policy,
            index_url_name=self.get_url_name("index"),
        )

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("confirm/<int:pk>/", self.confirm_view, name="confirm")]
