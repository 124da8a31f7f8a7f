"""The contact centre: one screen for a call, what came of it, and what this agent has entered.

Every press of the one form keeps all that is typed. `do` says what was pressed; htmx asks for a part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from cms.entities.snapshot import catalogue
from cms.reports import actions
from cms.reports.entered import entered_by
from cms.reports.errors import Code, DomainError
from cms.reports.models import Report
from cms.reports.secrets import secret_for
from cms.reports.texts import clean_text
from permissions.policy import Scope

from ..access import actor_of_request, scope_of_request
from ..queue import paging
from ..queue.rows import place_name
from . import caller, calls, screen
from .calls import Call
from .problems import SCREEN
from .typed import CHANNELS, Typed

# Rows of a list, and of the card on the first screen.
PAGE, FIRST = 25, 5
NEWEST = paging.ORDERS["new"]
COLUMNS = (
    *("reference", "state", "channel", "place_id", "submitted_at", "service", "merged_into"),
    *("service__name_ar", "service__name_en", "merged_into__state"),
)
PARTS = {"find": "desk/centre/services.html", "choose": "desk/centre/chosen.html"}


def for_agents(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For who takes reports; and never stored, since the next person may sit at the same desk."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not scope_of_request(request).everywhere("take_reports"):
            raise PermissionDenied
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def call_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        key = calls.begin(request)
        return _shown(request, Typed(key=key, channel=calls.channel(request) or Typed.channel), Call(key, ""))
    typed = Typed.of(request.POST)
    if not typed.has_key:
        typed = replace(typed, key=calls.new_key())
    call = calls.call_of(request, typed.key)
    match request.POST.get("do", ""):
        case "submit":
            return _enter(request, typed, call)
        case "send_code" | "check_code" | "other_number" as pressed:
            return _about_caller(request, typed, call, pressed)
        case pressed:
            return _shown(request, typed, call, part=PARTS.get(pressed, ""))


def _shown(
    request: HttpRequest,
    typed: Typed,
    call: Call,
    problems: dict[str, str] | None = None,
    *,
    part: str = "",
    unseen: frozenset[str] = frozenset(),
) -> HttpResponse:
    """The whole screen, or the part that htmx asked for."""
    context = screen.gather(typed, call, scope_of_request(request), problems or {}, unseen)
    if part and request.headers.get("HX-Request") == "true":
        return render(request, part, {**context, "is_part": True})
    context |= _frame(gettext("A new report"))
    return render(request, "desk/centre/call.html", context, status=422 if problems else 200)


def _frame(title: str) -> dict[str, Any]:
    return {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("desk:centre"), "label": gettext("Contact centre")},
            {"url": "", "label": title},
        ],
        "header_title": title,
        "header_icon": "sawt-phone",
    }


def _about_caller(request: HttpRequest, typed: Typed, call: Call, pressed: str) -> HttpResponse:
    problems: dict[str, str] = {}
    try:
        if pressed == "send_code":
            call = caller.send_code(request, typed, call)
        elif pressed == "check_code":
            call = caller.check_code(request, typed, call, request.POST.get("code", ""))
        else:
            calls.forget(request)
            call, typed = Call(typed.key, ""), replace(typed, phone="")
    except DomainError as error:
        problems = SCREEN.problems_of(error, default="phone" if pressed == "send_code" else "code")
    if request.headers.get("HX-Request") == "true":
        return _shown(request, typed, call, problems, part="desk/centre/caller.html")
    return _shown(request, typed, call, problems)


def _enter(request: HttpRequest, typed: Typed, call: Call) -> HttpResponse:
    """Submit it by the same action as every door; a second press finds what the first has made."""
    person: Any = request.user
    if kept := calls.arrived(person.pk, typed.key):
        return _arrived(request, kept, changed=_is_changed(kept, typed))
    sender = calls.caller_of(call)
    unseen = screen.unseen(typed)
    problems = screen.problems_before(typed, sender)
    given = typed.as_input(user_id=person.pk, sender_id=sender.pk if sender else None)
    if problems or unseen:
        problems = SCREEN.with_all(problems, lambda: given, service=typed.service, unseen=unseen)
        return _shown(request, typed, call, problems, unseen=unseen)
    calls.use_channel(request, typed.channel)
    try:
        report = actions.submit(given, actor=actor_of_request(request)).report
    except DomainError as error:
        if error.code == Code.DENIED:
            raise PermissionDenied from None
        if kept := calls.arrived(person.pk, typed.key):
            return _arrived(request, kept, changed=True)
        return _shown(request, typed, call, SCREEN.problems_of(error, service=typed.service))
    return _arrived(request, report)


def _is_changed(report: Report, typed: Typed) -> bool:
    try:
        text = clean_text(typed.text, field="text", maximum=len(typed.text) or 1)
    except DomainError:
        return True
    return (report.service.code, report.place.code, report.text) != (typed.service_code, typed.place, text)


def _arrived(request: HttpRequest, report: Report, *, changed: bool = False) -> HttpResponse:
    calls.hand_over(request, report, changed=changed)
    return redirect("desk:centre_done")


@require_safe
@for_agents
def done_page(request: HttpRequest) -> HttpResponse:
    """The number and the secret to read out, until the next call begins."""
    sent = calls.sent(request)
    if sent is None:
        return redirect("desk:centre")
    report = sent.report
    context = {
        "report": report,
        "secret": secret_for(report.public_id, report.secret_version),
        "changed": sent.is_changed,
        **_frame(gettext("The report has arrived")),
    }
    return render(request, "desk/centre/done.html", context)


@require_safe
@for_agents
def entered_page(request: HttpRequest) -> HttpResponse:
    """What this agent entered: numbers and the sender's states, and nothing that happened at the entity."""
    scope = scope_of_request(request)
    found, previous, following = paging.page(
        listed(scope),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE,
        order=NEWEST,
    )
    context = {
        "rows": present(found),
        "previous": previous,
        "following": following,
        **_frame(gettext("Entered by me")),
    }
    return render(request, "desk/centre/entered.html", context)


def listed(scope: Scope) -> Any:
    rows = entered_by(scope).select_related("service", "merged_into")
    return rows.only(*COLUMNS)


def newest(scope: Scope) -> list[dict[str, Any]]:
    return present(paging.page(listed(scope), size=FIRST, order=NEWEST)[0])


def present(reports: list[Report]) -> list[dict[str, Any]]:
    known = catalogue()
    return [
        {
            "line": caller.line(report),
            "place": place_name(report.place_id, known),
            "channel": CHANNELS.get(report.channel, ""),
        }
        for report in reports
    ]
