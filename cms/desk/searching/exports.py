"""The screens of exports: asked for, watched while written, and fetched, which the audit trail keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cms.content.counting import grouped
from cms.entities.snapshot import catalogue
from cms.reports.files import storing
from permissions import audit
from search import searching

from ..access import actor_of_request, client_of
from ..models import SearchExport
from . import exporting, facets
from .address import Links, cleaned, read
from .files import TYPES
from .guard import guarded

EXPORTED = "search_exported"


@require_POST
def export_search(request: HttpRequest) -> HttpResponse:
    """Ask for a file of what the address of `back` finds."""
    guarded(request)
    form, actor, now = request.POST.get("format"), actor_of_request(request), timezone.now()
    if form not in TYPES:
        raise Http404
    query = cleaned(request.POST.get("back", ""))
    if len(query) > 4000:
        messages.error(request, gettext("These are too many filters."))
        return redirect("desk:search")
    reading = read(QueryDict(query), catalogue())
    try:
        found = searching.search(actor, reading.asked(size=1, highlights=False), at=now)
    except searching.Unavailable:
        messages.error(request, gettext("The search does not answer now. Try again in a moment."))
        return redirect("desk:search")
    language = get_language() or "ar"
    made = exporting.ask(actor.user, query, form, total=found.total, language=language, at=now)
    if made is None:
        messages.error(request, gettext("Your earlier files are still being written. Wait for one of them."))
    return redirect("desk:search_exports")


def _rows(request: HttpRequest, now: datetime) -> dict[str, Any]:
    mine = SearchExport.objects.filter(
        person_id=request.user.pk, created_at__gte=now - exporting.KEPT_FOR
    ).order_by("-created_at", "-pk")
    exports, cat = list(mine[:20]), catalogue()
    names = facets.Names(cat)
    return {
        "exports": [
            {
                "row": one,
                "typed": QueryDict(one.query).get("q", ""),
                "filters": _filters(one.query, names),
                "address": f"{reverse('desk:search')}?{one.query}",
                "until": one.created_at + exporting.KEPT_FOR,
                "rows": grouped(one.rows),
                "of": max(one.total, one.rows, 1),
            }
            for one in exports
        ],
        "under_way": any(one.state in exporting.UNFINISHED for one in exports),
        "most": grouped(exporting.MOST_ROWS),
    }


def _filters(query: str, names: facets.Names) -> str:
    """What was chosen beside the words, by which one file is told from another."""
    given = QueryDict(query)
    return gettext(", ").join(
        chip.label for chip in facets.chips(read(given, names.cat), Links(given), names)
    )


@never_cache
@require_safe
def exports_page(request: HttpRequest) -> HttpResponse:
    guarded(request)
    title = gettext("Exported files")
    context = {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("desk:search"), "label": gettext("Search of reports")},
            {"url": "", "label": title},
        ],
        "header_title": title,
        "header_icon": "download",
        **_rows(request, timezone.now()),
    }
    return render(request, "desk/searching/exports.html", context)


@never_cache
@require_safe
def exports_progress(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that stays."""
    guarded(request)
    return render(request, "desk/searching/exports_list.html", _rows(request, timezone.now()))


@never_cache
@require_safe
def export_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One's own file, while one holds what it was written for."""
    scope, now = guarded(request), timezone.now()
    mine = SearchExport.objects.filter(
        pk=pk, person_id=request.user.pk, state=SearchExport.State.DONE
    ).filter(created_at__gte=now - exporting.KEPT_FOR)
    export = mine.first()
    if export is None:
        raise Http404
    if export.held != exporting.fingerprint(scope):
        messages.error(
            request, gettext("What you may see has changed since this file was written. Export it anew.")
        )
        return redirect("desk:search_exports")
    try:
        file = storing.opened(export.file)
    except FileNotFoundError:
        raise Http404 from None
    data = {"rows": export.rows, "format": export.format, "query": unquote_plus(export.query)[:1000]}
    audit.record(EXPORTED, actor=actor_of_request(request).user, data=data, client=client_of(request), at=now)
    name = f"reports-{timezone.localtime(export.created_at):%Y-%m-%d-%H%M}.{export.format}"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[export.format])
    response["X-Content-Type-Options"] = "nosniff"
    return response
