"""The frame of every viewset: a codename opens all of its views or none, and each change is audited.

Wagtail checks the model-wide permission in some of its generic views, and nothing in others; here every
view asks the registered policy before it looks at the row, so an edit, a history or a results list is as
closed as the menu entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import ModelChoiceField, ModelMultipleChoiceField
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django_filters import ChoiceFilter
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.views.generic import history
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import register_permission_policy

from permissions import audit
from search.analysis import fold

from ..access import client_of
from ..policies import KEEP, CodenamePolicy
from .fields import formfield

SHORT = 200
# Between the rows of one field: `audit_words` takes them apart again.
LISTED = " · "


def spelt(text: str) -> str:
    """One spelling of what people write in several: hamza and alef, digits, and ه for ة at the end."""
    return fold(text).replace("ة", "ه")


def without_article(word: str) -> str:
    """«الاناره» asks for «اناره» too; a word that only looks like it has one is left whole."""
    for article in ("لل", "ال"):
        if word.startswith(article) and len(word) - len(article) >= 3:
            return word.removeprefix(article)
    return word


def _label_of(labels: Mapping[Any, Any], value: Any) -> str:
    return str(labels.get(value, ""))


class GuardedMixin:
    """Asks the policy for what the view is for, on the row itself where there is one."""

    needs = "view"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Before any row is read, so that one that is not there answers as one that is."""
        if not self.permission_policy.user_has_permission(request.user, self.needs):  # type: ignore[attr-defined]
            raise PermissionDenied
        super().setup(request, *args, **kwargs)  # type: ignore[misc]

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        obj = super().get_object(*args, **kwargs)  # type: ignore[misc]
        policy = self.permission_policy  # type: ignore[attr-defined]
        if not policy.user_has_permission_for_instance(self.request.user, self.needs, obj):  # type: ignore[attr-defined]
            raise PermissionDenied
        return obj


def changes(form: Any) -> dict[str, list[str]]:
    """What a form changes, as field → [before, after], shortened; a password or a secret only as the fact."""
    found = {}
    for name in form.changed_data:
        if name in form.cleaned_data:
            before, after = form.initial.get(name, ""), form.cleaned_data[name]
            found[name] = (
                ["", "…"]
                if name == "secret" or "password" in name
                else [_said(form.fields[name], one)[:SHORT] for one in (before, after)]
            )
    # What a form holds back stays as it was.
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def _said(field: Any, value: Any) -> str:
    """A form's value as it is read later; rows by their names, which a form begins with as keys."""
    if not isinstance(field, ModelChoiceField) or value in (None, ""):
        return LISTED.join(map(str, value)) if isinstance(value, list) else str(value)
    many = isinstance(field, ModelMultipleChoiceField)
    rows = list(value) if many else [value]
    keys = [one for one in rows if not isinstance(one, Model)]
    # A row that may not be chosen any more is still the one that it was.
    every: Any = field.queryset
    stored = {str(row.pk): row for row in every.model._base_manager.filter(pk__in=keys)} if keys else {}
    found = (stored.get(str(one), one) for one in rows)
    return LISTED.join(
        field.label_from_instance(one).strip() if isinstance(one, Model) else str(one) for one in found
    )


class AuditedMixin:
    """Writes an AuditEvent in the transaction of the change."""

    audit_code = "configuration_changed"
    what = "changed"

    def save_instance(self) -> Any:
        instance = super().save_instance()  # type: ignore[misc]
        self.record(instance, {"what": self.what, "changes": changes(self.form)})  # type: ignore[attr-defined]
        return instance

    def record(self, instance: Any, data: dict[str, Any]) -> None:
        request = self.request  # type: ignore[attr-defined]
        audit.record(
            self.audit_code,
            actor=request.user,
            subject=f"{instance._meta.model_name}:{instance.pk}",
            data={"label": str(instance)[:SHORT], **data},
            client=client_of(request),
        )


