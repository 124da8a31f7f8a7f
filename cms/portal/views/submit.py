"""Submitting: what → where → details → who → review → done. Keep what was typed, ask the action, show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cms.entities.asking import Asked, asked, groups_of_places
from cms.entities.models import Service
from cms.entities.snapshot import catalogue
from cms.reports import actions
from cms.reports.actions.intake import TEXT_MAXIMUM
from cms.reports.actors import SenderActor
from cms.reports.errors import DomainError
from cms.reports.facts import sender_is_reachable
from cms.reports.models import SenderCategory
from cms.reports.secrets import secret_for

from .. import access, files, pin, questions, receipts, taking, windows
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
from ..problems import Problems
from ..qr import qr_path
from ..returned import forget, give_back, given_back
from ..steps import BY_NAME, STEPS, progress_of
from . import who as who_step


def _frame(at_step: str, draft: Draft | None, /, **context: Any) -> dict[str, Any]:
    """What every step's page needs: where in the steps one is, and the emergency note of the service."""
    service = catalogue().service(draft.service) if draft else None
    names = [step.name for step in STEPS]
    at = names.index(at_step) if at_step in names else len(names)
    place = catalogue().place(draft.place) if draft else None
    return {
        "step": BY_NAME[at_step],
        "number": at + 1,
        "steps": [(step, "done" if i < at else "now" if i == at else "next") for i, step in enumerate(STEPS)],
        "previous": STEPS[at - 1] if at else None,
        "next": STEPS[at + 1] if at + 1 < len(STEPS) else BY_NAME["review"],
        "draft": draft,
        "service": service,
        "place": place,
        **context,
    }


def _refused(request: HttpRequest, name: str, problems: Problems | None = None) -> HttpResponse:
    """Back to the step by a GET. What is wrong with the draft is judged again there; the rest is kept."""
    give_back(request, name, problems)
    return redirect(address_of(request, BY_NAME[name].url))


def _accepted(request: HttpRequest, url: str) -> HttpResponse:
    forget(request, *BY_NAME)
    return redirect(address_of(request, url))


# --- keeping what was typed -------------------------------------------------------------------


CHANGED = _("This report was changed in another window. Read it again before you send it.")
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
            return _elsewhere(request) if goes_on else HttpResponse(status=409)
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
    return _accepted(request, "portal:submit")


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
            return _accepted(request, "portal:where")
        give_back(request, "what", None)
        # The list stays narrowed as it was: the words are in the draft, not in the address.
        narrowed = {name: request.POST.get(name, "")[:60] for name in ("category", "kind")}
        query = urlencode({name: value for name, value in narrowed.items() if value})
        return redirect(named(reverse("portal:submit") + (f"?{query}" if query else ""), draft.key))
    if PARAMETER in request.GET and draft is None:
        return redirect(address_of(request, "portal:submit"))
    if draft is not None and is_unnamed(request):
        return _by_name(request, draft)
    choice = Choice.of(request.GET, draft)
    context = _frame(
        "what", draft, choice=choice, found=chosen(choice), service=None, **files.shown(draft, "what")
    )
    problems = _problems_again(request, draft, "what") if draft else None
    return shown(request, "portal/what.html", context, problems)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """The services for what is typed, here or on the home page. By POST: people write names and streets."""
    draft = draft_of(request)
    if request.method == "POST" and request.headers.get("HX-Request") == "true":
        choice = Choice.typed(request.POST, draft)
        context = _frame("what", draft, choice=choice, found=chosen(choice), service=None)
        # Nothing is kept at each key: the list that this sends carries the words on.
        return shown(request, "portal/services.html", context)
    if request.method == "POST":
        draft = draft or Draft()
        taking.words(draft, request.POST)
        keep(request, draft)
        forget(request, "what")
    return redirect(address_of(request, "portal:submit"))


def _elsewhere(request: HttpRequest) -> HttpResponse:
    """Where a form or an address leads whose draft is gone: to what came of it, else to the beginning."""
    key = receipts.key_of_sent(request)
    return redirect(named(reverse("portal:done"), key) if key else "portal:submit")


def _begun(request: HttpRequest, name: str) -> tuple[Draft | None, HttpResponse | None]:
    """The draft, or where to go first: nobody describes what they have not named."""
    draft = draft_of(request)
    if draft is None:
        return None, _elsewhere(request)
    if missing := progress_of(request, draft).missing_before(name):
        return draft, redirect(address_of(request, missing.url))
    return draft, _by_name(request, draft) if is_unnamed(request) else None


