"""The files of a draft, added and removed by a form or by the page's script; and those of a report."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from cms.reports.files import intake, links, reading, serving
from cms.reports.models import Attachment

from .. import access, files
from ..drafts import Draft, address_of, draft_of, drafts_of, keep
from ..pages import private, shown
from ..problems import Problems
from ..returned import forget, give_back
from ..steps import BY_NAME
from .submit import TAKE

STEPS = ("what", "details")


def _is_script(request: HttpRequest) -> bool:
    """The page's script puts the list in its place; a form goes back to its step."""
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def _step(request: HttpRequest) -> str:
    name = request.GET.get("step", "")
    if name not in STEPS:
        raise Http404
    return name


def _answer(request: HttpRequest, step: str, draft: Draft, problems: Problems) -> HttpResponse:
    if not _is_script(request):
        if problems:
            give_back(request, step, problems)
        else:
            forget(request, step)
        return redirect(address_of(request, BY_NAME[step].url))
    response = shown(request, "portal/files_list.html", files.shown(draft, step), problems)
    response.status_code = 422 if problems else 200
    return response


@private
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Take in what the form sends, for a draft that may begin with it."""
    step = _step(request)
    draft = draft_of(request)
    if draft is None:
        draft = Draft()
        keep(request, draft)
    _rows, problems = files.taken(request, draft.client)
    return _answer(request, step, draft, problems)


@private
@require_POST
def remove(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Without script the whole form comes along, and what was typed in it is kept."""
    step = _step(request)
    draft = draft_of(request)
    if draft is None:
        return redirect("portal:submit")
    problems = Problems()
    if not _is_script(request) and step == "details":
        TAKE[step](draft, request.POST)
        keep(request, draft)
        _rows, problems = files.taken(request, draft.client)
    intake.drop(intake.waiting(draft.client).filter(public_id=public_id))
    return _answer(request, step, draft, problems)


def _given(row: Attachment | None, request: HttpRequest, *, small: bool) -> HttpResponseBase:
    if row is None:
        raise Http404
    try:
        return serving.response(row, request, small=small)
    except FileNotFoundError:
        raise Http404 from None


@require_safe
def of_draft(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """The thumbnail of what was just added."""
    found = (intake.waiting(draft.client).filter(public_id=public_id).first() for draft in drafts_of(request))
    return _given(next(filter(None, found), None), request, small=True)


@require_safe
def of_report(request: HttpRequest, reference: str, public_id: uuid.UUID) -> HttpResponseBase:
    """A file of one's own report, by a link that lives for five minutes; `?small` is its thumbnail."""
    found = access.report_of(request, reference)
    row = reading.find(public_id, found[1]) if found is not None else None
    if row is None or found is None:
        raise Http404
    if "small" in request.GET:
        return _given(row, request, small=True)
    if not row.is_readable:
        raise Http404
    response = redirect(links.sign(row, found[1]))
    response.headers["Cache-Control"] = "no-store"
    return response
