"""Entities and places: trees, shown as indented lists. A node keeps its place in the tree once it is made."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSetGroup

from cms.entities.memberships import refresh_entity_groups
from cms.entities.models import Entity, Place
from cms.entities.snapshot import catalogue

from ..sheets.buttons import TableButtons
from .fields import TreeChoiceField, formfield
from .guarded import DeskCreateView, DeskEditView, DeskViewSet, TreeIndexView, flag
from .rules import faults_of_closing, faults_of_opening, faults_of_point, points_of, warning_of_opening


class NodeForm(forms.ModelForm):
    """Adds a new node under its parent; an existing one is saved where it is."""

    parent = TreeChoiceField(
        queryset=None, label=_("parent"), required=False, help_text=_("Cannot be changed later.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["parent"]
        else:
            self.fields["parent"].queryset = self._meta.model._default_manager.order_by("path")  # type: ignore[attr-defined]

    def save(self, commit: bool = True) -> Any:
        if self.instance.pk:
            return super().save(commit)
        parent = self.cleaned_data["parent"]
        model = self._meta.model
        node = parent.add_child(instance=self.instance) if parent else model.add_root(instance=self.instance)
        self.instance = node
        self._save_m2m()  # type: ignore[attr-defined]
        return node


class EntityForm(NodeForm):
    class Meta:
        model = Entity
        fields = [
            "code",
            "kind",
            "name_ar",
            "name_en",
            "short_name_ar",
            "short_name_en",
            "jurisdiction",
            "email",
            "calendar",
            "about_ar",
            "about_en",
            "specialists_see_all",
            "specialists_reply",
            "is_active",
        ]
        formfield_callback = formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "parent" in self.fields:
            parents = self.fields["parent"]
            parents.queryset = parents.queryset.filter(is_active=True)  # type: ignore[attr-defined]
        elif not self.instance.is_active:
            self.fields["is_active"].help_text = warning_of_opening(self.instance)

    def clean_is_active(self) -> bool:
        active: bool = self.cleaned_data["is_active"]
        if self.instance.pk and "is_active" in self.changed_data:
            asked = faults_of_opening if active else faults_of_closing
            for _name, sentence in asked(self.instance):
                raise ValidationError(sentence)
        return active

    def save(self, commit: bool = True) -> Any:
        if self.instance.is_active:
            # One that works again goes on with its work itself.
            self.instance.continued_by = None
        return super().save(commit)


class PlaceForm(NodeForm):
    class Meta:
        model = Place
        fields = ["code", "kind", "name_ar", "name_en", "latitude", "longitude", "precision"]
        formfield_callback = formfield

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if {"latitude", "longitude"} & set(self.changed_data) and not self.errors:
            given = data["latitude"], data["longitude"]
            for name, sentence in faults_of_point(self.instance.pk, *given, points_of(catalogue().places)):
                self.add_error(name, sentence)
        return data


class NodeCreateView(DeskCreateView):
    def save_instance(self) -> Any:
        """treebeard makes the row itself, so Wagtail's own saving is not asked."""
        from wagtail.log_actions import log

        instance = self.form.save()
        self.form.instance = instance
        log(instance=instance, action="wagtail.create", user=self.request.user)
        self.record(instance, {"what": "added"})
        return instance


class EntityEditView(DeskEditView):
    def save_instance(self) -> Any:
        """What its specialists may do follows the entity's settings at once."""
        instance = super().save_instance()
        refresh_entity_groups(instance)
        return instance


class EntityIndexView(TableButtons, TreeIndexView):
    workbook = "entities"


class PlaceIndexView(TableButtons, TreeIndexView):
    workbook = "places"


class EntityViewSet(DeskViewSet):
    model = Entity
    codename = "manage_catalogue"
    name = "entities"
    icon = "group"
    index_view_class = EntityIndexView
    add_view_class = NodeCreateView
    edit_view_class = EntityEditView
    list_per_page = 100
    list_display = ["__str__", "code", "kind", "calendar", flag("is_active", _("active"))]
    search_fields = ["name_ar", "name_en", "short_name_ar", "code"]
    list_filter = ["kind", "calendar", "is_active"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return EntityForm


class PlaceViewSet(DeskViewSet):
    model = Place
    codename = "manage_catalogue"
    name = "places"
    icon = "site"
    index_view_class = PlaceIndexView
    add_view_class = NodeCreateView
    list_per_page = 100
    list_display = ["__str__", "code", "kind", "precision"]
    search_fields = ["name_ar", "name_en", "code"]
    list_filter = ["kind", "precision"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return PlaceForm


class TreesGroup(ModelViewSetGroup):
    menu_label = _("Entities and places")
    menu_icon = "site"
    menu_order = 21
    items = (EntityViewSet, PlaceViewSet)
