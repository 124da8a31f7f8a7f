"""Following one report: by number and code, by the link in a message, or signed in; and answering there."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from cms.entities.snapshot import catalogue
from cms.reports import actions, timeline, tracking
from cms.reports.actors import SenderActor
from cms.reports.errors import Code, DomainError
from cms.reports.facts import APPEAL_WINDOW
from cms.reports.files.kinds import ACCEPT
from cms.reports.merging import primary_of
from cms.reports.models import Reason, Report
from cms.reports.policies import available_actions
from cms.reports.reference import parse
from cms.reports.splitting import known_as, part_of, parts_of

from .. import access, files, questions, wording
from ..drafts import Draft
from ..pages import private, shown
from ..problems import Problems
from ..returned import forget, give_back, given_back, said_once

# The form for the number and the secret, among those that were refused.
FORM = "track"


@private
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _open(request, request.POST.get("reference", "")[:500], request.POST.get("secret", "")[:500])
    back = given_back(request, FORM)
    fresh = back if back and back.is_fresh else None
    asked = "".join(sign for sign in request.GET.get("reference", "")[:60] if sign.isprintable())
    reference = asked or (fresh.typed["reference"] if fresh else "")
    context = {"reference": reference, "is_returned": bool(fresh)}
    return shown(request, "portal/track.html", context, fresh.problems if fresh else None)


def _open(request: HttpRequest, reference: str, secret: str) -> HttpResponse:
    problems = Problems()
    for name, value, message in (
        ("reference", reference, _("Write the report's number.")),
        ("secret", secret, _("Write the secret code.")),
    ):
        if not value.strip():
            problems.add(name, message)
    if not problems:
        try:
            report = tracking.find(reference, secret, client=access.client_of(request))
        except DomainError as error:
            problems.take(error, default="reference")
        else:
            if report is not None:
                forget(request, FORM)
                access.open_report(request, report)
                return redirect("portal:report", reference=report.reference)
            # Which of the two is wrong is not told.
            problems.add("secret", _("The report number and the secret code do not match. Check both."))
    # The secret is kept nowhere: it is written again.
    give_back(request, FORM, problems, {"reference": reference})
    return redirect("portal:track")


def _found(request: HttpRequest, reference: str, number: int | None) -> tuple[Report, SenderActor] | None:
    """The report, or that part of it, for who may see it."""
    try:
        canonical = parse(reference, settings.SAWT_REFERENCE_PREFIX)
    except DomainError:
        return None
    found = access.report_of(request, canonical)
    if found is None or number is None:
        return found
    part = part_of(found[0], number)
    return (part, found[1]) if part is not None else None


def _address(reference: str, number: int | None) -> str:
    if number is None:
        return reverse("portal:report", args=[reference])
    return reverse("portal:part", args=[reference, number])


@private
@require_http_methods(["GET", "HEAD"])
def report(request: HttpRequest, reference: str, number: int | None = None) -> HttpResponse:
    found = _found(request, reference, number)
    if found is None:
        # The same for a report that exists and for one that does not.
        return redirect("portal:track")
    return _page(request, *found, number)


def _form(report: Report) -> str:
    return f"report:{report.pk}"


def _page(request: HttpRequest, report: Report, actor: SenderActor, number: int | None) -> HttpResponse:
    back = said_once(request, _form(report))
    typed = back.typed if back else {}
    now = timezone.now()
    # With its questions, from the catalogue; a service that was ended since has none to show.
    service = catalogue().service_by_id(report.service_id)
    may = set(available_actions(actor, report))
    writes = next((action for action in ("sender_reply", "add_information") if action in may), "")
    problems = _of_offered(back.problems if back else Problems(), may | ({"write"} if writes else set()))
    entries = timeline.sender_timeline(report)
    badge = wording.badge(report)
    attached = files.of_conversation(report)
    primary = primary_of(report)
    reference = known_as(report)
    context: dict[str, Any] = {
        "report": report,
        # Of a part: the number, page and title that its sender knows the whole by.
        "reference": reference,
        "whole": report.parent,
        "whole_title": wording.title(report.parent) if report.parent is not None else "",
        "number": number,
        "here": _address(reference, number),
        "parts": [
            {"report": part, "url": _address(reference, order), "badge": wording.badge(part), "number": order}
            for order, part in enumerate(parts_of(report), start=1)
        ],
        "title": wording.title(report),
        "badge": badge,
        "is_merged": primary is not None,
        # Who has it, and until when it may be reopened: a merged report stands where its primary does.
        "holder": (primary or report).entity,
        "reopen_until": (primary or report).reopen_until,
        "lead": wording.lead(report, entries),
        "is_late": wording.is_late(report, now),
        "may": may,
        "appeal_until": report.closed_at + APPEAL_WINDOW if "appeal" in may and report.closed_at else None,
        "writes": writes,
        "answer": timeline.answer_of(report),
        "messages_of_report": timeline.conversation(report),
        "files": attached,
        "report_files": attached.get(None, []),
        "accept": ACCEPT,
        "kept_files": files.of_message(request, report) if writes else [],
        "lines": wording.lines(entries),
        "dates": wording.dates(report),
        "rating": report.ratings.filter(round=report.round).first(),
        "reasons": Reason.objects.filter(used_for="reopen").order_by("pk") if "reopen" in may else [],
        "answered": questions.answered(service, Draft(answers=report.answers)) if service else [],
        "typed": typed,
        "acting": typed.get("acting", ""),
        "is_open": wording.is_open(report),
    }
    return shown(request, "portal/report.html", context, problems)


def _of_offered(problems: Problems, offered: set[str]) -> Problems:
    """Without those of a form that the report has outlived: their links would lead nowhere."""
    gone = set(ACTIONS) - offered
    found = {name: words for name, words in problems.found.items() if name.partition("-")[0] not in gone}
    return Problems(found, problems.names)


TOO_LATE = (Code.WRONG_STATE, Code.NOT_AVAILABLE)
MOVED_ON = _("Nothing was done: the report has moved on since you opened this page. It is now “%(state)s”.")

# The URL's word → what the site lets a sender do. 'write' is a reply or added information, as the state says.
ACTIONS = ("write", "accept", "rate", "reopen", "appeal", "withdraw")

THANKS = {
    "write": _("Your message was sent."),
    "accept": _("Thank you. The report is closed."),
    "rate": _("Thank you for rating the reply."),
    "reopen": _("The report is open again, with a new date."),
    "appeal": _("Your appeal was received. A supervisor decides on it who did not reject the report."),
    "withdraw": _("The report was withdrawn."),
}


@private
@require_POST
def act(request: HttpRequest, reference: str, action: str, number: int | None = None) -> HttpResponse:
    if action not in ACTIONS:
        raise Http404
    found = _found(request, reference, number)
    if found is None:
        return redirect("portal:track")
    report, actor = found
    typed = {name: request.POST.get(name, "")[:20_000] for name in ("text", "comment", "score", "reason")}
    try:
        _do(request, action, report, actor, typed)
    except (DomainError, files.Refused) as error:
        problems = Problems()
        if isinstance(error, DomainError) and error.code in TOO_LATE:
            # Nothing to correct: the page was older than the report. What was typed is kept.
            report.refresh_from_db()
            messages.warning(request, MOVED_ON % {"state": wording.badge(report).label})
        elif isinstance(error, files.Refused):
            problems.add(f"{action}-files", error.said)
        else:
            # Several forms stand on this page, so a field's id begins with its form.
            problems.take(_at_explanation(error, typed) if action == "reopen" else error, form=action)
        give_back(request, _form(report), problems, {**typed, "acting": action})
    else:
        forget(request, _form(report))
        messages.success(request, THANKS[action])
    return redirect(_address(known_as(report), number))


def _do(request: HttpRequest, action: str, report: Report, actor: SenderActor, typed: dict[str, str]) -> None:
    score = _score(typed["score"])
    match action:
        case "write":
            with files.sent_with(request, report) as sent:
                actions.write(report.pk, actor=actor, text=typed["text"], files=sent)
        case "accept":
            actions.accept(report.pk, actor=actor, score=score, comment=typed["comment"])
        case "rate":
            if score is None:
                raise DomainError(Code.REQUIRED, _("Choose from one to five stars."), field="score")
            actions.rate(report.pk, actor=actor, score=score, comment=typed["comment"])
        case "reopen":
            actions.reopen(report.pk, actor=actor, reason_code=typed["reason"], text=typed["text"])
        case "appeal":
            actions.appeal(report.pk, actor=actor, text=typed["text"])
        case "withdraw":
            actions.withdraw(report.pk, actor=actor, text=typed["text"])


def _at_explanation(error: DomainError, typed: dict[str, str]) -> DomainError:
    """To the API a reason is a text. Here it is a choice and a text, and who has chosen lacks the text."""
    if error.field != ("reason",) or error.code == Code.NOT_FOUND or not (typed["reason"] or typed["text"]):
        return error
    if error.code == Code.REQUIRED:
        return DomainError(error.code, _("Explain in a few words"), field="text")
    error.field = ("text",)
    return error


def _score(text: str) -> int | None:
    if not text:
        return None
    if text not in ("1", "2", "3", "4", "5"):
        raise DomainError(Code.INVALID, field="score")
    return int(text)
