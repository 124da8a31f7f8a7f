"""The screens: a table to take away, a file to bring back, what it would change, and the saving of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cms.reports.texts import BIDI_CONTROLS, REFUSED
from cms.uploads import refused_files
from permissions import audit

from ..access import client_of, scope_of_request
from . import keeping
from .checking import plan_of
from .keeping import Kept
from .package import MEGABYTE, MOST_BYTES
from .plans import Plan
from .reading import MOST_ROWS, read
from .refusals import Refusal, Refused
from .saving import save
from .showing import PER_PAGE, Shown, shown
from .stored import Stored
from .workbooks import Workbook, workbooks
from .writing import written

CODENAME = "manage_catalogue"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXPORTED = "table_exported"
OUTCOMES = {
    "bad": _("Bad"),
    "new": pgettext_lazy("rows", "New"),
    "changed": _("Changed"),
    "same": _("Unchanged"),
}
LONGEST_NAME = 80


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("Excel workbook (.xlsx)"), widget=forms.FileInput(attrs={"accept": f".xlsx,{XLSX}"})
    )


def _workbook(request: HttpRequest, name: str) -> Workbook:
    """Who may not keep the catalogue learns nothing of it, not even which tables there are."""
    if not scope_of_request(request).everywhere(CODENAME):
        raise PermissionDenied
    found = workbooks().get(name)
    if found is None:
        raise Http404
    return found


def _context(workbook: Workbook, title: str, trail: list[dict[str, str]]) -> dict[str, Any]:
    crumbs = [
        {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
        {"url": reverse(workbook.listing), "label": str(workbook.title)},
    ]
    return {
        "breadcrumbs_items": [*crumbs, *trail, {"url": "", "label": title}],
        "header_title": title,
        "header_icon": workbook.icon,
        "workbook": workbook,
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: Any, workbook: str) -> HttpResponse:
    """Takes a file in, checks it and shows what it would do."""
    book = _workbook(request, workbook)
    refusal = ""
    if request.method == "POST":
        try:
            kept = _take_in(request, book)
        except Refused as refused:
            refusal = refused.sentence
        else:
            return redirect("desk:table_check", book.name, kept.token)
    form = FileForm()
    if refusal:
        form = FileForm({}, MultiValueDict())
        form.errors.clear()
        form.add_error("file", refusal)
    context = _context(book, gettext("Export and import"), [])
    context |= {
        "form": form,
        "books": workbooks().values(),
        "most_rows": f"{MOST_ROWS:,}",
        "most_megabytes": MOST_BYTES // MEGABYTE,
        "minutes": keeping.SECONDS // 60,
    }
    return render(request, "desk/table.html", context, status=422 if refusal else 200)


def _take_in(request: Any, book: Workbook) -> Kept:
    sent = request.FILES.get("file")
    if any(code == "file_too_large" for code, _name in refused_files(request)):
        raise Refused(Refusal.TOO_LARGE, megabytes=MOST_BYTES // MEGABYTE)
    if sent is None:
        raise Refused(Refusal.NO_FILE)
    if sent.size > MOST_BYTES:
        raise Refused(Refusal.TOO_LARGE, megabytes=MOST_BYTES // MEGABYTE)
    kept = Kept(book.name, _called(sent.name), sent.read())
    _check(kept, book)
    keeping.keep(request.user, kept)
    return kept


def _called(name: str) -> str:
    """The file's name as it is told again."""
    plain = REFUSED.sub("", BIDI_CONTROLS.sub("", name or ""))
    return " ".join(plain.split())[-LONGEST_NAME:]


def _check(kept: Kept, book: Workbook) -> Plan:
    plan = plan_of(read(kept.content, book), Stored())
    kept.digest = plan.digest(kept.content)
    kept.language = get_language() or "ar"
    kept.shown = shown(plan)
    return plan


@never_cache
@require_safe
def export(request: Any, workbook: str) -> HttpResponse:
    book = _workbook(request, workbook)
    try:
        content, count = written(book)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("desk:table", book.name)
    audit.record(
        EXPORTED, actor=request.user, data={"table": book.name, "rows": count}, client=client_of(request)
    )
    name = f"{book.name}-{timezone.localdate():%Y-%m-%d}.xlsx"
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: Any, workbook: str, token: str) -> HttpResponse:
    """What the file would do; by POST it is saved, or given up."""
    book = _workbook(request, workbook)
    kept = keeping.kept_for(request.user, book.name, token)
    if kept is None:
        messages.warning(request, Refused(Refusal.OVER).sentence)
        return redirect("desk:table", book.name)
    status = 200
    if request.method == "POST":
        if request.POST.get("do") == "drop":
            keeping.forget(request.user)
            messages.info(request, gettext("The file was given up. Nothing was saved."))
            return redirect("desk:table", book.name)
        if request.POST.get("do") != "save":
            raise Http404
        try:
            plan = _save(request, book, kept)
        except Refused as refused:
            messages.error(request, refused.sentence)
            status = 409
            _check(kept, book)
            keeping.keep(request.user, kept)
        else:
            keeping.forget(request.user)
            messages.success(request, _saved(plan))
            return redirect(book.listing)
    elif kept.language != get_language():
        # Its sentences are in the language that was read when it was checked.
        _check(kept, book)
        keeping.keep(request.user, kept)
    return render(request, "desk/table_check.html", _check_context(request, book, kept), status=status)


def _save(request: Any, book: Workbook, kept: Kept) -> Plan:
    if request.POST.get("digest") != kept.digest:
        # The page that was confirmed is older than the last check.
        raise Refused(Refusal.CHANGED_SINCE)
    return save(
        book, kept.content, digest=kept.digest, name=kept.name, by=request.user, client=client_of(request)
    )


def _saved(plan: Plan) -> str:
    new, changed = plan.totals["new"], plan.totals["changed"]
    parts = []
    if new:
        parts.append(ngettext("%(count)s row was added.", "%(count)s rows were added.", new) % {"count": new})
    if changed:
        said = ngettext("%(count)s row was changed.", "%(count)s rows were changed.", changed)
        parts.append(said % {"count": changed})
    return " ".join(parts)


def _check_context(request: Any, book: Workbook, kept: Kept) -> dict[str, Any]:
    found: Shown = kept.shown
    view = request.GET.get("show", "")
    if view not in OUTCOMES:
        view = found.first_view
    page = Paginator(found.view(view), PER_PAGE).get_page(request.GET.get("page"))
    first = {"url": reverse("desk:table", args=[book.name]), "label": gettext("Export and import")}
    return _context(book, gettext("What the file would change"), [first]) | {
        "kept": kept,
        "found": found,
        "views": [
            {"code": code, "label": label, "count": found.totals[code], "current": code == view}
            for code, label in OUTCOMES.items()
        ],
        "view": view,
        "page": page,
        "several_sheets": len(book.sheets) > 1,
        "minutes": keeping.SECONDS // 60,
    }
