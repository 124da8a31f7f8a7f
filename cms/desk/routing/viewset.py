"""The routing rules' screens: before a rule is saved or deleted one reads what would go elsewhere by it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import HeaderButton

from cms.entities.models import CatalogueVersion, RoutingRule

from ..access import scope_of_request
from ..policies import KEEP_AND_DELETE
from ..viewsets.guarded import DeskCreateView, DeskDeleteView, DeskEditView, DeskIndexView, DeskViewSet
from .moved import Shown, would_move
from .trying import TryView


class LookFirstMixin:
    """A form whose first press shows what would move; the second saves what was looked at, and no other."""

    template_name = "desk/routing/form.html"
    shown: Shown | None = None
    form: Any
    request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            # Whoever saves another rule at this moment waits, and is then shown what it did to theirs.
            CatalogueVersion.objects.select_for_update().first()
            self.shown = would_move(form.instance, scope_of_request(self.request))
            if self.request.POST.get("seen") == self.shown.seen:
                saved: HttpResponse = super().form_valid(form)  # type: ignore[misc]
                return saved
        self.form = form
        looked: HttpResponse = self.render_to_response(self.get_context_data())  # type: ignore[attr-defined]
        return looked

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {
            **context,
            "shown": self.shown,
            # Looked at before, and something has changed since.
            "again": self.shown is not None and bool(self.request.POST.get("seen")),
            "ties": _ties(context["form"]),
        }


def _ties(form: forms.ModelForm) -> list[RoutingRule]:
    """The rules with which this one would tie."""
    if not form.is_bound:
        return []
    told = [error.params or {} for errors in form.errors.as_data().values() for error in errors]
    numbers = [one["rule"] for one in told if "rule" in one]
    return list(RoutingRule.objects.filter(pk__in=numbers).select_related("service", "category"))


class RuleCreateView(LookFirstMixin, DeskCreateView):
    def get_initial(self) -> dict[str, Any]:
        """What the page that led here was about."""
        given = self.request.GET
        return {name: given[name] for name in ("service", "place") if given.get(name, "").isdigit()}


class RuleEditView(LookFirstMixin, DeskEditView):
    def get_page_subtitle(self) -> str:
        return self.as_it_is

    @cached_property
    def as_it_is(self) -> str:
        """In memory it is what it would be."""
        named = RoutingRule.objects.select_related("service", "category", "place", "entity")
        return str(named.get(pk=self.object.pk))


class RuleDeleteView(DeskDeleteView):
    template_name = "desk/routing/delete.html"

    @cached_property
    def shown(self) -> Shown:
        return would_move(self.object, scope_of_request(self.request), deleted=True)

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            CatalogueVersion.objects.select_for_update().first()
            if self.request.POST.get("seen") == self.shown.seen:
                return super().form_valid(form)
        return self.render_to_response(self.get_context_data(again=bool(self.request.POST.get("seen"))))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "shown": self.shown}


class RuleIndexView(DeskIndexView):
    @cached_property
    def header_buttons(self) -> list[Any]:
        button = HeaderButton(_("Try the rules"), url=reverse("routing:try"), icon_name="help")
        return [*super().header_buttons, button]


class RoutingRuleViewSet(DeskViewSet):
    """Two rules that tie are refused by the model's own `clean`."""

    model = RoutingRule
    codename = "manage_catalogue"
    actions = KEEP_AND_DELETE
    name = "routing"
    icon = "order"
    index_view_class = RuleIndexView
    add_view_class = RuleCreateView
    edit_view_class = RuleEditView
    delete_view_class = RuleDeleteView
    try_view_class = TryView
    form_fields = ["service", "category", "place", "entity"]
    list_display = ["__str__", "service", "category", "place", "entity", "version"]
    list_filter = ["service", "category", "entity"]
    search_fields = [
        "service__name_ar",
        "service__name_en",
        "service__keywords_ar",
        "service__keywords_en",
        "category__name_ar",
        "category__name_en",
        "place__name_ar",
        "place__name_en",
        "entity__name_ar",
        "entity__name_en",
    ]

    @property
    def try_view(self) -> Any:
        return self.construct_view(
            self.try_view_class,
            permission_policy=self.permission_policy,
            index_url_name=self.get_url_name("index"),
        )

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("try/", self.try_view, name="try")]


class TryMenuItem(MenuItem):
    """Beside the rules, for who keeps them."""

    def __init__(self, order: int) -> None:
        super().__init__(
            _("Routing tester"),
            reverse_lazy("routing:try"),
            name="routing-try",
            icon_name="help",
            order=order,
        )

    def is_shown(self, request: Any) -> bool:
        return scope_of_request(request).everywhere(RoutingRuleViewSet.codename)
