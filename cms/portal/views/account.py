"""My reports: signing in with a code to one's mobile, the list, signing out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from cms.notifications import codes
from cms.reports import following, senders
from cms.reports.actors import SenderActor
from cms.reports.errors import DomainError
from cms.reports.models import Report, Sender
from cms.reports.splitting import known_as
from cms.reports.workflow import OPEN, State
from search.cases import public_case

from .. import access, me_too, wording
from ..pages import private, shown
from ..problems import Problems
from ..returned import forget, give_back, given_back
from .similar import after
from .who import phone_of

PAGE = 20
# The number (E.164) that the sign-in code went to.
CODE_SENT_TO = "report_sign_in_phone"
FORM = "sign_in"

# A merged report stands where its primary does, but no reply of its sender is waited for.
_OPEN = Q(state__in=OPEN) | Q(state=State.MERGED, merged_into__state__in=OPEN)
_ANSWERED = Q(state=State.ANSWERED) | Q(state=State.MERGED, merged_into__state=State.ANSWERED)

# Itself or a part of it.
_WAITING = Q(state=State.AWAITING_SENDER) | Q(
    Exists(Report.objects.filter(parent=OuterRef("pk"), state=State.AWAITING_SENDER))
)

FILTERS: dict[str, tuple[Any, Q]] = {
    "": (pgettext_lazy("my reports", "All"), Q()),
    "waiting": (pgettext_lazy("my reports", "Waiting for my reply"), _WAITING),
    "open": (pgettext_lazy("my reports", "Open"), _OPEN),
    "answered": (pgettext_lazy("my reports", "Answered"), _ANSWERED),
    "ended": (pgettext_lazy("my reports", "Ended"), ~(_OPEN | _ANSWERED)),
}


@private
@require_http_methods(["GET", "HEAD", "POST"])
def my_reports(request: HttpRequest) -> HttpResponse:
    sender = access.sender_of(request)
    if sender is None:
        return _sign_in(request)
    if request.method == "POST":
        return redirect("portal:my_reports")
    return _list(request, sender)


def _sign_in(request: HttpRequest) -> HttpResponse:
    sent_to: str = request.session.get(CODE_SENT_TO, "")
    if request.method == "POST":
        problems = Problems()
        pressed = request.POST.get("do", "")
        typed = request.POST.get("phone", "")[:40]
        try:
            _press(request, pressed, typed, sent_to, problems)
        except DomainError as error:
            problems.take(error, default="code" if pressed in ("confirm", "again") else "phone")
        if problems:
            give_back(request, FORM, problems, {"phone": typed})
        else:
            forget(request, FORM)
        if (sender := access.sender_of(request)) and (wanted := me_too.wanted(request)):
            me_too.follow(request, sender, wanted)
            return redirect(after(request))
        return redirect("portal:my_reports")
    back = given_back(request, FORM)
    fresh = back if back and back.is_fresh else None
    context = {
        "typed": fresh.typed if fresh else {},
        "code_sent_to": sent_to,
        "wants_to_follow": bool(me_too.wanted(request)),
        "is_demo": settings.SAWT_DEMO,
    }
    return shown(request, "portal/sign_in.html", context, fresh.problems if fresh else None)


def _press(request: HttpRequest, pressed: str, typed: str, sent_to: str, problems: Problems) -> None:
    """What the button says: another number, the code that came, a code (again)."""
    if pressed == "other":
        request.session.pop(CODE_SENT_TO, None)
    elif pressed == "confirm" and sent_to:
        code = request.POST.get("code", "").strip()[:20]
        if not code:
            problems.add("code", _("Write the verification code from the message."))
            return
        codes.verify_code(sent_to, code, client=access.client_of(request), at=timezone.now())
        request.session.pop(CODE_SENT_TO, None)
        access.sign_in(request, senders.sign_in(sent_to, language=get_language() or "ar"))
    else:
        phone = sent_to if pressed == "again" and sent_to else phone_of(typed)
        codes.request_code(
            phone, client=access.client_of(request), language=get_language() or "ar", at=timezone.now()
        )
        request.session[CODE_SENT_TO] = phone


def _after(text: str) -> tuple[datetime, int] | None:
    """Where the last page ended: the moment and id of its last row."""
    stamp, _sep, pk = text.rpartition("~")
    try:
        at = datetime.fromisoformat(stamp)
        return (at.astimezone(UTC), int(pk)) if timezone.is_aware(at) else None
    except (ValueError, OverflowError):
        return None


def _list(request: HttpRequest, sender: Sender) -> HttpResponse:
    seen = Report.objects.visible_to(SenderActor(sender_id=sender.pk))
    # A part is read on the page of the report that it was split from.
    mine = seen.filter(parent=None)
    name = request.GET.get("show", "")
    name = name if name in FILTERS else ""
    counts = mine.aggregate(
        **{key or "all": Count("pk", filter=rule) for key, (_label, rule) in FILTERS.items()}
    )
    rows = mine.filter(FILTERS[name][1])
    if last := _after(request.GET.get("after", "")):
        rows = rows.filter(Q(submitted_at__lt=last[0]) | Q(submitted_at=last[0], pk__lt=last[1]))
    page = list(
        rows.select_related("service", "place", "entity", "merged_into").order_by("-submitted_at", "-pk")[
            : PAGE + 1
        ]
    )
    more = page[PAGE - 1] if len(page) > PAGE else None
    now = timezone.now()
    waiting_ones = seen.filter(state=State.AWAITING_SENDER)
    waiting = waiting_ones.select_related("service", "place", "parent").first()
    context = {
        "sender": sender,
        "rows": [
            {
                "report": report,
                "title": wording.title(report),
                "badge": wording.badge(report),
                "is_late": wording.is_late(report, now),
            }
            for report in page[:PAGE]
        ],
        "filters": [
            {"name": key, "label": label, "count": counts[key or "all"], "current": key == name}
            for key, (label, _rule) in FILTERS.items()
            if not key or counts[key] or key == name
        ],
        "total": counts[name or "all"],
        "show": name,
        "next_page": f"{more.submitted_at.isoformat()}~{more.pk}" if more else "",
        "is_first_page": not last,
        "followed": [
            (case, me_too.badge_of(case))
            for case in (public_case(row.report) for row in following.followed_by(sender))
        ]
        if not last
        else [],
        "waiting": waiting,
        "waiting_title": wording.title(waiting) if waiting else "",
        "waiting_reference": known_as(waiting) if waiting else "",
        "waiting_count": waiting_ones.count() if waiting else 0,
    }
    return shown(request, "portal/my_reports.html", context)


@private
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    access.sign_out(request)
    return redirect("portal:my_reports")
