"""The end of a submission: the review, sending, and the page that says what came of it."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from cms.reports import actions
from cms.reports.actors import SenderActor
from cms.reports.errors import DomainError
from cms.reports.facts import sender_is_reachable
from cms.reports.models import SenderCategory
from cms.reports.secrets import secret_for

from .. import access, files, questions, receipts, windows
from ..drafts import Draft, address_of, draft_of, is_unnamed, named
from ..pages import private, shown
from ..problems import Problems
from ..qr import qr_path
from ..returned import forget
from ..steps import BY_NAME, STEPS, progress_of
from .stepping import by_name, elsewhere, frame, problems_again, refused, service_of

CHANGED = _("This report was changed in another window. Read it again before you send it.")


@private
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    draft = draft_of(request)
    if draft is None:
        # The second press of a button whose first has arrived.
        return elsewhere(request)
    if receipts.arrived(draft):
        # It has arrived and the answer was lost; the form need not be right any more.
        return _send(request, draft)
    progress = progress_of(request, draft)
    missing = progress.first_missing()
    if missing or progress.prepared is None:
        # Judged by the same rules as the page: a session that has ended meanwhile sends nobody's report.
        name = (missing or STEPS[0]).name
        return (
            refused(request, name)
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
        return refused(request, "review", problems)
    if is_unnamed(request):
        return by_name(request, draft)
    problems = problems_again(request, draft, "review")
    context = frame(
        "review",
        draft,
        prepared=progress.prepared,
        # As they are kept: digits of any script are the same number.
        answered=questions.answered(service_of(draft), Draft(answers=progress.prepared.checked.answers)),
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
