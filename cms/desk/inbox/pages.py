"""The account's own inbox: what one was told, unread and read; each leads to its report, which asks again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cms.notifications import inbox
from cms.notifications.models import Notice
from cms.notifications.staff import text_of
from cms.notifications.titles import event_title
from cms.reports.actors import StaffActor
from cms.reports.models import Report
from permissions.policy import Scope

from ..access import actor_of_request, scope_of_request
from ..searching.watching import EVENT as WATCHED

SIZE = 30


@dataclass(frozen=True)
class Line:
    notice: Notice
    title: str
    text: str
    leads: bool

    @classmethod
    def of(cls, notice: Notice) -> Line:
        hidden = notice.report is not None and notice.report.is_confidential
        title = event_title("staff_confidential" if hidden else notice.event)
        leads = notice.report is not None or notice.event == WATCHED
        return cls(notice, title, text_of(notice, get_language() or "ar"), leads)


def guarded(request: HttpRequest) -> Scope:
    """Everybody who serves somewhere has an inbox."""
    scope = scope_of_request(request)
    if scope.user_id is None:
        raise PermissionDenied
    return scope


@never_cache
@require_safe
def inbox_page(request: HttpRequest) -> HttpResponse:
    scope = guarded(request)
    user = actor_of_request(request).user
    rows = inbox.notices_of(user, scope)
    unread = rows.filter(read_at=None).count()
    everything = "all" in request.GET
    shown = rows if everything else rows.filter(read_at=None)
    if (before := _before(request)) is not None:
        at, pk = before
        shown = shown.filter(at__lte=at).exclude(at=at, pk__gte=pk)
    found = list(shown.select_related("report", "entity", "template")[: SIZE + 1])
    page, more = found[:SIZE], len(found) > SIZE
    title = gettext("Inbox")
    context = {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": "", "label": title},
        ],
        "header_title": title,
        "header_icon": "mail",
        "lines": [Line.of(notice) for notice in page],
        "unread": unread,
        "everything": everything,
        "until": page[0].at.isoformat() if page and before is None else "",
        "older": _cursor(page[-1]) if more else "",
    }
    return render(request, "desk/inbox.html", context)


def _cursor(notice: Notice) -> str:
    return f"{notice.at.isoformat()}~{notice.pk}"


def _before(request: HttpRequest) -> tuple[datetime, int] | None:
    at, _, pk = request.GET.get("before", "").partition("~")
    try:
        moment = parse_datetime(at)
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or not pk.isdecimal() or len(pk) > 18:
        return None
    return moment, int(pk)


@never_cache
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """How much is unread, for the menu: the number, and in words."""
    scope = guarded(request)
    unread = inbox.unread_count(actor_of_request(request).user, scope)
    return JsonResponse(
        {"unread": unread, "shown": str(min(unread, 99)) + ("+" if unread > 99 else ""), "said": said(unread)}
    )


def said(unread: int) -> str:
    return ngettext("%(n)d unread piece of news", "%(n)d unread pieces of news", unread) % {"n": unread}


def _own(request: HttpRequest, pk: int) -> Notice:
    """Somebody else's notice answers as a missing one."""
    guarded(request)
    rows = Notice.objects.filter(pk=pk, person_id=request.user.pk, in_inbox=True)
    notice: Notice | None = rows.select_related("report").first()
    if notice is None:
        raise Http404
    return notice


@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it, and go to what it is about: whether one may see that is asked there again."""
    notice = _own(request, pk)
    inbox.mark_read(actor_of_request(request).user, at=timezone.now(), pk=pk)
    if notice.event == WATCHED:
        return redirect("desk:searches")
    if notice.report is None:
        return redirect("desk:queue")
    return redirect("desk:report", notice.report.public_id)


@require_POST
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    _own(request, pk)
    inbox.mark_read(actor_of_request(request).user, at=timezone.now(), pk=pk)
    return _back(request)


@require_POST
def mark_all(request: HttpRequest) -> HttpResponse:
    """All that one has had before one's eyes: what came since stays unread."""
    guarded(request)
    try:
        until = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        raise Http404
    done = inbox.mark_read(actor_of_request(request).user, at=timezone.now(), until=until)
    messages.success(request, ngettext("%(n)d marked as read.", "%(n)d marked as read.", done) % {"n": done})
    return redirect("desk:inbox")


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(reverse("desk:inbox") + ("?all" if "all" in request.POST else ""))


@require_safe
def by_reference(request: HttpRequest, reference: str) -> HttpResponse:
    """Where the short links of messages lead: the report, for who sees it; a hidden one is a missing one."""
    scope = guarded(request)
    actor: StaffActor = actor_of_request(request)
    rows = Report.objects.visible_to(actor, scope).filter(reference=reference.upper())
    public_id: Any = rows.values_list("public_id", flat=True).first()
    if public_id is None:
        raise Http404
    return redirect("desk:report", public_id)


@require_safe
def short(request: HttpRequest, reference: str = "") -> HttpResponse:
    """`/s/…`: says nothing by itself, and asks to sign in."""
    if reference:
        return redirect("desk:by_reference", reference)
    return redirect("desk:inbox")