def _by_name(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The same page at the address that says which draft it shows."""
    return redirect(named(request.get_full_path(), draft.key))


def _problems_again(request: HttpRequest, draft: Draft, name: str) -> Problems:
    """A step that is opened for the first time accuses nobody; one that was refused says why."""
    back = given_back(request, name)
    if back is None or not back.is_fresh:
        return Problems()
    return back.problems or progress_of(request, draft).problems.get(name, Problems())


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
            return _accepted(request, "portal:where")
        pin.answer(draft, request.POST.get("do", ""))
        if files.decided(draft, request.POST.get("do", "")):
            pin.propose(draft)
            keep(request, draft)
            return _accepted(request, "portal:where")
        keep(request, draft)
        if progress_of(request, draft).problems["where"]:
            return _refused(request, "where")
        return _accepted(request, "portal:details")
    problems = _problems_again(request, draft, "where")
    return shown(
        request,
        "portal/where.html",
        _frame(
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
    service = _service(draft)
    if request.method == "POST":
        taking.details(draft, request.POST)
        _rows, refused = files.taken(request, draft.client)
        if files.decided(draft, request.POST.get("do", "")):
            keep(request, draft)
            return _refused(request, "details", refused) if refused else _accepted(request, "portal:details")
        keep(request, draft)
        problems = progress_of(request, draft).problems["details"]
        if refused:
            return _refused(request, "details", problems.joined(refused))
        if problems or _unseen(service, draft):
            return _refused(request, "details")
        return _accepted(request, "portal:who")
    problems = _problems_again(request, draft, "details")
    unseen = _unseen(service, draft) if given_back(request, "details") else []
    for row in unseen:
        problems.found.pop(row.id, None)
    context = _frame(
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
            return _refused(request, "who", problems)
        if not who_step.is_step_done(request.POST):
            return _accepted(request, "portal:who")
        if progress_of(request, draft).problems["who"]:
            return _refused(request, "who")
        return _accepted(request, "portal:review")
    problems = _problems_again(request, draft, "who")
    return shown(
        request, "portal/who.html", _frame("who", draft, **who_step.context(request, draft)), problems
    )


def _service(draft: Draft) -> Service:
    service = catalogue().service(draft.service)
    if service is None:
        raise LookupError("the step before has checked it")
    return service


# --- review and done --------------------------------------------------------------------------


@private
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    draft = draft_of(request)
    if draft is None:
        # The second press of a button whose first has arrived.
        return _elsewhere(request)
    if receipts.arrived(draft):
        # It has arrived and the answer was lost; the form need not be right any more.
        return _send(request, draft)
    progress = progress_of(request, draft)
    missing = progress.first_missing()
    if missing or progress.prepared is None:
        # Judged by the same rules as the page: a session that has ended meanwhile sends nobody's report.
        name = (missing or STEPS[0]).name
        return (
            _refused(request, name)
            if request.method == "POST"
            else redirect(address_of(request, BY_NAME[name].url))
        )
    sender = None if draft.is_anonymous else access.sender_of(request)
    uploads = files.of_draft(draft)
    shows = windows.digest(draft, sender, uploads)
    if request.method == "POST":
        problems = Problems()
        if request.POST.get("shows", shows) != shows:
            problems.add("ok", CHANGED)
        elif request.POST.get("ok"):
            try:
                return _send(request, draft)
            except DomainError as error:
                problems.take(error)
        else:
            problems.add("ok", _("Confirm that what you wrote is true to your knowledge."))
        return _refused(request, "review", problems)
    if is_unnamed(request):
        return _by_name(request, draft)
    problems = _problems_again(request, draft, "review")
    context = _frame(
        "review",
        draft,
        prepared=progress.prepared,
        # As they are kept: digits of any script are the same number.
        answered=questions.answered(_service(draft), Draft(answers=progress.prepared.checked.answers)),
        sender=sender,
        category=dict(SenderCategory.choices).get(draft.category, ""),
        has_national_id=bool(draft.national_id),
        uploads=uploads,
        shows=shows,
    )
    return shown(request, "portal/review.html", context, problems)


def _send(request: HttpRequest, draft: Draft) -> HttpResponse:
    sender = None if draft.is_anonymous else access.sender_of(request)
    sender_id = sender.pk if sender else None
    given = draft.as_input(sender_id=sender_id, language=get_language() or "ar")
    arrived = receipts.arrived(draft)
    given = replace(given, sent_from=access.client_of(request), files=files.with_draft(draft, arrived))
    try:
        report = actions.submit(given, actor=SenderActor(sender_id=sender_id)).report
        changed = False
    except DomainError:
        # It had arrived, the answer got lost, and the draft was changed: what arrived is what counts.
        kept = receipts.arrived(draft)
        if kept is None:
            raise
        report, changed = kept, True
    receipts.hand_out(request, draft, report, changed=changed)
    forget(request, *BY_NAME)
    return redirect(named(reverse("portal:done"), draft.key))


@private
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    receipt = receipts.receipt_of(request)
    if receipt is None:
        return redirect("portal:submit")
    report = receipt.report
    secret = secret_for(report.public_id, report.secret_version)
    return shown(
        request,
        "portal/done.html",
        {
            "report": report,
            "secret": secret,
            "changed": receipt.is_changed,
            # Who left no way to be reached is asked nothing.
            "asks": sender_is_reachable(report),
            "qr": qr_path(request, report.reference, secret),
        },
    )