class DeskIndexView(GuardedMixin, generic.IndexView):
    """Searches as people spell: «اناره» finds «إنارة». Lists that grow for ever are searched as written."""

    search_backend_name = None
    # Every row is read and compared; a tenant's catalogue and staff are hundreds of rows.
    folded_up_to = 2000
    # Field that keeps a code → the words that the list shows for it: searched and filtered by these.
    in_words: dict[str, Callable[[Any], str]] = {}

    def search_queryset(self, queryset: Any) -> Any:
        if not self.is_searching or not self.search_fields or queryset.count() > self.folded_up_to:
            return super().search_queryset(queryset)
        wanted = [without_article(word) for word in spelt(self.search_query).split()]
        shown = {**self._choices_in_words(), **self.in_words}
        names = self._names_of_relations()
        fields = [*self.search_fields, *shown, *names]
        found = []
        for pk, *values in queryset.order_by().values_list("pk", *fields):
            row = dict(zip(fields, values, strict=True))
            texts = [str(value or "") for value in values]
            texts += [str(words(row[name])) for name, words in shown.items()]
            said = spelt(" ".join(texts))
            if all(word in said for word in wanted):
                found.append(pk)
        return queryset.filter(pk__in=found)

    def _shown_fields(self) -> list[Any]:
        shown = {name for name in self.list_display if isinstance(name, str)}
        return [field for field in self.model._meta.concrete_fields if field.name in shown]

    def _choices_in_words(self) -> dict[str, Callable[[Any], str]]:
        """The fields that the list shows by their choice's label."""
        return {
            field.name: partial(_label_of, dict(field.flatchoices))
            for field in self._shown_fields()
            if field.choices
        }

    def _names_of_relations(self) -> list[str]:
        """The names of what the list shows by name, in both languages."""
        return [
            f"{field.name}__{name}"
            for field in self._shown_fields()
            if field.is_relation
            for name in ("name_ar", "name_en")
            if any(name == other.name for other in field.related_model._meta.concrete_fields)
        ]

    @cached_property
    def filterset_class(self) -> Any:
        """Wagtail's, with a choice where it would ask for a code to be typed."""
        given = super().filterset_class
        chosen = {name: self._chosen(name) for name in self.in_words if name in (self.list_filter or [])}
        return type(given.__name__, (given,), {**chosen, "Meta": given.Meta}) if chosen else given

    def _chosen(self, name: str) -> ChoiceFilter:
        label = self.model._meta.get_field(name).verbose_name
        return ChoiceFilter(label=label, choices=self.choices_of(name))

    def choices_of(self, name: str) -> list[tuple[str, str]]:
        """The codes that the rows keep now, by their words."""
        codes = self.model._default_manager.order_by().values_list(name, flat=True).distinct()
        return sorted(
            ((code, str(self.in_words[name](code))) for code in codes if code), key=lambda pair: pair[1]
        )


class TreeIndexView(DeskIndexView):
    """A tree as a list, indented by depth, in the tree's order."""

    default_ordering = "path"

    @cached_property
    def columns(self) -> list[Any]:
        columns = super().columns
        columns[0].accessor = lambda node: "\u2003" * (node.depth - 1) + node.name
        columns[0].sort_key = None
        return columns

    def order_queryset(self, queryset: Any) -> Any:
        return queryset if self.is_explicitly_ordered else queryset.order_by("path")


class DeskCreateView(GuardedMixin, AuditedMixin, generic.CreateView):
    needs = "add"
    what = "added"


class DeskEditView(GuardedMixin, AuditedMixin, generic.EditView):
    needs = "change"


class DeskDeleteView(GuardedMixin, AuditedMixin, generic.DeleteView):
    needs = "delete"

    def delete_action(self) -> Any:
        self.record(self.object, {"what": "deleted"})
        return super().delete_action()


class DeskHistoryView(GuardedMixin, history.HistoryView):
    needs = "change"


class DeskViewSet(ModelViewSet):
    """`codename` and `actions` say who may do what; there is no view for an action that is not in them."""

    codename: str
    actions = KEEP
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = False
    index_view_class = DeskIndexView
    add_view_class = DeskCreateView
    edit_view_class = DeskEditView
    delete_view_class = DeskDeleteView
    history_view_class = DeskHistoryView
    list_per_page = 50
    search_backend_name = None
    sort_order_field = None
    list_export: list[str] = []
    form_fields: list[str] = []

    @cached_property
    def permission_policy(self) -> CodenamePolicy:
        return CodenamePolicy(self.model, self.codename, self.actions)

    @cached_property
    def menu_item_class(self) -> type[MenuItem]:
        policy = self.permission_policy

        class CodenameMenuItem(MenuItem):
            def is_shown(self, request: Any) -> bool:
                return policy.user_has_permission(request.user, "view")

        return CodenameMenuItem

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().get_common_view_kwargs(
            **{"usage_url_name": None, "permission_policy": self.permission_policy, **kwargs}
        )
        for action, view in (("add", "add"), ("delete", "delete"), ("change", "edit")):
            if action not in self.actions:
                given[f"{view}_url_name"] = None
        if "change" not in self.actions:
            given["history_url_name"] = None
        return given

    def get_urlpatterns(self) -> list[Any]:
        closed = {"usage"}
        if "add" not in self.actions:
            closed.add("add")
        if "change" not in self.actions:
            closed |= {"edit", "history", "history_results"}
        if "delete" not in self.actions:
            closed.add("delete")
        return [pattern for pattern in super().get_urlpatterns() if pattern.name not in closed]

    def get_permissions_to_register(self) -> Any:
        """None: codenames are held by roles, never ticked in Wagtail's group editor."""
        return Permission.objects.none()

    def formfield_for_dbfield(self, db_field: Any, **kwargs: Any) -> Any:
        return formfield(db_field, **kwargs)


def open_to(viewset: type[DeskViewSet]) -> None:
    """Registers the policy of a viewset's model; before anything asks for it."""
    register_permission_policy(
        viewset.model, CodenamePolicy(viewset.model, viewset.codename, viewset.actions), exact_class=True
    )


def column(name: str, label: Any, accessor: Any = None) -> Column:
    return Column(name, label=capfirst(label), accessor=accessor or name)


def flag(name: str, label: Any) -> BooleanColumn:
    return BooleanColumn(name, label=capfirst(label), sort_key=name)
