"""Writing to another entity in one's entity's name: a form that keeps all that is typed and uploaded."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cms.entities.asking import asked, groups_of_places
from cms.entities.models import Privacy, Service
from cms.entities.snapshot import catalogue
from cms.reports import actions
from cms.reports.errors import Code, DomainError
from cms.reports.files import intake
from cms.reports.files.intake import Files
from cms.reports.files.kinds import ACCEPT
from cms.reports.models import IdempotencyKey, Report
from cms.uploads import refused_files
from permissions.policy import Scope

from ..access import scope_of_request, sender_of_request, sends_for_an_entity
from ..entering import ANSWERS, Screen
from ..report.files import CUT_OFF, about_file
from .listing import own_entities
from .typed import Typed, client, new_key

SCREEN = Screen(
    fields={
        ("fromEntity",): "sender",
        ("toEntity",): "to",
        ("letterNumber",): "number",
        ("letterDate",): "day",
        ("attachments",): "files",
    },
    missing={
        "sender": gettext_lazy("Choose in whose name you write."),
        "service": gettext_lazy("Choose what it is about."),
        "place": gettext_lazy("Choose the place."),
        "address": gettext_lazy("Describe in words where exactly it is."),
        "number": gettext_lazy("Write the number of your letter."),
        "text": gettext_lazy("Write what you ask of the entity."),
    },
    order=(
        *("", "service", ANSWERS, "place", "address", "title", "text"),
        *("sender", "to", "number", "day", "files"),
    ),
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def letter_page(request: HttpRequest) -> HttpResponse:
    scope = scope_of_request(request)
    if not sends_for_an_entity(scope):
        raise PermissionDenied
    if request.method != "POST":
        return _shown(request, Typed(key=new_key(), to=request.GET.get("to", "")[:80]), scope)
    typed = Typed.of(request.POST)
    person: Any = request.user
    if (made := _arrived(person.pk, typed.key)) is not None:
        return _done(request, made)
    owner = _owner(person.pk, typed.key)
    problems = _take_files(request, owner)
    if request.POST.get("do") != "send":
        part = request.POST.get("do") == "choose" and request.headers.get("HX-Request") == "true"
        return _shown(request, typed, scope, problems, part=part, unseen=bool(_unseen(typed)))
    files = Files(tuple(str(row.public_id) for row in intake.waiting(owner)), owner)
    given = typed.as_input(user_id=person.pk, files=files)
    if typed.day and typed.date is None:
        problems["day"] = DomainError(Code.INVALID).message
    if problems or _unseen(typed):
        problems = SCREEN.with_all(problems, lambda: given, service=typed.service, unseen=_unseen(typed))
        return _shown(request, typed, scope, problems, unseen=bool(_unseen(typed)))
    try:
        report = actions.submit(given, actor=sender_of_request(request)).report
    except DomainError as error:
        if (made := _arrived(person.pk, typed.key)) is not None:
            return _done(request, made)
        if error.code == Code.DENIED:
            raise PermissionDenied from None
        return _shown(request, typed, scope, SCREEN.problems_of(error, service=typed.service))
    return _done(request, report)


def _unseen(typed: Typed) -> frozenset[str]:
    """The questions of a service that was chosen without script: no screen has shown them yet."""
    if typed.service is None or typed.asked_for == typed.service_code:
        return frozenset()
    return frozenset(row.code for row in asked(typed.service, typed.answers) if row.is_shown)


def _owner(user_id: int, key: str) -> str:
    """Whose the files of this form are while it is written."""
    return f"letter:{user_id}:{key}"


def _arrived(user_id: int, key: str) -> Report | None:
    """The report that this form has made already: a second press finds it."""
    kept = IdempotencyKey.objects.filter(client=client(user_id), key=key).select_related("report")
    first = kept.first()
    return first.report if first else None


def _take_files(request: HttpRequest, owner: str) -> dict[str, str]:
    """What came with this press joins what came before; what was crossed out goes."""
    dropped = set(request.POST.getlist("drop")[:20])
    intake.drop([row for row in intake.waiting(owner) if str(row.public_id) in dropped])
    errors = [about_file(name, CUT_OFF[code]()) for code, name in refused_files(request)]
    for sent in request.FILES.getlist("files"):
        try:
            intake.take(sent.read(), sent.name, owner=owner)
        except DomainError as error:
            errors.append(about_file(sent.name, error))
    return {"files": " ".join(error.message for error in errors)} if errors else {}


def _done(request: HttpRequest, report: Report) -> HttpResponse:
    said = gettext("%(reference)s was sent.") % {"reference": report.reference}
    messages.success(request, said)
    return redirect("desk:sent_report", report.public_id)


def _services(scope: Scope, own: set[int]) -> dict[str, list[Service]]:
    """By category; what is confidential only for who may follow it."""
    named = scope.everywhere("view_confidential") or bool(own & scope.at("view_confidential"))
    groups: dict[str, list[Service]] = {}
    for service in catalogue().services:
        if named or service.privacy != Privacy.CONFIDENTIAL:
            groups.setdefault(service.category.name, []).append(service)
    return groups


def _shown(
    request: HttpRequest,
    typed: Typed,
    scope: Scope,
    problems: dict[str, str] | None = None,
    *,
    part: bool = False,
    unseen: bool = False,
) -> HttpResponse:
    known = catalogue()
    own = own_entities(known, scope)
    person: Any = request.user
    context = {
        "typed": typed,
        "own": own,
        "entities": [entity for entity in known.entities if [entity] != own],
        "services": _services(scope, {entity.pk for entity in own}),
        "service": typed.service,
        "asked": asked(typed.service, typed.answers) if typed.service else [],
        "unseen": unseen,
        "groups": groups_of_places(),
        "kept_files": list(intake.waiting(_owner(person.pk, typed.key))),
        "accept": ACCEPT,
        "errors": problems or {},
    }
    if part:
        return render(request, "desk/sent/asks.html", context)
    title = gettext("Write to an entity")
    context |= {
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
            {"url": reverse("desk:sent"), "label": gettext("Sent by us")},
            {"url": "", "label": title},
        ],
        "header_title": title,
        "header_icon": "mail",
    }
    return render(request, "desk/sent/letter.html", context, status=422 if problems else 200)
