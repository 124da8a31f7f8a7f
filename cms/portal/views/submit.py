"""Submitting: what → where → details → who, then `review`. Keep what was typed, ask the action, show."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cms.entities.asking import Asked, asked, groups_of_places
from cms.entities.models import Service
from cms.reports.actions.intake import TEXT_MAXIMUM

from .. import files, pin, taking, windows
from ..choosing import Choice, chosen
from ..drafts import (
    PARAMETER,
    Draft,
    address_of,
    discard,
    draft_of,
    drafts_of,
    is_unnamed,
    keep,
    named,
)
from ..pages import private, shown
from ..returned import forget, give_back, given_back
from ..steps import BY_NAME, progress_of
from . import stepping
from . import who as who_step

# --- keeping what was typed -------------------------------------------------------------------


TAKE = {
    "words": taking.words,
    "what": taking.what,
    "where": taking.where,
    "details": taking.details,
    "who": who_step.take,
}


@private
@require_POST
def save(request: HttpRequest, name: str) -> HttpResponse:
    """The script keeps what is being typed; without one, who goes on in the other language does (`read`).

    Nothing is judged.
    """
    if name not in TAKE:
        return HttpResponse(status=404)
    goes_on = "read" in request.GET and name in BY_NAME
    draft = draft_of(request)
    if draft is None:
        if name not in ("words", "what"):
            return stepping.elsewhere(request) if goes_on else HttpResponse(status=409)
        draft = Draft()
    if name == "what":
        draft = windows.begun_anew(request, draft, request.POST)
    TAKE[name](draft, request.POST)
    keep(request, draft)
    return redirect(address_of(request, BY_NAME[name].url)) if goes_on else HttpResponse(status=204)


@private
@require_POST
def start_again(request: HttpRequest) -> HttpResponse:
    draft = draft_of(request)
    discard(request, draft)
    # A draft that began as this one's copy shows the same files.
    if draft is not None and all(other.client != draft.client for other in drafts_of(request)):
        files.discard(draft)
    return stepping.accepted(request, "portal:submit")


# --- the steps --------------------------------------------------------------------------------


@private
@require_http_methods(["GET", "HEAD", "POST"])
def what(request: HttpRequest) -> HttpResponse:
    draft = draft_of(request)
    if request.method == "POST":
        draft = windows.begun_anew(request, draft or Draft(), request.POST)
        taking.what(draft, request.POST)
        is_done = not progress_of(request, draft).problems["what"]
        draft.gone_on = draft.gone_on or is_done
        keep(request, draft)
        if is_done:
            return stepping.accepted(request, "portal:where")
        give_back(request, "what", None)
        # The list stays narrowed as it was: the words are in the draft, not in the address.
        narrowed = {name: request.POST.get(name, "")[:60] for name in ("category", "kind")}
        query = urlencode({name: value for name, value in narrowed.items() if value})
        return redirect(named(reverse("portal:submit") + (f"?{query}" if query else ""), draft.key))
    if PARAMETER in request.GET and draft is None:
        return redirect(address_of(request, "portal:submit"))
    if draft is not None and is_unnamed(request):
        return stepping.by_name(request, draft)
    choice = Choice.of(request.GET, draft)
    context = stepping.frame(
        "what", draft, choice=choice, found=chosen(choice), service=None, **files.shown(draft, "what")
    )
    problems = stepping.problems_again(request, draft, "what") if draft else None
    return shown(request, "portal/what.html", context, problems)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """The services for what is typed, here or on the home page. By POST: people write names and streets."""
    draft = draft_of(request)
    if request.method == "POST" and request.headers.get("HX-Request") == "true":
        choice = Choice.typed(request.POST, draft)
        context = stepping.frame("what", draft, choice=choice, found=chosen(choice), service=None)
        # Nothing is kept at each key: the list that this sends carries the words on.
        return shown(request, "portal/services.html", context)
    if request.method == "POST":
        draft = draft or Draft()
        taking.words(draft, request.POST)
        keep(request, draft)
        forget(request, "what")
    return redirect(address_of(request, "portal:submit"))


def _begun(request: HttpRequest, name: str) -> tuple[Draft | None, HttpResponse | None]:
    """The draft, or where to go first: nobody describes what they have not named."""
    draft = draft_of(request)
    if draft is None:
        return None, stepping.elsewhere(request)
    if missing := progress_of(request, draft).missing_before(name):
        return draft, redirect(address_of(request, missing.url))
    return draft, stepping.by_name(request, draft) if is_unnamed(request) else None


@private
@require_http_methods(["GET", "HEAD", "POST"])
def where(request: HttpRequest) -> HttpResponse:
    draft, elsewhere = _begun(request, "where")
    if draft is None or elsewhere:
        return elsewhere or redirect("portal:submit")
    if request.method == "POST":
        taking.where(draft, request.POST)
        if request.POST.get("do") == "no_pin":
            draft.latitude = draft.longitude = ""
            keep(request, draft)
            return stepping.accepted(request, "portal:where")
        pin.answer(draft, request.POST.get("do", ""))
        if files.decided(draft, request.POST.get("do", "")):
            pin.propose(draft)
            keep(request, draft)
            return stepping.accepted(request, "portal:where")
        keep(request, draft)
        if progress_of(request, draft).problems["where"]:
            return stepping.refused(request, "where")
        return stepping.accepted(request, "portal:details")
    problems = stepping.problems_again(request, draft, "where")
    return shown(
        request,
        "portal/where.html",
        stepping.frame(
            "where",
            draft,
            groups=groups_of_places(),
            map_tiles=settings.SAWT_MAP_TILES,
            margin_km=settings.SAWT_REGION_MARGIN_KM,
            apart=pin.apart(draft),
            **files.shown(draft, "where"),
        ),
        problems,
    )


def _unseen(service: Service, draft: Draft) -> list[Asked]:
    """Without script a question appears only after the answer it depends on was sent."""
    return [
        row
        for row in asked(service, draft.answers)
        if row.condition and row.is_shown and row.code not in draft.seen
    ]


@private
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    draft, elsewhere = _begun(request, "details")
    if draft is None or elsewhere:
        return elsewhere or redirect("portal:submit")
    service = stepping.service_of(draft)
    if request.method == "POST":
        taking.details(draft, request.POST)
        _rows, refused = files.taken(request, draft.client)
        if files.decided(draft, request.POST.get("do", "")):
            keep(request, draft)
            return (
                stepping.refused(request, "details", refused)
                if refused
                else stepping.accepted(request, "portal:details")
            )
        keep(request, draft)
        problems = progress_of(request, draft).problems["details"]
        if refused:
            return stepping.refused(request, "details", problems.joined(refused))
        if problems or _unseen(service, draft):
            return stepping.refused(request, "details")
        return stepping.accepted(request, "portal:who")
    problems = stepping.problems_again(request, draft, "details")
    unseen = _unseen(service, draft) if given_back(request, "details") else []
    for row in unseen:
        problems.found.pop(row.id, None)
    context = stepping.frame(
        "details",
        draft,
        asked=asked(service, draft.answers),
        unseen=unseen,
        **files.shown(draft, "details"),
        left=max(0, TEXT_MAXIMUM - len(draft.text)),
    )
    return shown(request, "portal/details.html", context, problems)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def who(request: HttpRequest) -> HttpResponse:
    draft, elsewhere = _begun(request, "who")
    if draft is None or elsewhere:
        return elsewhere or redirect("portal:submit")
    if request.method == "POST":
        if problems := who_step.handle(request, draft, request.POST):
            return stepping.refused(request, "who", problems)
        if not who_step.is_step_done(request.POST):
            return stepping.accepted(request, "portal:who")
        if progress_of(request, draft).problems["who"]:
            return stepping.refused(request, "who")
        return stepping.accepted(request, "portal:review")
    problems = stepping.problems_again(request, draft, "who")
    return shown(
        request, "portal/who.html", stepping.frame("who", draft, **who_step.context(request, draft)), problems
    )
