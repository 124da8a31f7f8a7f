"""Submitting: what → where → details → who → review → done. Keep what was typed, ask the action, show."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cms.entities.models import Service
from cms.entities.snapshot import catalogue
from cms.reports import actions
from cms.reports.actions.intake import TEXT_MAXIMUM
from cms.reports.actors import SenderActor
from cms.reports.errors import Code, DomainError, Invalid
from cms.reports.models import IdempotencyKey, Report
from cms.reports.secrets import secret_for

from .. import access, questions
from ..choosing import Choice, chosen, groups_of_places
from ..drafts import LONGEST_KEPT, Draft, discard, draft_of, keep
from ..pages import private, shown
from ..problems import Problems, problems_of
from ..qr import qr_path
from ..steps import BY_NAME, STEPS, progress_of
from . import who as who_step

# The report that this session sent last: its receipt can be shown again until the next one.
SENT = "report_sent"


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


def _text(data: QueryDict, name: str, limit: int = 1000) -> str:
    return data.get(name, "")[:limit]


# --- keeping what was typed -------------------------------------------------------------------


def _take_what(draft: Draft, data: QueryDict) -> None:
    if "service" in data:
        draft.service = _text(data, "service", 60)
    draft.query = _text(data, "q", 200)


def _take_where(draft: Draft, data: QueryDict) -> None:
    draft.place = _text(data, "place", 80)
    draft.address = _text(data, "address")
    draft.latitude = _text(data, "latitude", 40)
    draft.longitude = _text(data, "longitude", 40)


def _take_details(draft: Draft, data: QueryDict) -> None:
    draft.text = _text(data, "text", LONGEST_KEPT)
    service = catalogue().service(draft.service)
    for question in service.questions if service else ():  # type: ignore[attr-defined]
        name = f"answers-{question.code}"
        if name in data:
            draft.answers[question.code] = _text(data, name)


TAKE = {"what": _take_what, "where": _take_where, "details": _take_details, "who": who_step.take}


@private
@require_POST
def save(request: HttpRequest, name: str) -> HttpResponse:
    """The page's script keeps what is being typed; nothing is judged."""
    if name not in TAKE:
        return HttpResponse(status=404)
    draft = draft_of(request)
    if draft is None:
        if name != "what":
            return HttpResponse(status=409)
        draft = Draft()
    TAKE[name](draft, request.POST)
    keep(request, draft)
    return HttpResponse(status=204)


@private
@require_POST
def start_again(request: HttpRequest) -> HttpResponse:
    discard(request)
    return redirect("portal:submit")


# --- the steps --------------------------------------------------------------------------------


@private
@require_http_methods(["GET", "HEAD", "POST"])
def what(request: HttpRequest) -> HttpResponse:
    draft = draft_of(request)
    if request.method == "POST":
        draft = draft or Draft()
        _take_what(draft, request.POST)
        keep(request, draft)
        problems = progress_of(request, draft).problems["what"]
        if not problems:
            return redirect("portal:where")
        choice = Choice.of(request.POST, draft)
    else:
        problems = Problems()
        choice = Choice.of(request.GET, draft)
    context = _frame("what", draft, choice=choice, found=chosen(choice), service=None)
    if request.headers.get("HX-Request") == "true" and request.method == "GET":
        return shown(request, "portal/services.html", context)
    return shown(request, "portal/what.html", context, problems)


def _begun(request: HttpRequest, name: str) -> tuple[Draft | None, HttpResponse | None]:
    """The draft, or where to go first: nobody describes what they have not named."""
    draft = draft_of(request)
    if draft is None:
        return None, redirect("portal:done" if SENT in request.session else "portal:submit")
    missing = progress_of(request, draft).missing_before(name)
    return draft, redirect(missing.url) if missing else None


@private
@require_http_methods(["GET", "HEAD", "POST"])
def where(request: HttpRequest) -> HttpResponse:
    draft, elsewhere = _begun(request, "where")
    if draft is None or elsewhere:
        return elsewhere or redirect("portal:submit")
    problems = Problems()
    if request.method == "POST":
        _take_where(draft, request.POST)
        keep(request, draft)
        problems = progress_of(request, draft).problems["where"]
        if not problems:
            return redirect("portal:details")
    return shown(
        request,
        "portal/where.html",
        _frame("where", draft, groups=groups_of_places(), map_tiles=settings.SAWT_MAP_TILES),
        problems,
    )


