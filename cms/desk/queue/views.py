"""A person's saved views: names for addresses of the queue, private, kept by the address's own filters.

A view holds a wish and no right: what it shows is asked of the policy each time that it is opened.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Aggregate, JSONField
from django.db.models.functions import JSONObject
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from permissions.policy import Scope

from ..access import scope_of_request, sees_reports
from ..models import SavedView
from .filters import KEPT

# More than these nobody finds again.
MOST = 20
LONGEST_NAME = 60


@dataclass(frozen=True)
class Kept:
    pk: int
    name: str
    query: str
    is_default: bool

    @property
    def address(self) -> str:
        return f"?{self.query}&saved={self.pk}"


class JsonRows(Aggregate):
    """All rows of a group as one JSON list."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(compiler, connection, function="JSON_AGG", **extra)


def as_one_value(scope: Scope) -> Any:
    """All views of a person in one value, so that the statement of the counts brings them along."""
    mine = SavedView.objects.filter(person_id=scope.user_id).order_by().values("person_id")
    row = JSONObject(pk="pk", name="name", query="query", is_default="is_default")
    return mine.annotate(rows=JsonRows(row)).values("rows")


def read(value: Any) -> list[Kept]:
    rows = json.loads(value) if isinstance(value, str) else value or []
    kept = [Kept(row["pk"], row["name"], row["query"], bool(row["is_default"])) for row in rows]
    return sorted(kept, key=lambda view: view.pk)


def cleaned(query: str) -> str:
    """Of an address, what a view keeps, in one order."""
    given = QueryDict(query[:2000])
    kept = QueryDict(mutable=True)
    for name in KEPT:
        values = [value for value in given.getlist(name) if value]
        if values:
            kept.setlist(name, values[:20])
    return kept.urlencode()


def same(query: str, other: str) -> bool:
    return parse_qs(query) == parse_qs(other)


def _guarded(request: HttpRequest) -> Scope:
    scope = scope_of_request(request)
    if not sees_reports(scope):
        raise PermissionDenied
    return scope


def _mine(request: HttpRequest, pk: int) -> SavedView:
    """Somebody else's view answers as a missing one."""
    view: SavedView | None = SavedView.objects.filter(person_id=request.user.pk, pk=pk).first()
    if view is None:
        raise Http404
    return view


def _refusal(request: HttpRequest, name: str, but: int = 0) -> str:
    mine = SavedView.objects.filter(person_id=request.user.pk).exclude(pk=but)
    if not name:
        return gettext("Give the view a name.")
    if mine.filter(name=name).exists():
        return gettext("You have a view of this name already.")
    if mine.count() >= MOST:
        return ngettext(
            "You have %(n)d view, which is as many as are kept. Delete one first.",
            "You have %(n)d views, which is as many as are kept. Delete one first.",
            MOST,
        ) % {"n": MOST}
    return ""


def _name(request: HttpRequest) -> str:
    return " ".join(request.POST.get("name", "").replace("\0", "").split())[:LONGEST_NAME]


@transaction.atomic
def _make_default(view: SavedView, wanted: bool) -> None:
    SavedView.objects.filter(person_id=view.person_id, is_default=True).exclude(pk=view.pk).update(
        is_default=False
    )
    SavedView.objects.filter(pk=view.pk).update(is_default=wanted)


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the filters of `back` under `name`."""
    _guarded(request)
    name, query = _name(request), cleaned(request.POST.get("back", ""))
    refusal = _refusal(request, name) or (
        "" if len(query) <= 1000 else gettext("These are too many filters.")
    )
    if refusal:
        messages.error(request, refusal)
        return redirect(f"{reverse('desk:queue')}?{query}" if query else "desk:queue")
    query = query or "view=all"
    view = SavedView.objects.create(person_id=request.user.pk, name=name, query=query)
    if "default" in request.POST:
        _make_default(view, True)
    messages.success(request, gettext("The view “%(name)s” is saved.") % {"name": name})
    return redirect(f"{reverse('desk:queue')}?{query}&saved={view.pk}")


@require_safe
def views_page(request: HttpRequest) -> HttpResponse:
    _guarded(request)
    context = {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("desk:queue"), "label": gettext("Report queue")},
            {"url": "", "label": gettext("Saved views")},
        ],
        "header_title": gettext("Saved views"),
        "header_icon": "list-ul",
        "views": SavedView.objects.filter(person_id=request.user.pk).order_by("pk"),
        "longest": LONGEST_NAME,
    }
    return render(request, "desk/views.html", context)


@require_POST
def change_view(request: HttpRequest, pk: int) -> HttpResponse:
    """`do`: rename, default, no_default or delete."""
    _guarded(request)
    view = _mine(request, pk)
    match request.POST.get("do"):
        case "rename":
            name = _name(request)
            if refusal := "" if name == view.name else _refusal(request, name, but=pk):
                messages.error(request, refusal)
            else:
                SavedView.objects.filter(pk=pk).update(name=name)
        case "default":
            _make_default(view, True)
        case "no_default":
            _make_default(view, False)
        case "delete":
            view.delete()
            messages.success(request, gettext("The view “%(name)s” is deleted.") % {"name": view.name})
        case _:
            raise Http404
    return redirect("desk:views")