@private
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    draft, elsewhere = _begun(request, "details")
    if draft is None or elsewhere:
        return elsewhere or redirect("portal:submit")
    service = _service(draft)
    problems = Problems()
    unseen: list[questions.Asked] = []
    if request.method == "POST":
        _take_details(draft, request.POST)
        keep(request, draft)
        # Without script a question appears only after the answer it depends on was sent.
        seen = request.POST.getlist("seen")
        unseen = [
            row
            for row in questions.asked(service, draft.answers)
            if row.condition and row.is_shown and row.code not in seen
        ]
        problems = progress_of(request, draft).problems["details"]
        for row in unseen:
            problems.found.pop(row.id, None)
        if not problems and not unseen:
            return redirect("portal:who")
    context = _frame(
        "details",
        draft,
        asked=questions.asked(service, draft.answers),
        unseen=unseen,
        left=max(0, TEXT_MAXIMUM - len(draft.text)),
    )
    return shown(request, "portal/details.html", context, problems)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def who(request: HttpRequest) -> HttpResponse:
    draft, elsewhere = _begun(request, "who")
    if draft is None or elsewhere:
        return elsewhere or redirect("portal:submit")
    problems = Problems()
    if request.method == "POST":
        problems = who_step.handle(request, draft, request.POST)
        if not problems:
            if who_step.is_step_done(request.POST):
                problems = progress_of(request, draft).problems["who"]
                if not problems:
                    return redirect("portal:review")
            else:
                return redirect("portal:who")
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
        return redirect("portal:done" if SENT in request.session else "portal:submit")
    problems = Problems()
    if request.method == "POST":
        if request.POST.get("ok"):
            try:
                return _send(request, draft)
            except DomainError as error:
                problems = problems_of(error)
                if isinstance(error, Invalid):
                    problems = Problems()
        else:
            problems.add("ok", _("Confirm that what you wrote is true to your knowledge."))
    progress = progress_of(request, draft)
    missing = progress.first_missing()
    if missing or progress.prepared is None:
        return redirect((missing or STEPS[0]).url)
    context = _frame(
        "review",
        draft,
        prepared=progress.prepared,
        answered=questions.answered(_service(draft), draft),
        sender=None if draft.is_anonymous else access.sender_of(request),
        has_national_id=bool(draft.national_id),
    )
    return shown(request, "portal/review.html", context, problems)


def _send(request: HttpRequest, draft: Draft) -> HttpResponse:
    # Judged by the same rules as the page: a session that has ended meanwhile sends nobody's report.
    if progress_of(request, draft).first_missing():
        raise Invalid([DomainError(Code.INVALID)])
    sender = None if draft.is_anonymous else access.sender_of(request)
    sender_id = sender.pk if sender else None
    given = draft.as_input(sender_id=sender_id, language=get_language() or "ar")
    try:
        report = actions.submit(given, actor=SenderActor(sender_id=sender_id)).report
        changed = False
    except DomainError as error:
        if error.code != Code.IDEMPOTENCY_CONFLICT:
            raise
        # It had arrived, the answer got lost, and the draft was changed: what arrived is what counts.
        kept = (
            IdempotencyKey.objects.filter(Q(client=given.client), key=given.idempotency_key)
            .select_related("report")
            .first()
        )
        if kept is None or kept.report is None:
            raise
        report, changed = kept.report, True
    access.open_report(request, report)
    request.session[SENT] = {"id": report.pk, "changed": changed}
    discard(request)
    return redirect("portal:done")


@private
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    sent = request.session.get(SENT)
    report = (
        Report.objects.filter(pk=sent["id"]).select_related("service", "place", "entity", "sender").first()
        if isinstance(sent, dict)
        else None
    )
    if report is None or report.pk not in access.opened(request):
        return redirect("portal:submit")
    secret = secret_for(report.public_id, report.secret_version)
    return shown(
        request,
        "portal/done.html",
        {
            "report": report,
            "secret": secret,
            "changed": bool(sent and sent.get("changed")),
            "qr": qr_path(request, report.reference, secret),
        },
    )
